// The sockets of Bitget, classic accounts and unified ones, whose topics and addresses differ. Books come whole and
// in changes; where no number says what a change follows, the comparison with REST is what finds an error.

import { ok } from "../../../base/result.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import { decimalOf, listOf, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { CANDLE_CHANNELS, INTERVAL_OF_CHANNEL } from "./candle-channels.ts";
import { ownRecords, unreadable } from "./own-records.ts";
import { publicTrade, sequencedDepth } from "./sequenced-rows.ts";
import { apiUrl, keysOf, loginMessage } from "./socket-login.ts";
import type { PrivateNews, PrivateTable, PublicNews, StreamTable, Topic } from "./stream-table.ts";

type Product = "SPOT" | "USDT-FUTURES";

function channelOf({ kind, interval }: Topic): string {
  switch (kind) {
    case "book":
      return "books";
    case "trades":
      return "trade";
    case "candle":
      return CANDLE_CHANNELS[interval ?? "1m"];
    case "mark":
      return "ticker";
  }
}

const message = (op: string, topics: readonly Topic[], instType: Product): readonly Raw[] => [
  { op, args: topics.map((topic) => ({ instType, channel: channelOf(topic), instId: topic.wireName })) },
];

function readPublic(frame: Raw): readonly PublicNews[] {
  const arg = recordOf(frame["arg"]);
  const [channel, wireName] = [textOf(arg["channel"]) ?? "", textOf(arg["instId"])];
  if (wireName === null || frame["event"] !== undefined) return [];
  const interval = INTERVAL_OF_CHANNEL.get(channel);
  if (interval !== undefined) {
    // the first frame tells the past as well
    const rows = frame["action"] === "snapshot" ? listOf(frame["data"]).slice(-1) : listOf(frame["data"]);
    return rows.map((row): PublicNews => {
      return { kind: "candle", wireName, interval, row: listOf(row).slice(0, 6), closed: null };
    });
  }
  return recordsOf(frame["data"]).flatMap((data): readonly PublicNews[] => {
    switch (channel) {
      case "books":
        return sequencedDepth(data, { wireName, whole: frame["action"] === "snapshot" }, DEPTH);
      case "trade":
        return publicTrade(data, wireName, TRADE);
      case "ticker": {
        const [mark, rate] = [decimalOf(data["markPrice"]), decimalOf(data["fundingRate"])];
        return [{ kind: "mark", wireName, mark, rate, nextAtMs: wholeOf(data["nextFundingTime"]) }];
      }
      default:
        return [];
    }
  });
}

const NAMES: Readonly<Record<string, "order" | "fill" | "account" | "position">> = {
  orders: "order",
  order: "order",
  fill: "fill",
  account: "account",
  positions: "position",
  position: "position",
};

/** What a login is followed by. */
function wanted(product: Product, unified: boolean): Raw {
  const futures = product === "USDT-FUTURES";
  if (unified) {
    const topics = ["account", "fill", ...(futures ? ["position"] : []), "order"];
    return { op: "subscribe", args: topics.map((topic) => ({ instType: "UTA", topic })) };
  }
  const positions = futures ? [{ instType: product, channel: "positions", instId: "default" }] : [];
  const account = { instType: product, channel: "account", coin: "default" };
  const fills = { instType: product, channel: "fill", instId: "default" };
  return {
    op: "subscribe",
    args: [account, fills, ...positions, { instType: product, channel: "orders", instId: "default" }],
  };
}

/** Unified frames carry every market; those of the other one are not ours. */
const isOf = (raw: Raw, product: Product): boolean =>
  raw["category"] === undefined || textOf(raw["category"])?.toUpperCase() === product;

function readOwn(frame: Raw, product: Product, unified: boolean): readonly PrivateNews[] {
  const arg = recordOf(frame["arg"]);
  const name = NAMES[textOf(arg["channel"] ?? arg["topic"]) ?? ""];
  switch (frame["event"]) {
    case "login":
      return [{ kind: "say", messages: [wanted(product, unified)] }];
    case "subscribe":
      return name === "order" ? [{ kind: "ready" }] : [];
    case "error":
      return [{ kind: "over", text: `${textOf(frame["code"]) ?? ""} ${textOf(frame["msg"]) ?? ""}` }];
    case undefined:
      break;
    default:
      return [];
  }
  if (name === undefined) {
    return textOf(arg["channel"] ?? arg["topic"]) === null ? [unreadable("a frame names no channel")] : [];
  }
  if (name === "account") return [{ kind: "balances" }];
  return ownRecords(frame["data"], name, (raw) => {
    if (!isOf(raw, product)) return [];
    const wireName = textOf(raw["instId"] ?? raw["symbol"] ?? arg["instId"]);
    if (wireName === null) return null;
    if (name === "order") return [{ kind: "order", wireName, parser: "parseWsOrder", raw }];
    if (name === "fill") {
      return [{ kind: "fill", wireName, parser: "parseWsTrade", raw, clientOrderId: textOf(raw["clientOid"]) }];
    }
    const size = decimalOf(raw["total"] ?? raw["size"]);
    const short = raw["holdSide"] === "short" || raw["posSide"] === "short";
    return size === null ? null : [{ kind: "position", wireName, amount: short ? `-${size}` : size }];
  });
}

/** Demo trading has sockets of its own, where REST says by a header that it is meant. */
const socketOf = (instance: CcxtInstance, name: string): string =>
  apiUrl(instance, instance.option("sandboxMode") === true ? "demo" : "ws", name);

const isUnified = (instance: CcxtInstance): boolean => instance.option("uta") === true;

const ownOf = (product: Product): PrivateTable => {
  let unified = false;
  return {
    proof: "ready",
    plan: async (instance) => {
      unified = isUnified(instance);
      const login = loginMessage(keysOf(instance), "/user/verify", Math.floor(instance.nowMs() / 1000));
      return ok({ url: socketOf(instance, unified ? "utaPrivate" : "private"), messages: [login] });
    },
    renew: null,
    read: (frame) => readOwn(frame, product, unified),
  };
};

const bitgetStreams = (product: Product): StreamTable => ({
  links: { book: "public", trades: "public", candle: "public", mark: product === "SPOT" ? null : "public" },
  // market data of classic accounts serves unified ones as well
  publicUrl: (instance) => socketOf(instance, "public"),
  subscribe: (topics) => message("subscribe", topics, product),
  unsubscribe: (topics) => message("unsubscribe", topics, product),
  passes: (frame) => frame === "pong",
  socketsEnd: false,
  readPublic,
  snapshot: null,
  tradesNumbered: false,
  own: ownOf(product),
});

export const bitgetFuturesStreams = (): StreamTable => bitgetStreams("USDT-FUTURES");
export const bitgetSpotStreams = (): StreamTable => bitgetStreams("SPOT");

const DEPTH = { sequence: "seq", previous: "pseq" } as const;
const TRADE = { price: "price", amount: "size" } as const;
