// What five exchanges answer and stream: frames of public and private sockets through our tables, ccxt's parsers and
// our decoders, and REST bodies behind every read of the port. An own event never ends in silence.

import { VirtualClock } from "../../../src/base/virtual-clock.ts";
import { AccountReads } from "../../../src/exchange/ccxt/account-reads.ts";
import { PollingHealth } from "../../../src/exchange/ccxt/budget/polling.ts";
import { CALL_TIMES, Calls } from "../../../src/exchange/ccxt/calls.ts";
import { CcxtInstance } from "../../../src/exchange/ccxt/ccxt-instance.ts";
import { decodeBook, decodeCandle, INTERVAL_MS } from "../../../src/exchange/ccxt/decode.ts";
import type { ExchangeTable } from "../../../src/exchange/ccxt/exchanges/exchange-table.ts";
import { tableOf } from "../../../src/exchange/ccxt/exchanges/registry.ts";
import { type CcxtInstrument, Instruments, NO_FACTS, readInstrument } from "../../../src/exchange/ccxt/instruments.ts";
import { MarketReads } from "../../../src/exchange/ccxt/market-reads.ts";
import { OrderReads } from "../../../src/exchange/ccxt/order-reads.ts";
import { isRecord } from "../../../src/exchange/ccxt/raw.ts";
import { Redactor } from "../../../src/exchange/ccxt/redact.ts";
import { SentIds } from "../../../src/exchange/ccxt/sent-ids.ts";
import { streamTableOf } from "../../../src/exchange/ccxt/streams/ccxt-streams.ts";
import { FillMemory, OrderMemory } from "../../../src/exchange/ccxt/streams/fill-memory.ts";
import { OwnFeed } from "../../../src/exchange/ccxt/streams/own-feed.ts";
import type { PublicNews, StreamTable } from "../../../src/exchange/ccxt/streams/stream-table.ts";
import type { Transport } from "../../../src/exchange/ccxt/transport.ts";
import type { Emulator } from "../../../src/exchange/emulator/emulator.ts";
import type { WireReply, WireRequest } from "../../../src/exchange/emulator/protocol.ts";
import { SILENT_LOG } from "../../../src/observe/log.ts";
import { foreignOrderId } from "../../../src/trading/client-order-id.ts";
import { BITGET } from "../../ccxt/bitget-replies.ts";
import { BYBIT } from "../../ccxt/bybit-replies.ts";
import { type Answer, KEYS, NOW_MS, type Sent, stageTransport } from "../../ccxt/exchange-stage.ts";
import { GATE } from "../../ccxt/gate-replies.ts";
import { OKX } from "../../ccxt/okx-replies.ts";
import { BrokenLaw, type Decoder, type FuzzTarget, nothingThrown, textOf } from "../target.ts";
import { openEmulator } from "./emulated.ts";

const SYMBOL = "BTC/USDT:USDT";
const ID = foreignOrderId("ob1");
const NAMES = ["binance", "okx", "bybit", "gate", "bitget"] as const;
type Name = (typeof NAMES)[number];

const REPLIES: Readonly<Record<Exclude<Name, "binance">, Readonly<Record<string, Answer>>>> = {
  okx: OKX,
  bybit: BYBIT,
  gate: GATE,
  bitget: BITGET,
};

interface Open {
  readonly table: ExchangeTable;
  readonly instance: CcxtInstance;
  readonly clock: VirtualClock;
  readonly instruments: Instruments;
  readonly of: CcxtInstrument;
  /** What every request but those for instruments is answered with; null: as it should be. */
  readonly damage: { body: string | null; status: number };
  close(): Promise<void>;
}

