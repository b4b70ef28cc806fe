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

const ROUTES: Readonly<Record<ProtocolName, readonly string[]>> = {
  "binance-usdm": [
    "POST /fapi/v1/order symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.010&price=59990.0&newClientOrderId=o1abc&reduceOnly=false",
    'POST /fapi/v1/batchOrders batchOrders=[{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":"0.010","price":"60010.0"}]',
    "PUT /fapi/v1/order symbol=BTCUSDT&side=BUY&quantity=0.020&price=59980.0&origClientOrderId=o1abc",
    "DELETE /fapi/v1/order symbol=BTCUSDT&origClientOrderId=o1abc",
    'DELETE /fapi/v1/batchOrders symbol=BTCUSDT&origClientOrderIdList=["o1abc","o2"]',
    "POST /fapi/v1/leverage symbol=BTCUSDT&leverage=5",
    "POST /fapi/v1/countdownCancelAll symbol=BTCUSDT&countdownTime=10000",
    "GET /fapi/v1/userTrades symbol=BTCUSDT&limit=5&startTime=1700000000000",
    "GET /fapi/v1/klines symbol=BTCUSDT&interval=1m&limit=3",
    "GET /fapi/v1/depth symbol=BTCUSDT&limit=5",
  ],
  "binance-spot": [
    "POST /api/v3/order symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.010&price=59990.00&newClientOrderId=o1abc",
    "POST /api/v3/order/cancelReplace symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=o1abc&quantity=0.01&price=59980",
    "DELETE /api/v3/order symbol=BTCUSDT&origClientOrderId=o1abc",
    "GET /api/v3/myTrades symbol=BTCUSDT&fromId=1&limit=5",
    "GET /api/v3/account omitZeroBalances=true",
    "GET /api/v3/depth symbol=BTCUSDT&limit=5",
    'GET /api/v3/exchangeInfo symbols=["BTCUSDT","ETHUSDT"]',
    'GET /api/v3/ticker/price symbols=["BTCUSDT"]',
  ],
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

const FRAMES = [
  '{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@trade"],"id":1}',
  '{"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":"a"}',
  '{"method":"LIST_SUBSCRIPTIONS","id":3}',
  '{"method":"SET_PROPERTY","params":["combined",true],"id":4}',
];
const API_FRAMES = [
  '{"id":"1","method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTX","quantity":"0.010","price":"59990.0","apiKey":"demo-key","timestamp":1700000000000,"signature":"x"}}',
  '{"id":"2","method":"order.cancel","params":{"symbol":"BTCUSDT","origClientOrderId":"o1abc","apiKey":"demo-key","timestamp":1700000000000,"signature":"x"}}',
  '{"id":"3","method":"session.status"}',
  '{"id":"4","method":"session.logon","params":{"apiKey":"demo-key","timestamp":1700000000000,"signature":"x"}}',
];

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

const CONTROL = [
  '/control/market {"symbol":"BTC/USDT:USDT","trade":{"side":"buy","price":"60000.1","quantity":"0.010"}}',
  '/control/market {"symbol":"BTC/USDT:USDT","book":{"bids":[["60000.0","1"]],"asks":[["60000.1","2"]]}}',
  '/control/accounts {"name":"other","apiKey":"other-key","secret":"s","balances":{"binance-usdm":{"USDT":"100"}}}',
  '/control/fill {"clientOrderId":"o1abc","quantity":"0.01"}',
  '/control/settleFunding {"symbol":"BTC/USDT:USDT","rate":"0.0001"}',
  '/control/faults {"name":"drop","count":1,"filter":{"protocol":"binance-usdm"}}',
  '/control/sockets/close {"code":1001,"reason":"x"}',
  '/control/compare {"account":"demo","orders":[],"positions":{}}',
];
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

const SCRIPT = `# a script\n{"atMs":5000,"call":"market","body":{"symbol":"BTC/USDT:USDT","trade":{"side":"buy","price":"60000.1","quantity":"0.01"}}}\n\n{"atMs":100,"call":"adl"}\n`;

const http = (name: ProtocolName): FuzzTarget => ({
  name: `emulator-http-${name}`,
  corpus: ROUTES[name],
  isTyped: nothingThrown,
  open: () => httpDecoder(name),
});

const socket = (name: string, protocol: ProtocolName, path: string, corpus: readonly string[]): FuzzTarget => ({
  name: `emulator-${name}`,
  corpus,
  isTyped: nothingThrown,
  open: () => socketDecoder(protocol, path),
});

export const EMULATED: readonly FuzzTarget[] = [
  http("binance-usdm"),
  http("binance-spot"),
  socket("socket-usdm", "binance-usdm", "/public/ws", FRAMES),
  socket("socket-spot", "binance-spot", "/ws", FRAMES),
  socket("socket-api-usdm", "binance-usdm", "/ws-fapi/v1", API_FRAMES),
  socket("socket-api-spot", "binance-spot", "/ws-api/v3", API_FRAMES),
  {
    name: "emulator-control",
    corpus: CONTROL,
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
