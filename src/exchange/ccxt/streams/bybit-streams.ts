// The sockets of Bybit. A book begins with a snapshot on the stream, each change has the next number, and a snapshot
// that comes again means reset; ccxt checks none of it (EXCH-21).

import { ok } from "../../../base/result.ts";
import type { CandleInterval } from "../../../trading/event.ts";
import { decimalOf, flagOf, listOf, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { ownRecords, unreadable } from "./own-records.ts";
import { authMessage, keysOf, socketUrl } from "./socket-login.ts";
import type { PrivateNews, PrivateTable, PublicNews, StreamTable, Topic } from "./stream-table.ts";

const INTERVALS: Readonly<Record<CandleInterval, string>> = {
  "1m": "1",
  "3m": "3",
  "5m": "5",
  "15m": "15",
  "1h": "60",
};
const INTERVAL_OF = new Map(Object.entries(INTERVALS).map(([interval, word]) => [word, interval]));
const LOGIN_MS = 10_000;

function topicName({ kind, wireName, interval }: Topic): string {
  switch (kind) {
    case "book":
      return `orderbook.50.${wireName}`;
    case "trades":
      return `publicTrade.${wireName}`;
    case "candle":
      return `kline.${INTERVALS[interval ?? "1m"]}.${wireName}`;
    case "mark":
      return `tickers.${wireName}`;
  }
}

const message = (op: string, topics: readonly Topic[], id: number): readonly Raw[] => [
  { op, req_id: String(id), args: topics.map(topicName) },
];

function readPublic(frame: Raw): readonly PublicNews[] {
  const [word = "", second = "", third = ""] = (textOf(frame["topic"]) ?? "").split(".");
  const atMs = wholeOf(frame["ts"]) ?? 0;
  switch (word) {
    case "orderbook":
      return depth(recordOf(frame["data"]), { wireName: third, whole: frame["type"] === "snapshot", atMs });
    case "publicTrade":
      return recordsOf(frame["data"]).flatMap((data) => trade(data, second));
    case "kline":
      return recordsOf(frame["data"]).flatMap((data) => kline(data, third, second));
    case "tickers": {
      const data = recordOf(frame["data"]);
      const nextAtMs = wholeOf(data["nextFundingTime"]);
      const [mark, rate] = [decimalOf(data["markPrice"]), decimalOf(data["fundingRate"])];
      return mark === null && rate === null ? [] : [{ kind: "mark", wireName: second, mark, rate, nextAtMs }];
    }
    default:
      return [];
  }
}

function depth(
  data: Raw,
  about: { readonly wireName: string; readonly whole: boolean; readonly atMs: number },
): readonly PublicNews[] {
  const last = wholeOf(data["u"]);
  if (last === null) return [];
  return [
    { kind: "depth", ...about, first: last, last, previous: null, bids: listOf(data["b"]), asks: listOf(data["a"]) },
  ];
}

function trade(data: Raw, wireName: string): readonly PublicNews[] {
  const [tradeId, atMs] = [textOf(data["i"]), wholeOf(data["T"])];
  const [price, amount] = [decimalOf(data["p"]), decimalOf(data["v"])];
  if (tradeId === null || atMs === null || price === null || amount === null) return [];
  return [{ kind: "trade", wireName, tradeId, takerSide: data["S"] === "Sell" ? "sell" : "buy", price, amount, atMs }];
}

function kline(data: Raw, wireName: string, word: string): readonly PublicNews[] {
  const interval = INTERVAL_OF.get(word);
  if (interval === undefined) return [];
  const row = [data["start"], data["open"], data["high"], data["low"], data["close"], data["volume"]];
  return [{ kind: "candle", wireName, interval, row, closed: flagOf(data["confirm"]) === true }];
}

const TRADES: readonly unknown[] = ["Trade", "AdlTrade", "BustTrade", "Settle", "Delivery"];

function execution(raw: Raw): readonly PrivateNews[] | null {
  const wireName = textOf(raw["symbol"]);
  if (wireName === null || textOf(raw["execType"]) === null) return null;
  if (raw["execType"] === "Funding") return [{ kind: "funding" }];
  if (!TRADES.includes(raw["execType"])) return [];
  return [{ kind: "fill", wireName, parser: "parseTrade", raw, clientOrderId: textOf(raw["orderLinkId"]) }];
}

function position(raw: Raw): readonly PrivateNews[] | null {
  const [wireName, size] = [textOf(raw["symbol"]), decimalOf(raw["size"])];
  if (wireName === null || size === null) return null;
  return [{ kind: "position", wireName, amount: raw["side"] === "Sell" ? `-${size}` : size }];
}

function readOwn(frame: Raw, category: string): readonly PrivateNews[] {
  const success = flagOf(frame["success"]);
  if (frame["op"] === "auth" || frame["op"] === "subscribe") {
    if (success !== true) return [{ kind: "over", text: `refused: ${textOf(frame["ret_msg"]) ?? ""}` }];
    if (frame["op"] === "subscribe") return [{ kind: "ready" }];
    const args = category === "spot" ? ["order", "execution", "wallet"] : ["order", "execution", "wallet", "position"];
    return [{ kind: "say", messages: [{ op: "subscribe", args }] }];
  }
  const topic = textOf(frame["topic"]);
  const records = (read: (raw: Raw) => readonly PrivateNews[] | null): readonly PrivateNews[] =>
    ownRecords(frame["data"], topic ?? "", (raw) => (isOther(raw, category) ? [] : read(raw)));
  switch (topic) {
    case "order":
      return records((raw) => {
        const wireName = textOf(raw["symbol"]);
        return wireName === null ? null : [{ kind: "order", wireName, parser: "parseOrder", raw }];
      });
    case "execution":
      return records(execution);
    case "position":
      return records(position);
    case "wallet":
      return [{ kind: "balances" }];
    case null:
      return textOf(frame["op"]) === null ? [unreadable("a frame names no topic")] : [];
    default:
      return [];
  }
}

/** Of another kind of instrument; what names no kind may be ours. */
const isOther = (raw: Raw, category: string): boolean => {
  const named = textOf(raw["category"]);
  return named !== null && named !== category;
};

const ownOf = (category: "spot" | "linear"): PrivateTable => ({
  proof: "ready",
  plan: async (instance) => {
    const url = socketUrl(instance, "private", "contract");
    return ok({ url, messages: [authMessage(keysOf(instance), instance.nowMs() + LOGIN_MS)] });
  },
  renew: null,
  read: (frame) => readOwn(frame, category),
});

const bybitStreams = (category: "spot" | "linear"): StreamTable => ({
  links: { book: "public", trades: "public", candle: "public", mark: category === "linear" ? "public" : null },
  publicUrl: (instance) => socketUrl(instance, "public", category),
  subscribe: (topics, { id }) => message("subscribe", topics, id),
  unsubscribe: (topics, { id }) => message("unsubscribe", topics, id),
  passes: (frame) => {
    const { op, ret_msg: said } = recordOf(frame);
    return op === "pong" || op === "ping" || said === "pong";
  },
  socketsEnd: false,
  readPublic,
  snapshot: null,
  tradesNumbered: false,
  own: ownOf(category),
});

export const BYBIT_LINEAR_STREAMS = bybitStreams("linear");
export const BYBIT_SPOT_STREAMS = bybitStreams("spot");