/** Binance's own answers come from the emulator, in this process. */
function emulatedTransport(emulator: Emulator): Transport {
  const protocol = emulator.control.universe.protocols.get("binance-usdm");
  if (protocol === undefined) throw new Error("no protocol");
  return {
    send: async ({ method, url, headers, body }, left) => {
      const { pathname, search } = new URL(url);
      left();
      const replies: WireReply[] = [];
      const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      const known: WireRequest["method"] =
        method === "POST" || method === "PUT" || method === "DELETE" ? method : "GET";
      const asked = {
        method: known,
        path: pathname,
        query: search.slice(1),
        headers: lower,
        body: body ?? "",
        peer: "10.0.0.1",
      };
      protocol.http(asked, (reply) => replies.push(reply));
      const [reply = { status: 404, body: "" }] = replies;
      return {
        status: reply.status,
        statusText: "",
        headers: { "content-type": "application/json" },
        text: reply.body,
      };
    },
    close: () => undefined,
  };
}

const LISTING = /exchangeInfo|instruments|contracts|currency/;

async function openExchange(name: Name): Promise<Open> {
  const emulator = name === "binance" ? await openEmulator("binance-usdm") : null;
  const sent: Sent[] = [];
  const inner =
    name === "binance" && emulator !== null
      ? emulatedTransport(emulator)
      : stageTransport(name, { ...REPLIES[name as Exclude<Name, "binance">] }, sent);
  const damage: Open["damage"] = { body: null, status: 200 };
  const transport: Transport = {
    send: async (request, left) => {
      sent.length = 0;
      const reply = await inner.send(request, left);
      if (damage.body === null || LISTING.test(request.url)) return reply;
      return { ...reply, status: damage.status, text: damage.body };
    },
    close: () => inner.close(),
  };
  const clock = new VirtualClock(name === "binance" ? (emulator?.control.universe.time.nowMs() ?? NOW_MS) : NOW_MS);
  const { table } = tableOf(name, "perpetual");
  const instance = await CcxtInstance.open({
    table,
    credentials: name === "binance" ? { apiKey: "demo-key", secret: "demo-secret" } : KEYS,
    environment: "live",
    urls: null,
    clock,
    gate: { pass: () => Promise.resolve(), replied: () => undefined },
    transport,
    redactor: new Redactor(),
  });
  const atMs = clock.nowMs();
  const wish = { priority: 1, waitUntilMs: atMs + 1000, deadlineMs: atMs + 1000, expiresAtMs: null } as const;
  const loaded = await instance.call({ method: "loadMarkets", args: [] }, wish);
  if (!loaded.ok) throw new Error(`${name}: ${loaded.text}`);
  const about = { table, precisionMode: instance.precisionMode(), facts: { ...NO_FACTS, leverage: 5 }, nowMs: atMs };
  const read = readInstrument(instance.market(SYMBOL) ?? {}, about);
  if (!read.ok) throw new Error(`${name}: ${read.error}`);
  const instruments = new Instruments();
  instruments.set(SYMBOL, read.value);
  return {
    table,
    instance,
    clock,
    instruments,
    of: read.value,
    damage,
    close: async () => {
      await instance.close();
      await emulator?.close();
    },
  };
}

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return textOf(bytes); // as ccxt hands it on
  }
};

async function publicDecoder(name: Name): Promise<Decoder> {
  const open = await openExchange(name);
  const streams = streamsOf(open);
  return {
    read: (bytes) => {
      const frame = parsed(bytes);
      if (streams.passes(frame) || !isRecord(frame)) return null;
      return streams.readPublic(frame).map((news) => eventOf(news, open));
    },
    close: () => open.close(),
  };
}

function eventOf(news: PublicNews, { of }: Open): unknown {
  switch (news.kind) {
    case "depth":
      return decodeBook({ bids: news.bids, asks: news.asks, timestamp: news.atMs }, of, 5);
    case "candle":
      return decodeCandle(news.row, of, { interval: "1m", lengthMs: INTERVAL_MS["1m"], nowMs: NOW_MS });
    case "trade":
      return [of.steps.ticks(news.price), of.steps.lots(news.amount, "down"), news.atMs];
    case "mark":
      return [news.mark === null ? null : of.steps.milliTicks(news.mark), news.nextAtMs];
  }
}

const streamsOf = ({ table }: Open): StreamTable => {
  const streams = streamTableOf(table);
  if (streams === null) throw new Error(`${table.name} has no streams`);
  return streams;
};

