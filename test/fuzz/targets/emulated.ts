// The emulator's request decoders: queries, bodies and WebSocket commands of both protocols, calls of its control API
// and its scripts. Answered exactly once, in the exchange's own words, whatever comes.

import { signatureOf } from "../../../src/exchange/emulator/binance/wire/signature.ts";
import { FieldError } from "../../../src/exchange/emulator/control/fields.ts";
import { CONTROL_ROUTES, knownNames } from "../../../src/exchange/emulator/control/routes.ts";
import { type Emulator, FREE_PORTS, startEmulator } from "../../../src/exchange/emulator/emulator.ts";
import { EmulatorError } from "../../../src/exchange/emulator/error.ts";
import type {
  ProtocolName,
  SocketTalk,
  WireReply,
  WireRequest,
  WireSocket,
} from "../../../src/exchange/emulator/protocol.ts";
import { parseScript } from "../../../src/exchange/emulator/script.ts";
import { BrokenLaw, type Decoder, type FuzzTarget, nothingThrown, textOf } from "../target.ts";

const START_MS = 1_700_000_000_000;

export const openEmulator = (protocol: ProtocolName): Promise<Emulator> =>
  startEmulator({
    protocols: [protocol],
    ports: FREE_PORTS,
    controlPort: null,
    market: { kind: "hand" },
    clock: { mode: "manual", startMs: START_MS },
  });

const protocolOf = (emulator: Emulator, name: ProtocolName) => {
  const protocol = emulator.control.universe.protocols.get(name);
  if (protocol === undefined) throw new Error(`no protocol ${name}`);
  return protocol;
};

/** A line `METHOD path parameters`; signed by us, so that what lies behind the signature is read. */
function requestOf(bytes: Uint8Array, nowMs: number): Omit<WireRequest, "peer"> | null {
  const [, method = "", path = "", given = ""] = /^(GET|POST|PUT|DELETE) (\S*) ?([\s\S]*)$/.exec(textOf(bytes)) ?? [];
  if (method !== "GET" && method !== "POST" && method !== "PUT" && method !== "DELETE") return null;
  const text = `${given}${given === "" ? "" : "&"}timestamp=${nowMs}`;
  const signed = `${text}&signature=${signatureOf("demo-secret", text)}`;
  const headers = { "x-mbx-apikey": "demo-key" };
  const inBody = method === "POST" && given.length % 2 === 0;
  return { method, path, query: inBody ? "" : signed, headers, body: inBody ? signed : "" };
}

async function httpDecoder(name: ProtocolName): Promise<Decoder> {
  const emulator = await openEmulator(name);
  const protocol = protocolOf(emulator, name);
  // limits are not what is looked at: each message comes from an address of its own
  let peers = 0;
  const read = (bytes: Uint8Array): unknown => {
    const request = requestOf(bytes, emulator.control.universe.time.nowMs());
    if (request === null) return null;
    const replies: WireReply[] = [];
    peers += 1;
    const whole = { ...request, peer: `10.${peers >> 16}.${(peers >> 8) & 255}.${peers & 255}` };
    protocol.traitsOf(whole);
    protocol.http(whole, (reply) => replies.push(reply));
    const [reply] = replies;
    if (reply === undefined || replies.length > 1) throw new BrokenLaw(`answered ${replies.length} times`);
    if (reply.status === 500) throw new BrokenLaw(`500: ${reply.body.slice(0, 200)}`);
    JSON.parse(reply.body);
    return null;
  };
  return { read, close: () => emulator.close() };
}

async function socketDecoder(name: ProtocolName, path: string): Promise<Decoder> {
  const emulator = await openEmulator(name);
  const protocol = protocolOf(emulator, name);
  let ids = 0;
  const read = (bytes: Uint8Array): unknown => {
    const frames: string[] = [];
    ids += 1;
    const socket: WireSocket = {
      id: ids,
      path,
      query: "",
      headers: {},
      peer: `10.${ids >> 16}.${(ids >> 8) & 255}.${ids & 255}`,
      send: (text) => void frames.push(text),
      ping: () => undefined,
      close: () => undefined,
    };
    const talk: SocketTalk | WireReply = protocol.open(socket);
    if (!("heard" in talk)) throw new BrokenLaw(`${path} is not served`);
    const text = textOf(bytes);
    talk.requestIn?.(text);
    talk.failure?.(text, { cause: "maintenance" });
    talk.heard(text);
    talk.closed();
    for (const frame of frames) JSON.parse(frame);
    return null;
  };
  return { read, close: () => emulator.close() };
}

/** Calls that move time, or wait for it, have no part in it. */
const WITHOUT = new Set([
  "/control/clock",
  "/control/reset",
  "/control/barrier",
  "/control/snapshot",
  "/control/restore",
]);

async function controlDecoder(): Promise<Decoder> {
  const emulator = await openEmulator("binance-usdm");
  const { control, ports } = emulator;
  const read = async (bytes: Uint8Array): Promise<unknown> => {
    const [, path = "", text = ""] = /^(\S*) ?([\s\S]*)$/.exec(textOf(bytes)) ?? [];
    const route = CONTROL_ROUTES.find((each) => each.method === "POST" && each.path === path && !WITHOUT.has(path));
    if (route === undefined) return null;
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return null; // the server says so itself
    }
    await route.run({ control, ports, known: knownNames(control), body, query: {}, named: "" });
    return null;
  };
  return { read, close: () => emulator.close() };
}

const line = (atMs: number, call: string, body: unknown): string => JSON.stringify({ atMs, call, body });
const TRADE = { symbol: "BTC/USDT:USDT", trade: { side: "buy", price: "60000.1", quantity: "0.01" } };
const SCRIPT = `# a script\n${line(5_000, "market", TRADE)}\n\n${line(100, "adl", {})}\n`;

const http = (name: ProtocolName): FuzzTarget => ({
  name: `emulator-http-${name}`,
  corpus: [],
  isTyped: nothingThrown,
  open: () => httpDecoder(name),
});

const socket = (name: string, protocol: ProtocolName, path: string): FuzzTarget => ({
  name: `emulator-${name}`,
  corpus: [],
  isTyped: nothingThrown,
  open: () => socketDecoder(protocol, path),
});

export const EMULATED: readonly FuzzTarget[] = [
  http("binance-usdm"),
  http("binance-spot"),
  socket("socket-usdm", "binance-usdm", "/public/ws"),
  socket("socket-spot", "binance-spot", "/ws"),
  socket("socket-api-usdm", "binance-usdm", "/ws-fapi/v1"),
  socket("socket-api-spot", "binance-spot", "/ws-api/v3"),
  {
    name: "emulator-control",
    corpus: [],
    remembers: true,
    isTyped: (error) => error instanceof FieldError || error instanceof EmulatorError,
    open: controlDecoder,
  },
  {
    name: "emulator-script",
    corpus: [SCRIPT],
    isTyped: (error) => error instanceof EmulatorError,
    open: () => ({ read: (bytes) => parseScript(textOf(bytes), "script.jsonl").map(({ atMs, call }) => [atMs, call]) }),
  },
];
