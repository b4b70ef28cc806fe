// Journal body → event, field by field. A new kind of event, or a new field, fails the compile here.

import type { Lots, Side, Ticks } from "../market/amounts.ts";
import { lots, ticks } from "../market/amounts.ts";
import { type ClientOrderId, foreignOrderId } from "../trading/client-order-id.ts";
import type { CandleInterval, EngineEvent, EventKind, FeedName, Level, OpenOrderSeen } from "../trading/event.ts";
import type { OrderStatus, RejectReason } from "../trading/order.ts";
import type { Body, Members } from "./body.ts";
import { ACCOUNT_EVENT_DECODERS } from "./decode-account.ts";
import { command, config, instrument } from "./decode-configuration.ts";

type Of<K extends EventKind> = Extract<EngineEvent, { readonly kind: K }>;
type Decoders = { readonly [K in EventKind]: (body: Body, atMs: number) => Of<K> };

export const SIDES: Members<Side> = { buy: true, sell: true };
const FEEDS: Members<FeedName> = { book: true, orders: true, candles: true, account: true, funding: true };
const INTERVALS: Members<CandleInterval> = { "1m": true, "3m": true, "5m": true, "15m": true, "1h": true };
const STATUSES: Members<OrderStatus> = { open: true, filled: true, canceled: true, expired: true };
const KEY_RIGHTS: Members<NonNullable<Of<"start-facts">["keyRights"]>> = {
  unread: true,
  "read-only": true,
  "withdraw-allowed": true,
};
const REASONS: Members<RejectReason> = {
  POST_ONLY_WOULD_TAKE: true,
  INSUFFICIENT_FUNDS: true,
  REDUCE_ONLY_REJECTED: true,
  PRICE_OUT_OF_BAND: true,
  OFF_GRID: true,
  BELOW_MINIMUM: true,
  TOO_MANY_ORDERS: true,
  RATE_LIMITED: true,
  INSTRUMENT_NOT_TRADING: true,
  SELF_TRADE: true,
  FILL_OR_KILL: true,
  OTHER: true,
};
const OUTCOME_OF: Members<Of<"outcome">["of"]> = { place: true, cancel: true };
const RESULTS: Members<Of<"outcome">["result"]> = {
  accepted: true,
  rejected: true,
  unknown: true,
  "not-sent": true,
  "not-open": true,
};
const SOURCES: Members<Of<"order">["source"]> = { stream: true, lookup: true, "open-orders": true };
const ORIGINS: Members<Of<"fill">["origin"]> = { order: true, liquidation: true, adl: true, manual: true };
const LIQUIDITY: Members<Of<"fill">["liquidity"]> = { maker: true, taker: true };
const CONDITIONS: Members<Of<"host-condition">["condition"]> = {
  overload: true,
  disk: true,
  clock: true,
  "slow-steps": true,
  "journal-growth": true,
};

const id = (text: string): ClientOrderId => foreignOrderId(text);

