// The sockets of Gate. Every channel is subscribed by a message of its own, private ones signed one by one. Futures
// books continue a snapshot read by REST; spot books bring theirs, and ccxt checks no number of them (EXCH-21).

import { fail, ok } from "../../../base/result.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import { decimalOf, flagOf, isRecord, listOf, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { ownRecords, unreadable } from "./own-records.ts";
import { apiUrl, channelMessage, keysOf } from "./socket-login.ts";
import type { PrivateNews, PrivateTable, PublicNews, StreamTable, TextRows, Topic } from "./stream-table.ts";

type Market = "spot" | "futures";

function asked({ kind, wireName, interval }: Topic, market: Market): readonly [channel: string, payload: string[]] {
  switch (kind) {
    case "book":
      return market === "spot"
        ? ["spot.obu", [`ob.${wireName}.50`]]
        : ["futures.order_book_update", [wireName, "100ms", "100"]];
    case "trades":
      return [`${market}.trades`, [wireName]];
    case "candle":
      return [`${market}.candlesticks`, [interval ?? "1m", wireName]];
    case "mark":
      return ["futures.tickers", [wireName]];
  }
}

const messages = (
  event: string,
  topics: readonly Topic[],
  about: { readonly market: Market; readonly nowMs: number },
): readonly Raw[] =>
  topics.map((topic) => {
    const [channel, payload] = asked(topic, about.market);
    return { time: Math.floor(about.nowMs / 1000), channel, event, payload };
  });

/** Rows as `[price, size]`; futures tell them as `{p, s}`. */
const rowsOf = (side: unknown): TextRows => listOf(side).map((row) => (isRecord(row) ? [row["p"], row["s"]] : row));

function readPublic(frame: Raw): readonly PublicNews[] {
  const [, channel = ""] = (textOf(frame["channel"]) ?? "").split(".");
  if (frame["event"] !== "update" && frame["event"] !== "all") return [];
  const result = frame["result"];
  const each = Array.isArray(result) ? recordsOf(result) : [recordOf(result)];
  switch (channel) {
    case "obu":
    case "order_book_update":
      return each.flatMap(depth);
    case "trades":
      return each.flatMap(trade);
    case "candlesticks":
      return each.flatMap(candle);
    case "tickers":
      return each.flatMap((data): readonly PublicNews[] => {
        const wireName = textOf(data["contract"]);
        const [mark, rate] = [decimalOf(data["mark_price"]), decimalOf(data["funding_rate"])];
        return wireName === null ? [] : [{ kind: "mark", wireName, mark, rate, nextAtMs: null }];
      });
    default:
      return [];
  }
}

function depth(data: Raw): readonly PublicNews[] {
  const name = textOf(data["s"]) ?? "";
  const wireName = name.startsWith("ob.") ? (name.split(".")[1] ?? "") : name;
  const last = wholeOf(data["u"]);
  if (last === null || wireName === "") return [];
  const whole = flagOf(data["full"]) === true;
  const levels = { bids: rowsOf(data["b"]), asks: rowsOf(data["a"]) };
  const first = wholeOf(data["U"]) ?? last;
  return [{ kind: "depth", wireName, whole, first, last, previous: null, ...levels, atMs: wholeOf(data["t"]) ?? 0 }];
}

/** Futures sign the size: below zero the taker sold. */
function trade(data: Raw): readonly PublicNews[] {
  const wireName = textOf(data["contract"] ?? data["currency_pair"]);
  const [tradeId, size] = [textOf(data["id"]), decimalOf(data["size"] ?? data["amount"])];
  const [price, atMs] = [decimalOf(data["price"]), wholeOf(textOf(data["create_time_ms"])?.split(".")[0])];
  if (wireName === null || tradeId === null || size === null || price === null || atMs === null) return [];
  const takerSide = data["side"] === "sell" || size.startsWith("-") ? "sell" : "buy";
  return [{ kind: "trade", wireName, tradeId, takerSide, price, amount: size.replace("-", ""), atMs }];
}

/** Named `1m_BTC_USDT`, begun at a second; spot counts the base asset in `a`, futures contracts in `v`. */
function candle(data: Raw): readonly PublicNews[] {
  const name = textOf(data["n"]) ?? "";
  const cut = name.indexOf("_");
  const seconds = wholeOf(data["t"]);
  if (cut < 1 || seconds === null) return [];
  const row = [seconds * 1000, data["o"], data["h"], data["l"], data["c"], data["a"] ?? data["v"]];
  const said = flagOf(data["w"]);
  return [{ kind: "candle", wireName: name.slice(cut + 1), interval: name.slice(0, cut), row, closed: said }];
}

