// The USDⓈ-M protocol without a server: requests and sockets by hand, time by hand. For tests beside the code.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type EmulatorOptions, startEmulator } from "../../emulator.ts";
import type { FrameTraits, SocketTalk, WireReply, WireRequest, WireSocket } from "../../protocol.ts";
import type { Universe } from "../../universe.ts";
import { signatureOf } from "../wire/signature.ts";
import { emulatedUsdm, USDM_INSTRUMENTS } from "./instruments.ts";
import { makeUsdm, type UsdmOptions } from "./protocol.ts";

export const START_MS = 1_700_000_000_000;
export const BTC = "BTC/USDT:USDT";

type Values = Readonly<Record<string, string | number | boolean>>;
export type Frame = Readonly<Record<string, unknown>>;

export interface HeldSocket {
  readonly frames: Frame[];
  readonly traits: FrameTraits[];
  readonly closed: { code: number | null };
  say(frame: unknown): void;
  readonly talk: SocketTalk;
}

export class Bench {
  readonly universe: Universe;
  private readonly advanceBy: (ms: number) => Promise<number>;
  private sockets = 0;

  constructor(universe: Universe, advanceBy: (ms: number) => Promise<number>) {
    this.universe = universe;
    this.advanceBy = advanceBy;
  }

  static async open(context: TestContext, given: UsdmOptions = {}, options: EmulatorOptions = {}): Promise<Bench> {
    const emulator = await startEmulator({
      registry: [
        {
          name: "binance-usdm",
          port: 0,
          instruments: USDM_INSTRUMENTS,
          emulated: emulatedUsdm,
          make: (world) => makeUsdm(world, given),
        },
      ],
      controlPort: null,
      market: { kind: "hand" },
      clock: { mode: "manual", startMs: START_MS },
      ...options,
    });
    context.after(() => emulator.close());
    return new Bench(emulator.control.universe, (advanceMs) => emulator.control.clock({ advanceMs }));
  }

  get operator(): Universe["operator"] {
    return this.universe.operator;
  }

  get protocol() {
    const protocol = this.universe.protocols.get("binance-usdm");
    assert.ok(protocol !== undefined);
    return protocol;
  }

  async later(ms: number): Promise<void> {
    await this.advanceBy(ms);
  }

  /** A request without a signature. */
  open(path: string, values: Values = {}, headers: Record<string, string> = {}): WireReply {
    return this.send({ method: "GET", path, query: encoded(values), headers, body: "" });
  }

  /** A signed request of the demo account; the reply as JSON. Refusals come as `{code, msg}`. */
  ask(route: string, values: Values = {}, key = "demo"): Frame {
    return JSON.parse(this.reply(route, values, key).body) as Frame;
  }

  list(route: string, values: Values = {}): readonly Frame[] {
    const found: unknown = this.ask(route, values);
    assert.ok(Array.isArray(found), JSON.stringify(found));
    return found as readonly Frame[];
  }

  code(route: string, values: Values = {}): unknown {
    return this.ask(route, values)["code"];
  }

  reply(route: string, values: Values, key = "demo"): WireReply {
    const [method, path] = route.split(" ") as [WireRequest["method"], string];
    const text = encoded({ ...values, timestamp: this.universe.time.nowMs() });
    const query = `${text}&signature=${signatureOf(`${key}-secret`, text)}`;
    return this.send({ method, path, query, headers: { "x-mbx-apikey": `${key}-key` }, body: "" });
  }

  place(values: Values = {}): Frame {
    return this.ask("POST /fapi/v1/order", { ...BUY, ...values });
  }

  socket(path: string, query = ""): HeldSocket {
    this.sockets += 1;
    const held = { frames: [] as Frame[], traits: [] as FrameTraits[], closed: { code: null as number | null } };
    const socket: WireSocket = {
      id: this.sockets,
      path,
      query,
      headers: {},
      peer: "127.0.0.1",
      send: (text, traits) => {
        held.frames.push(JSON.parse(text) as Frame);
        held.traits.push(traits);
      },
      ping: () => undefined,
      close: (code) => {
        held.closed.code = code;
      },
    };
    const talk = this.protocol.open(socket);
    assert.ok("heard" in talk, "the address is served");
    return { ...held, talk, say: (frame) => talk.heard(typeof frame === "string" ? frame : JSON.stringify(frame)) };
  }

  /** A socket that hears the demo account's events. */
  user(): HeldSocket {
    const { listenKey } = this.ask("POST /fapi/v1/listenKey") as { listenKey: string };
    return this.socket(`/private/ws/${listenKey}`);
  }

  private send(request: Omit<WireRequest, "peer">): WireReply {
    const replies: WireReply[] = [];
    this.protocol.http({ ...request, peer: "127.0.0.1" }, (reply) => replies.push(reply));
    const [reply] = replies;
    assert.ok(reply !== undefined && replies.length === 1, "answered exactly once");
    return reply;
  }
}

export const BUY = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "0.010",
  price: "59990",
} as const;

const encoded = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
