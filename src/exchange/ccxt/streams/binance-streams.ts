// The sockets of Binance, USDⓈ-M and spot. Market data of both read alike; the account's own events come by listen
// key there and by a signed request here.

import { fail, ok, type Result } from "../../../base/result.ts";
import type { CallWish } from "../call.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import { decimalOf, flagOf, listOf, type Raw, recordOf, textOf, wholeOf } from "../raw.ts";
import { ownRecords, unreadable } from "./own-records.ts";
import { socketUrl } from "./socket-login.ts";
import type { DialPlan, PrivateNews, PrivateTable, PublicNews, StreamTable, Topic } from "./stream-table.ts";

const DEPTH = 500;

const SUFFIX: Readonly<Record<Topic["kind"], string>> = {
  book: "depth@100ms",
  trades: "trade",
  candle: "kline_",
  mark: "markPrice@1s",
};

const streamName = ({ kind, wireName, interval }: Topic): string =>
  `${wireName.toLowerCase()}@${SUFFIX[kind]}${kind === "candle" ? interval : ""}`;

const message = (method: string, topics: readonly Topic[], id: number): readonly Raw[] => [
  { method, params: topics.map(streamName), id },
];

function readPublic(frame: Raw): readonly PublicNews[] {
  const data = "stream" in frame ? recordOf(frame["data"]) : frame;
  const wireName = textOf(data["s"]);
  if (wireName === null) return [];
  switch (data["e"]) {
    case "depthUpdate":
      return depth(data, wireName);
    case "trade":
      return trade(data, wireName);
    case "kline":
      return kline(recordOf(data["k"]), wireName);
    case "markPriceUpdate":
      return mark(data, wireName);
    default:
      return [];
  }
}

function depth(data: Raw, wireName: string): readonly PublicNews[] {
  const [first, last, previous] = [wholeOf(data["U"]), wholeOf(data["u"]), wholeOf(data["pu"])];
  if (first === null || last === null) return [];
  const [bids, asks] = [listOf(data["b"]), listOf(data["a"])];
  return [{ kind: "depth", wireName, whole: false, first, last, previous, bids, asks, atMs: wholeOf(data["E"]) ?? 0 }];
}

/** `m`: the buyer was there first. Fund and liquidation entries of the tape come with price 0 and are no trades. */
function trade(data: Raw, wireName: string): readonly PublicNews[] {
  const tradeId = textOf(data["t"]);
  const atMs = wholeOf(data["T"]) ?? wholeOf(data["E"]);
  const [price, amount] = [decimalOf(data["p"]), decimalOf(data["q"])];
  if (tradeId === null || atMs === null || price === null || amount === null) return [];
  const takerSide = flagOf(data["m"]) === true ? "sell" : "buy";
  return [{ kind: "trade", wireName, tradeId, takerSide, price, amount, atMs }];
}

function kline(k: Raw, wireName: string): readonly PublicNews[] {
  const interval = textOf(k["i"]);
  if (interval === null) return [];
  const row = [k["t"], k["o"], k["h"], k["l"], k["c"], k["v"]];
  return [{ kind: "candle", wireName, interval, row, closed: flagOf(k["x"]) === true }];
}

function mark(data: Raw, wireName: string): readonly PublicNews[] {
  const price = decimalOf(data["p"]);
  if (price === null) return [];
  return [{ kind: "mark", wireName, mark: price, rate: decimalOf(data["r"]), nextAtMs: wholeOf(data["T"]) }];
}

function snapshot(body: unknown): ReturnType<NonNullable<StreamTable["snapshot"]>["read"]> {
  const said = recordOf(body);
  const last = wholeOf(said["lastUpdateId"]);
  if (last === null || !Array.isArray(said["bids"]) || !Array.isArray(said["asks"])) return null;
  return { last, bids: said["bids"], asks: said["asks"], atMs: wholeOf(said["E"]) ?? 0 };
}

/** An order's update, and the fill it carries. A liquidation's fill is CALCULATED, which ccxt takes for no fill. */
function execution(raw: Raw): readonly PrivateNews[] {
  const wireName = textOf(raw["s"]);
  if (wireName === null) return [unreadable("an event of an order names no instrument")];
  const order: PrivateNews = { kind: "order", wireName, parser: "parseWsOrder", raw };
  const tradeId = textOf(raw["t"]);
  const traded = raw["x"] === "TRADE" || raw["x"] === "CALCULATED";
  if (!traded || tradeId === null || tradeId.startsWith("-")) return [order];
  // of a cancel `c` names the request and `C` the order
  const clientOrderId = textOf(raw["C"]) ?? textOf(raw["c"]);
  const filled: PrivateNews = {
    kind: "fill",
    wireName,
    parser: "parseWsTrade",
    raw: { ...raw, x: "TRADE" },
    clientOrderId,
  };
  return [filled, order];
}

