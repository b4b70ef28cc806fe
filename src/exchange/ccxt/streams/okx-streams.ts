// The sockets of OKX. Books chain by the number of the change before; candles have a socket of their own; an order's
// own frame carries its fill.

import { ok } from "../../../base/result.ts";
import { decimalOf, listOf, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { CANDLE_CHANNELS, INTERVAL_OF_CHANNEL } from "./candle-channels.ts";
import { ownRecords, unreadable } from "./own-records.ts";
import { publicTrade, sequencedDepth } from "./sequenced-rows.ts";
import { keysOf, loginMessage } from "./socket-login.ts";
import type { PrivateNews, PrivateTable, PublicNews, StreamTable, Topic } from "./stream-table.ts";

function channelsOf({ kind, interval }: Topic): readonly string[] {
  switch (kind) {
    case "book":
      return ["books"];
    case "trades":
      return ["trades"];
    case "candle":
      return [CANDLE_CHANNELS[interval ?? "1m"]];
    case "mark":
      return ["mark-price", "funding-rate"];
  }
}

const message = (op: string, topics: readonly Topic[]): readonly Raw[] => [
  { op, args: topics.flatMap((topic) => channelsOf(topic).map((channel) => ({ channel, instId: topic.wireName }))) },
];

function readPublic(frame: Raw): readonly PublicNews[] {
  const arg = recordOf(frame["arg"]);
  const channel = textOf(arg["channel"]);
  const wireName = textOf(arg["instId"]);
  const interval = INTERVAL_OF_CHANNEL.get(channel ?? "");
  if (channel === null || wireName === null || frame["event"] !== undefined) return [];
  if (interval !== undefined) return listOf(frame["data"]).flatMap((row) => candle(listOf(row), wireName, interval));
  return recordsOf(frame["data"]).flatMap((data) => {
    switch (channel) {
      case "books":
        return sequencedDepth(data, { wireName, whole: frame["action"] === "snapshot" }, DEPTH);
      case "trades":
        return publicTrade(data, wireName, TRADE);
      case "mark-price":
        return [{ kind: "mark", wireName, mark: decimalOf(data["markPx"]), rate: null, nextAtMs: null }];
      case "funding-rate": {
        const rate = decimalOf(data["fundingRate"]);
        return [{ kind: "mark", wireName, mark: null, rate, nextAtMs: wholeOf(data["fundingTime"]) }];
      }
      default:
        return [];
    }
  });
}

function candle(row: readonly unknown[], wireName: string, interval: string): readonly PublicNews[] {
  return [{ kind: "candle", wireName, interval, row: row.slice(0, 6), closed: textOf(row[8]) === "1" }];
}

/** A fill in the words of the list of fills, which is what ccxt's parser and the fee's sign are made for. */
function fillOf(raw: Raw): Raw {
  const { instId, instType, tradeId, fillPx, fillSz, side, ordId, clOrdId, execType, category } = raw;
  const money = { fee: raw["fillFee"], feeCcy: raw["fillFeeCcy"], ts: raw["fillTime"] };
  return { instId, instType, tradeId, fillPx, fillSz, side, ordId, clOrdId, execType, category, ...money };
}

function orders(frame: Raw): readonly PrivateNews[] {
  return ownRecords(frame["data"], "orders", (raw) => {
    const wireName = textOf(raw["instId"]);
    if (wireName === null) return null;
    const order: PrivateNews = { kind: "order", wireName, parser: "parseOrder", raw };
    if (textOf(raw["tradeId"]) === null) return [order];
    const clientOrderId = textOf(raw["clOrdId"]);
    return [{ kind: "fill", wireName, parser: "parseTrade", raw: fillOf(raw), clientOrderId }, order];
  });
}

function readOwn(frame: Raw, instType: string): readonly PrivateNews[] {
  const channel = textOf(recordOf(frame["arg"])["channel"]);
  switch (frame["event"]) {
    case "login": {
      const channels = instType === "SPOT" ? [] : [{ channel: "positions", instType }];
      const args = [{ channel: "account" }, ...channels, { channel: "orders", instType }];
      return [{ kind: "say", messages: [{ op: "subscribe", args }] }];
    }
    case "subscribe":
      return channel === "orders" ? [{ kind: "ready" }] : [];
    case "error":
      return [{ kind: "over", text: `${textOf(frame["code"]) ?? ""} ${textOf(frame["msg"]) ?? ""}` }];
    case "notice":
      return [{ kind: "closing", text: textOf(frame["msg"]) ?? "the exchange closes the socket" }];
    case undefined:
      break;
    default:
      return [];
  }
  if (channel === "orders") return orders(frame);
  if (channel === "account") return [{ kind: "balances" }];
  if (channel === null) return [unreadable("a frame names no channel")];
  if (channel !== "positions") return [];
  return ownRecords(frame["data"], "positions", (data) => {
    const [wireName, amount] = [textOf(data["instId"]), decimalOf(data["pos"])];
    return wireName === null || amount === null ? null : [{ kind: "position", wireName, amount }];
  });
}

const ownOf = (instType: string): PrivateTable => ({
  proof: "ready",
  plan: async (instance) => {
    const login = loginMessage(keysOf(instance), "/users/self/verify", Math.floor(instance.nowMs() / 1000));
    return ok({ url: String(instance.parse("getUrl", "orders", "private")), messages: [login] });
  },
  renew: null,
  read: (frame) => readOwn(frame, instType),
});

const okxStreams = (instType: "SWAP" | "SPOT"): StreamTable => ({
  links: { book: "public", trades: "public", candle: "business", mark: instType === "SWAP" ? "public" : null },
  publicUrl: (instance, link) => String(instance.parse("getUrl", link === "business" ? "candle" : "books", link)),
  subscribe: (topics) => message("subscribe", topics),
  unsubscribe: (topics) => message("unsubscribe", topics),
  passes: (frame) => frame === "pong",
  socketsEnd: false,
  readPublic,
  snapshot: null,
  tradesNumbered: false,
  own: ownOf(instType),
});

export const OKX_SWAP_STREAMS = okxStreams("SWAP");
export const OKX_SPOT_STREAMS = okxStreams("SPOT");

const DEPTH = { sequence: "seqId", previous: "prevSeqId" } as const;
const TRADE = { price: "px", amount: "sz" } as const;