export const EVENT_DECODERS: Decoders = {
  "run-started": (b, atMs) => ({
    kind: "run-started",
    atMs,
    epoch: b.integer("epoch"),
    lineage: b.integer("lineage"),
    host: b.text("host"),
    release: b.text("release"),
    coreHash: b.text("coreHash"),
    configHash: b.text("configHash"),
    clockOffsetMs: b.integer("clockOffsetMs"),
  }),
  configured: (b, atMs) => ({
    kind: "configured",
    atMs,
    revision: b.integer("revision"),
    hash: b.text("hash"),
    by: b.text("by"),
    instrument: instrument(b.object("instrument")),
    config: config(b.object("config")),
  }),
  "start-facts": (b, atMs) => {
    const keyRights = b.oneOfIfGiven("keyRights", KEY_RIGHTS);
    const maintenanceMargin = b.moneyIfGiven("maintenanceMargin");
    return {
      kind: "start-facts",
      atMs,
      positionLots: b.lots("positionLots"),
      positionEntry: b.milliTicksOrNull("positionEntry"),
      quoteAvailable: b.money("quoteAvailable"),
      equity: b.money("equity"),
      ...(maintenanceMargin === undefined ? {} : { maintenanceMargin }),
      leverage: b.integer("leverage"),
      oneWayMode: b.flag("oneWayMode"),
      foreignOrders: b.integer("foreignOrders"),
      clockOffsetMs: b.integer("clockOffsetMs"),
      clockErrorMs: b.integer("clockErrorMs"),
      keyMayWithdraw: b.flag("keyMayWithdraw"),
      ...(keyRights === undefined ? {} : { keyRights }),
    };
  },
  book: (b, atMs) => ({
    kind: "book",
    atMs,
    symbol: b.text("symbol"),
    bids: levels(b, "bids"),
    asks: levels(b, "asks"),
    exchangeAtMs: b.integer("exchangeAtMs"),
    replaced: b.integer("replaced"),
  }),
  trades: (b, atMs) => ({
    kind: "trades",
    atMs,
    symbol: b.text("symbol"),
    count: b.integer("count"),
    volume: b.lots("volume"),
    last: b.ticks("last"),
    high: b.ticks("high"),
    low: b.ticks("low"),
  }),
  candle: (b, atMs) => ({
    kind: "candle",
    atMs,
    symbol: b.text("symbol"),
    interval: b.oneOf("interval", INTERVALS),
    openAtMs: b.integer("openAtMs"),
    open: b.ticks("open"),
    high: b.ticks("high"),
    low: b.ticks("low"),
    close: b.ticks("close"),
    volume: b.lots("volume"),
    closed: b.flag("closed"),
  }),
  mark: (b, atMs) => ({ kind: "mark", atMs, symbol: b.text("symbol"), mark: b.milliTicks("mark") }),
  "funding-rate": (b, atMs) => ({
    kind: "funding-rate",
    atMs,
    symbol: b.text("symbol"),
    ratePpt: b.integer("ratePpt"),
    nextAtMs: b.integer("nextAtMs"),
  }),
  "funding-settled": (b, atMs) => {
    const asset = b.textIfGiven("asset");
    return {
      kind: "funding-settled",
      atMs,
      symbol: b.text("symbol"),
      settledAtMs: b.integer("settledAtMs"),
      ratePpt: b.integer("ratePpt"),
      mark: b.milliTicks("mark"),
      positionLots: b.lots("positionLots"),
      amount: b.money("amount"),
      ...(asset === undefined ? {} : { asset }),
    };
  },
  order: (b, atMs) => ({
    kind: "order",
    atMs,
    symbol: b.text("symbol"),
    clientOrderId: id(b.text("clientOrderId")),
    exchangeOrderId: b.text("exchangeOrderId"),
    side: b.oneOf("side", SIDES),
    price: b.ticks("price"),
    quantity: b.lots("quantity"),
    status: b.oneOf("status", STATUSES),
    cumulative: b.lots("cumulative"),
    reason: b.oneOfOrNull("reason", REASONS),
    source: b.oneOf("source", SOURCES),
  }),
  fill: (b, atMs) => ({
    kind: "fill",
    atMs,
    symbol: b.text("symbol"),
    tradeId: b.text("tradeId"),
    clientOrderId: idOrNull(b.textOrNull("clientOrderId")),
    exchangeOrderId: b.text("exchangeOrderId"),
    side: b.oneOf("side", SIDES),
    price: b.ticks("price"),
    quantity: b.lots("quantity"),
    feeAsset: b.text("feeAsset"),
    fee: b.money("fee"),
    liquidity: b.oneOf("liquidity", LIQUIDITY),
    origin: b.oneOf("origin", ORIGINS),
    exchangeAtMs: b.integer("exchangeAtMs"),
  }),
  account: (b, atMs) => ({
    kind: "account",
    atMs,
    equity: b.money("equity"),
    quoteAvailable: b.money("quoteAvailable"),
    maintenanceMargin: b.money("maintenanceMargin"),
  }),
  position: (b, atMs) => ({
    kind: "position",
    atMs,
    symbol: b.text("symbol"),
    lots: b.lots("lots"),
    askedAtSeq: b.integer("askedAtSeq"),
    liquidation: b.milliTicksOrNull("liquidation"),
  }),
  "exchange-state": (b, atMs) => {
    const liquidation = b.milliTicksIfGiven("liquidation");
    const read = {
      kind: "exchange-state",
      atMs,
      symbol: b.text("symbol"),
      askedAtSeq: b.integer("askedAtSeq"),
      openOrders: b.objects("openOrders", openOrder),
      positionLots: b.lots("positionLots"),
    } as const;
    return liquidation === undefined ? read : { ...read, liquidation };
  },
  outcome: (b, atMs) => {
    const tookMs = b.integerIfGiven("tookMs");
    const tries = b.integerIfGiven("tries");
    return {
      kind: "outcome",
      atMs,
      of: b.oneOf("of", OUTCOME_OF),
      clientOrderId: id(b.text("clientOrderId")),
      result: b.oneOf("result", RESULTS),
      exchangeOrderId: b.textOrNull("exchangeOrderId"),
      reason: b.oneOfOrNull("reason", REASONS),
      text: b.text("text"),
      ...(tookMs === undefined ? {} : { tookMs }),
      ...(tries === undefined ? {} : { tries }),
    };
  },
  absent: (b, atMs) => ({
    kind: "absent",
    atMs,
    clientOrderId: id(b.text("clientOrderId")),
    note: b.oneOf("note", { "not-found": true, forgotten: true }),
  }),
  timer: (b, atMs) => ({ kind: "timer", atMs, name: b.text("name"), missed: b.integer("missed") }),
  command: (b, atMs) => {
    const by = { by: b.text("by"), reason: b.text("reason") };
    const requestId = b.textIfGiven("requestId");
    const told = { kind: "command", atMs, command: command(b.object("command")), ...by } as const;
    return requestId === undefined ? told : { ...told, requestId };
  },
  feed: (b, atMs) => ({
    kind: "feed",
    atMs,
    feed: b.oneOf("feed", FEEDS),
    state: b.oneOf("state", { stale: true, fresh: true }),
  }),
  instrument: (b, atMs) => ({ kind: "instrument", atMs, instrument: instrument(b.object("instrument")) }),
  recovered: (_b, atMs) => ({ kind: "recovered", atMs }),
  "stop-requested": (b, atMs) => ({ kind: "stop-requested", atMs, by: b.text("by") }),
  "host-condition": (b, atMs) => ({
    kind: "host-condition",
    atMs,
    condition: b.oneOf("condition", CONDITIONS),
    active: b.flag("active"),
    text: b.text("text"),
  }),
  ...ACCOUNT_EVENT_DECODERS,
};

const idOrNull = (text: string | null): ClientOrderId | null => (text === null ? null : id(text));

const openOrder = (b: Body): OpenOrderSeen => ({
  clientOrderId: id(b.text("clientOrderId")),
  exchangeOrderId: b.text("exchangeOrderId"),
  side: b.oneOf("side", SIDES),
  price: b.ticks("price"),
  quantity: b.lots("quantity"),
  cumulative: b.lots("cumulative"),
});

function levels(body: Body, key: string): readonly Level[] {
  return body.list(key).map((item): readonly [Ticks, Lots] => {
    if (!Array.isArray(item) || item.length !== 2) return body.refuse(key, "a list of [price, quantity]");
    const [price, quantity] = item as readonly unknown[];
    if (typeof price !== "number" || typeof quantity !== "number") return body.refuse(key, "a list of integers");
    if (!Number.isSafeInteger(price) || !Number.isSafeInteger(quantity)) return body.refuse(key, "a list of integers");
    return [ticks(price), lots(quantity)];
  });
}