function snapshot(body: unknown): ReturnType<NonNullable<StreamTable["snapshot"]>["read"]> {
  const said = recordOf(body);
  const last = wholeOf(said["id"]);
  if (last === null) return null;
  return { last, bids: rowsOf(said["bids"]), asks: rowsOf(said["asks"]), atMs: 0 };
}

/** Our id in `text`, after the prefix the exchange wants. */
function clientIdOf(raw: Raw): string | null {
  const text = textOf(raw["text"]);
  return text?.startsWith("t-") === true ? text.slice(2) : text;
}

function readOwn(frame: Raw): readonly PrivateNews[] {
  const [, channel = ""] = (textOf(frame["channel"]) ?? "").split(".");
  if (frame["error"] !== undefined && frame["error"] !== null) {
    const { code, message } = recordOf(frame["error"]);
    return [{ kind: "over", text: `${channel} was refused: ${textOf(code) ?? ""} ${textOf(message) ?? ""}` }];
  }
  if (frame["event"] === "subscribe") return channel === "orders" ? [{ kind: "ready" }] : [];
  if (frame["event"] !== "update") return textOf(frame["event"]) === null ? [unreadable("a frame has no event")] : [];
  if (channel === "balances") return [{ kind: "balances" }];
  return ownRecords(frame["result"], channel, (raw) => {
    const wireName = textOf(raw["contract"] ?? raw["currency_pair"]);
    if (wireName === null) return null;
    switch (channel) {
      case "orders":
        return [{ kind: "order", wireName, parser: "parseOrder", raw }];
      case "usertrades":
        return [{ kind: "fill", wireName, parser: "parseTrade", raw, clientOrderId: clientIdOf(raw) }];
      case "positions": {
        const amount = decimalOf(raw["size"]);
        return amount === null ? null : [{ kind: "position", wireName, amount }];
      }
      case "":
        return null;
      default:
        return [];
    }
  });
}

const url = (instance: CcxtInstance, market: Market): string =>
  market === "spot" ? apiUrl(instance, "spot") : apiUrl(instance, "swap", "usdt");

const ownOf = (market: Market): PrivateTable => ({
  proof: "ready",
  plan: async (instance, _generation, wish) => {
    const keys = keysOf(instance);
    const seconds = Math.floor(instance.nowMs() / 1000);
    const say = (channel: string, payload: readonly string[]): Raw =>
      channelMessage(keys, { channel, payload, seconds });
    if (market === "spot") {
      const said = [say("spot.balances", []), say("spot.usertrades", ["!all"]), say("spot.orders", ["!all"])];
      return ok({ url: url(instance, market), messages: said });
    }
    // futures channels name the user
    const reply = await instance.call({ method: "privateAccountGetDetail", args: [] }, wish);
    const user = reply.ok ? textOf(recordOf(reply.value)["user_id"]) : null;
    if (user === null) return fail(`the user's id was not told${reply.ok ? "" : `: ${reply.text}`}`);
    const names = ["positions", "usertrades", "orders"].map((name) => say(`futures.${name}`, [user, "!all"]));
    return ok({ url: url(instance, market), messages: [say("futures.balances", [user]), ...names] });
  },
  renew: null,
  read: readOwn,
});

const gateStreams = (market: Market): StreamTable => ({
  links: { book: "public", trades: "public", candle: "public", mark: market === "futures" ? "public" : null },
  publicUrl: (instance) => url(instance, market),
  subscribe: (topics, { nowMs }) => messages("subscribe", topics, { market, nowMs }),
  unsubscribe: (topics, { nowMs }) => messages("unsubscribe", topics, { market, nowMs }),
  passes: (frame) => /\.p[io]ng$/.test(textOf(recordOf(frame)["channel"]) ?? ""),
  socketsEnd: false,
  readPublic,
  snapshot:
    market === "spot"
      ? null
      : {
          call: (contract) => ({
            method: "publicFuturesGetSettleOrderBook",
            args: [{ settle: "usdt", contract, limit: 100, with_id: true }],
          }),
          read: snapshot,
        },
  tradesNumbered: false,
  own: ownOf(market),
});

export const GATE_FUTURES_STREAMS = gateStreams("futures");
export const GATE_SPOT_STREAMS = gateStreams("spot");
