// A protocol for tests of the emulator itself: routes that place and cancel, and a socket that tells what its wallet is
// told. It checks nothing: what a real exchange would say is the business of the real protocols.

import { BTC_PERPETUAL, BTC_SPOT } from "../../../test/instruments.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { FrameTraits, Protocol, ProtocolName, WireReply, WireRequest, WireTraits } from "./protocol.ts";
import type { ProtocolEntry } from "./registry.ts";
import { type EmulatorWorld, walletOf } from "./world.ts";

const USER: FrameTraits = { kind: "user", event: "told", account: "demo", symbol: null };
const json = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? String(each) : each));

function echo(name: ProtocolName, world: EmulatorWorld): Protocol {
  const wallet = walletOf("demo", name);
  const unserved = new Map<string, number>();
  const http = (request: WireRequest): WireReply => {
    const asked = new URLSearchParams(request.query);
    const symbol = asked.get("symbol") ?? "";
    const id = asked.get("id") ?? "";
    if (request.path === "/time") return { status: 200, body: String(world.clock.nowMs()) };
    if (request.path === "/place") {
      const [price = 0, quantity = 0] = [asked.get("price"), asked.get("quantity")].map((text) =>
        Math.trunc(+(text ?? 0)),
      );
      const side = asked.get("side") === "sell" ? "sell" : "buy";
      const rules = { timeInForce: "GTC", postOnly: false, reduceOnly: false } as const;
      return {
        status: 200,
        body: json(world.place(wallet, { symbol, clientOrderId: id, side, price, quantity, ...rules })),
      };
    }
    if (request.path === "/cancel") return { status: 200, body: json(world.cancel(wallet, symbol, id)) };
    unserved.set(request.path, (unserved.get(request.path) ?? 0) + 1);
    return { status: 404, body: json({ no: request.path }) };
  };
  return {
    name,
    unserved,
    http: (request, reply) => reply(http(request)),
    traitsOf: (request): WireTraits => ({
      route: `${request.method} ${request.path}`,
      kind: request.path === "/place" ? "place" : "read",
      account: "demo",
      symbol: null,
      side: null,
      clientOrderId: null,
    }),
    failure: () => ({ status: 503, body: json({ failed: true }) }),
    open: (socket) => {
      if (socket.path !== "/told") return { status: 404, body: "" };
      const end = world.follow(wallet, (symbol, message) => socket.send(json({ symbol, message }), USER));
      return {
        heard: (text) => socket.send(text, { ...USER, kind: "reply" }),
        ponged: () => undefined,
        closed: end,
        subscriptions: ["told"],
      };
    },
    act: () => false,
    close: () => undefined,
  };
}

const entry = (name: ProtocolName, instrument: Instrument, wireName: string): ProtocolEntry => ({
  name,
  port: 0,
  instruments: [instrument],
  emulated: (now) => ({
    protocol: name,
    wireName,
    instrument: now,
    description: { symbol: wireName, status: now.status },
  }),
  make: (world) => echo(name, world),
});

export const ECHO: readonly ProtocolEntry[] = [
  entry("binance-usdm", BTC_PERPETUAL, "BTCUSDT"),
  entry("binance-spot", BTC_SPOT, "BTCUSDT"),
];