function usdmEvent(frame: Raw): readonly PrivateNews[] {
  const data = "stream" in frame ? recordOf(frame["data"]) : frame;
  switch (data["e"]) {
    case "ORDER_TRADE_UPDATE":
      return execution(recordOf(data["o"]));
    case "ACCOUNT_UPDATE":
      return accountUpdate(recordOf(data["a"]));
    case "MARGIN_CALL":
    case "ACCOUNT_CONFIG_UPDATE":
      return [{ kind: "balances" }];
    case "listenKeyExpired":
      return [{ kind: "over", text: "the listen key expired" }];
    case "serverShutdown":
      return [{ kind: "closing", text: "the exchange announced that it closes the socket" }];
    default:
      // the word of an event that is none of ours, or the answer to something said
      return textOf(data["e"]) === null && data["id"] === undefined ? [unreadable("an event has no name")] : [];
  }
}

function accountUpdate(update: Raw): readonly PrivateNews[] {
  const positions = ownRecords(update["P"] ?? [], "positions", (each) => {
    const [wireName, amount] = [textOf(each["s"]), decimalOf(each["pa"])];
    return wireName === null || amount === null ? null : [{ kind: "position", wireName, amount }];
  });
  const funding: readonly PrivateNews[] = update["m"] === "FUNDING_FEE" ? [{ kind: "funding" }] : [];
  return [...positions, ...funding, { kind: "balances" }];
}

function spotEvent(frame: Raw): readonly PrivateNews[] {
  const event = recordOf(frame["event"] ?? frame);
  switch (event["e"]) {
    case "executionReport":
      return execution(event);
    case "outboundAccountPosition":
    case "balanceUpdate":
    case "externalLockUpdate":
      return [{ kind: "balances" }];
    case "eventStreamTerminated":
    case "listenKeyExpired":
      return [{ kind: "over", text: "the subscription of the account's events ended" }];
    case "serverShutdown":
      return [{ kind: "closing", text: "the exchange announced that it closes the socket" }];
    case undefined:
      break;
    default:
      return [];
  }
  const status = wholeOf(frame["status"]);
  if (status === null) return [unreadable("an event has no name")];
  if (status === 200) return [{ kind: "ready" }];
  const error = recordOf(frame["error"]);
  const said = `${textOf(error["code"]) ?? status} ${textOf(error["msg"]) ?? ""}`;
  return [{ kind: "over", text: `the subscription of the account's events was refused: ${said}` }];
}

async function usdmLogin(
  instance: CcxtInstance,
  generation: number,
  wish: CallWish,
): Promise<Result<DialPlan, string>> {
  const reply = await instance.call({ method: "fapiPrivatePostListenKey", args: [] }, wish);
  if (!reply.ok) return fail(`no listen key: ${reply.text}`);
  const key = textOf(recordOf(reply.value)["listenKey"]);
  if (key === null) return fail("the exchange gave an empty listen key");
  const base = `${socketUrl(instance, "future").replace(/\/ws$/, "")}/private/ws`;
  // the key stays the same while it lives: two forms of one address tell the old socket from the new one
  return ok({ url: generation % 2 === 0 ? `${base}?listenKey=${key}` : `${base}/${key}`, messages: [] });
}

async function spotLogin(instance: CcxtInstance, generation: number): Promise<Result<DialPlan, string>> {
  const base = socketUrl(instance, "ws-api", "spot");
  try {
    const params = recordOf(instance.parse("signParams", {}));
    const signed = { id: `account-${generation}`, method: "userDataStream.subscribe.signature", params };
    return ok({ url: generation % 2 === 0 ? base : `${base}?returnRateLimits=false`, messages: [signed] });
  } catch (error) {
    return fail(`the subscription cannot be signed: ${error instanceof Error ? error.name : "unknown"}`);
  }
}

const USDM_OWN: PrivateTable = {
  proof: "open",
  plan: usdmLogin,
  renew: { method: "fapiPrivatePutListenKey", args: [] },
  read: usdmEvent,
};

const SPOT_OWN: PrivateTable = { proof: "ready", plan: spotLogin, renew: null, read: spotEvent };

export const BINANCE_USDM_STREAMS: StreamTable = {
  // a stream subscribed on the wrong route is acknowledged and never delivers
  links: { book: "public", trades: "public", candle: "market", mark: "market" },
  publicUrl: (instance, link, generation) =>
    `${socketUrl(instance, "future").replace(/\/ws$/, "")}/${link}/ws/${generation}`,
  subscribe: (topics, { id }) => message("SUBSCRIBE", topics, id),
  unsubscribe: (topics, { id }) => message("UNSUBSCRIBE", topics, id),
  // pings and pongs are frames of their own kind
  passes: () => false,
  socketsEnd: true,
  readPublic,
  snapshot: {
    call: (symbol) => ({ method: "fapiPublicGetDepth", args: [{ symbol, limit: DEPTH }] }),
    read: snapshot,
  },
  tradesNumbered: true,
  own: USDM_OWN,
};

export const BINANCE_SPOT_STREAMS: StreamTable = {
  ...BINANCE_USDM_STREAMS,
  links: { book: "market", trades: "market", candle: "market", mark: null },
  publicUrl: (instance, _link, generation) => `${socketUrl(instance, "spot")}/${generation}`,
  snapshot: { call: (symbol) => ({ method: "publicGetDepth", args: [{ symbol, limit: DEPTH }] }), read: snapshot },
  own: SPOT_OWN,
};