async function privateDecoder(name: Name): Promise<Decoder> {
  const open = await openExchange(name);
  const streams = streamsOf(open);
  const { own } = streams;
  if (own === null) throw new Error(`${name} has no private stream`);
  const nothing = async () => ({ result: "unavailable", text: "" }) as const;
  return {
    read: (bytes) => {
      const frame = parsed(bytes);
      if (streams.passes(frame) || !isRecord(frame)) return null;
      const told: unknown[] = [];
      const said = { unreadable: 0 };
      const feed = new OwnFeed({
        instance: open.instance,
        table: open.table,
        reads: {
          lookup: nothing,
          openOrders: nothing,
          fills: nothing,
          account: nothing,
          book: nothing,
          clientOrderIdOf: () => null,
          remember: () => undefined,
        },
        instruments: open.instruments,
        log: SILENT_LOG,
        fills: new FillMemory(),
        orders: new OrderMemory(),
        tell: (_symbol, message) => told.push(message),
        heardOrder: () => undefined,
        heardFill: () => undefined,
        unreadable: () => {
          said.unreadable += 1;
        },
        lookUp: () => undefined,
      });
      for (const news of own.read(frame)) {
        if (news.kind !== "order" && news.kind !== "fill") continue;
        const before = told.length + said.unreadable;
        feed.hear(news);
        const silent = told.length + said.unreadable === before;
        if (silent && news.wireName === open.of.wireName && !isRepeated(told, news.kind)) {
          throw new BrokenLaw(`an own ${news.kind} ended in silence`);
        }
      }
      return told;
    },
    close: () => open.close(),
  };
}

/** The same frame said it before: told once is enough. */
const isRepeated = (told: readonly unknown[], kind: string): boolean =>
  told.some((each) => isRecord(each) && each["kind"] === kind);

async function restDecoder(name: Name): Promise<Decoder> {
  const open = await openExchange(name);
  const { table, instance, clock, instruments, damage } = open;
  // nothing is tried again: time stands still
  const times = { ...CALL_TIMES, readMs: 50, patientMs: 50 };
  const calls = new Calls({ instance, table, clock, times, failed: () => undefined });
  const exchangeNowMs = (): number => clock.nowMs();
  const orders = new OrderReads({ table, calls, instruments, sent: new SentIds(), exchangeNowMs });
  const polling = new PollingHealth(clock, () => undefined);
  const accounts = new AccountReads({ table, calls, instruments, clock, polling, kind: () => null });
  const markets = new MarketReads({ table, calls, instruments, exchangeNowMs });
  return {
    read: async (bytes) => {
      const [, status = "200", body = ""] = /^(?:(\d{3}) )?([\s\S]*)$/.exec(textOf(bytes)) ?? [];
      damage.status = Number.parseInt(status, 10);
      damage.body = body;
      try {
        return [
          await orders.lookup(SYMBOL, ID, 1),
          await orders.openOrders(SYMBOL, 1),
          await orders.fills(SYMBOL, { sinceMs: NOW_MS - 600_000, cursor: null }, 1),
          await accounts.account(SYMBOL, 1),
          await markets.candles({ symbol: SYMBOL, interval: "1m", count: 2 }),
        ].map(judged);
      } finally {
        damage.body = null;
      }
    },
    close: () => open.close(),
  };
}

function judged(answer: { readonly result: string }): unknown {
  if (!["ok", "found", "absent", "unavailable"].includes(answer.result))
    throw new BrokenLaw(`it is "${answer.result}"`);
  return answer;
}

export const EXCHANGES: readonly FuzzTarget[] = NAMES.flatMap((name) => [
  {
    name: `${name}-public`,
    corpus: [],
    isTyped: nothingThrown,
    open: () => publicDecoder(name),
  },
  {
    name: `${name}-private`,
    corpus: [],
    isTyped: nothingThrown,
    open: () => privateDecoder(name),
  },
  {
    name: `${name}-rest`,
    corpus: [""],
    isTyped: nothingThrown,
    share: 5,
    calls: 5,
    remembers: true,
    open: () => restDecoder(name),
  },
]);
