// ExchangeService over one exchange port: each call is checked, done by the desk it belongs to, and worded as the API
// has it. Whole messages are returned, so that nothing is copied on the way out.

import type { CallContext } from "nice-grpc-common";
import { timeLeft } from "../../rpc/call.ts";
import { requireBot, requireRole } from "../../rpc/caller.ts";
import { boundedCount, chosenExchange, requiredClientOrderId, requiredText } from "../../rpc/fields.ts";
import type { OrderOutcome } from "../../rpc/generated/opensqt/market_maker/v1/events.ts";
import type {
  ArmDeadManRequest,
  ArmDeadManResponse,
  BatchCancelOrdersRequest,
  BatchPlaceOrdersRequest,
  BatchPlaceOrdersResponse,
  CancelAllOrdersRequest,
  CancelOrderRequest,
  CancelOrderResponse,
  EmergencyCancelRequest,
  ExchangeServiceImplementation,
  GetSymbolsRequest,
  GetSymbolsResponse,
  PlaceOrderRequest,
} from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { FundingRate, Ticker } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { ExchangeType, PositionMode } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField, refusalOf, unimplemented } from "../../rpc/refusal.ts";
import { errorInfoOf } from "../../rpc/refusal-wire.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import { noRate } from "../wire/market-view.ts";
import { type CancelDesk, ofTag, readIds, readTag, type Sweep } from "./cancel-desk.ts";
import type { ConnectorCore } from "./core.ts";
import { type DeadMan, isTtl, TTL_WORDS } from "./dead-man.ts";
import type { MarketStreams } from "./market-streams.ts";
import type { OrderDesk } from "./order-desk.ts";
import { noMargin } from "./order-form.ts";
import type { Reads } from "./reads.ts";
import { noAnswer } from "./refusals.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { TagOwners } from "./tag-owners.ts";

/** Elements of a batch (API section 4). */
const BATCH_MAX = 50;
/** A sweep leaves its caller time to hear how it ended. */
const SWEEP_MS_MAX = 55_000;
/** How long a read waits for a first book or rate. */
const FIRST_MS = 3_000;

export interface ServiceParts {
  readonly core: ConnectorCore;
  readonly release: string;
  readonly ratePpm: number;
  readonly orders: OrderDesk;
  readonly cancels: CancelDesk;
  readonly deadMan: DeadMan;
  readonly reads: Reads;
  readonly markets: MarketStreams;
  readonly subscriptions: Subscriptions;
  readonly owners: TagOwners;
}

export type ExchangeHandlers = ExchangeServiceImplementation;

/** Everything this release does not do yet, by method: docs/api/unimplemented.md lists the same. */
export const UNIMPLEMENTED = [
  "AmendOrder",
  "GetOpenInterest",
  "GetBorrowInfo",
  "GetHistoricalFundingRates",
  "SubscribeTrades",
  "SetLeverage",
  "SetMarginMode",
  "Transfer",
  "Borrow",
  "Repay",
  "ReloadCredentials",
] as const;

export function exchangeHandlers(parts: ServiceParts): ExchangeHandlers {
  return { ...mutations(parts), ...reading(parts), ...marketReads(parts), ...streams(parts), ...unbuilt() };
}

const checkExchange = ({ exchange }: ConnectorCore, request: { readonly exchange: string }): void =>
  void chosenExchange(request.exchange, [exchange]);

type Names = keyof ExchangeHandlers;
type Part<N extends Names> = Pick<ExchangeHandlers, N>;

function mutations(
  parts: ServiceParts,
): Part<
  | "placeOrder"
  | "batchPlaceOrders"
  | "cancelOrder"
  | "batchCancelOrders"
  | "cancelAllOrders"
  | "emergencyCancel"
  | "armDeadMan"
> {
  const { core } = parts;
  return {
    placeOrder: async (request, context) => {
      const { order, duplicate } = await placeOne(parts, request, { context, at: "" });
      return { outcome: { clientOrderId: request.clientOrderId, order, duplicate, error: undefined } };
    },
    batchPlaceOrders: (request, context) => placeBatch(parts, request, context),
    cancelOrder: (request, context) => cancelOne(parts, request, context),
    batchCancelOrders: async (request, context) => {
      checkExchange(core, request);
      return { results: await cancelBatch(parts, request, context) };
    },
    cancelAllOrders: async (request, context) => sweptOf(await cancelAll(parts, request, context)),
    emergencyCancel: async (request, context) => sweptOf(await emergency(parts, request, context)),
    armDeadMan: async (request, context) => armDeadMan(parts, request, context),
  };
}

async function placeOne(
  { core, orders, owners }: ServiceParts,
  request: PlaceOrderRequest,
  { context, at }: { readonly context: CallContext; readonly at: string },
) {
  checkExchange(core, request);
  const form = orders.read(request, (botId) => requireBot(context, botId), at);
  const placed = await orders.place(form);
  owners.placed(form.id, form.botId);
  return placed;
}

async function placeBatch(
  parts: ServiceParts,
  request: BatchPlaceOrdersRequest,
  context: CallContext,
): Promise<BatchPlaceOrdersResponse> {
  checkExchange(parts.core, request);
  if (request.orders.length > BATCH_MAX) {
    throw invalidField("orders", `has ${request.orders.length} orders, at most ${BATCH_MAX}`);
  }
  const outcomes = await Promise.all(
    request.orders.map(async (each, i): Promise<OrderOutcome> => {
      const { clientOrderId } = each;
      try {
        const placed = await placeOne(parts, each, { context, at: `orders[${i}].` });
        return { clientOrderId, ...placed, error: undefined };
      } catch (error) {
        return { clientOrderId, order: undefined, duplicate: false, error: errorInfoOf(refusalOf(error)) };
      }
    }),
  );
  return { outcomes, allSuccess: outcomes.every(({ error }) => error === undefined) };
}

async function cancelOne(
  { core, cancels, owners, reads }: ServiceParts,
  request: CancelOrderRequest,
  context: CallContext,
): Promise<CancelOrderResponse> {
  checkExchange(core, request);
  if (request.useMargin) throw noMargin();
  const { symbol } = core.instruments.named(request.symbol);
  let id = request.clientOrderId;
  if (id !== "") requiredClientOrderId("client_order_id", id);
  else {
    requiredText("client_order_id or order_id", request.orderId, 64);
    const found = await reads.order({
      exchange: "",
      symbol,
      clientOrderId: "",
      orderId: request.orderId,
      useMargin: false,
    });
    id = found.order?.clientOrderId ?? "";
  }
  owners.check(context, id);
  const done = await cancels.cancel(symbol, foreignOrderId(id));
  if (done.result === "accepted") return { result: "accepted", order: undefined };
  return { result: "not_open", order: done.order ?? undefined };
}

async function cancelBatch(
  { core, cancels, owners }: ServiceParts,
  request: BatchCancelOrdersRequest,
  context: CallContext,
) {
  const { symbol } = core.instruments.named(request.symbol);
  const ids = readIds(request.clientOrderIds, BATCH_MAX);
  for (const id of ids) owners.check(context, id);
  return cancels.cancelMany(symbol, ids);
}

function cancelAll(
  { core, cancels, owners }: ServiceParts,
  request: CancelAllOrdersRequest,
  context: CallContext,
): Promise<Sweep> {
  checkExchange(core, request);
  if (request.useMargin) throw noMargin();
  const symbols = request.symbol === "" ? core.instruments.symbols : [core.instruments.named(request.symbol).symbol];
  const deadlineMs = sweepDeadline(core, context);
  if (request.everything) {
    if (request.tag !== "") throw invalidField("tag", "is given together with everything: choose one");
    requireRole(context, "operator", "cancelling everything, foreign orders too,");
    core.log.warn("cancel all: everything", { symbols: symbols.join(" ") });
    return cancels.sweep(symbols, () => true, deadlineMs);
  }
  const tag = readTag(request.tag);
  owners.check(context, tag);
  return cancels.sweep(symbols, ({ clientOrderId }) => ofTag(clientOrderId, tag), deadlineMs);
}

function emergency(
  { core, cancels, owners }: ServiceParts,
  request: EmergencyCancelRequest,
  context: CallContext,
): Promise<Sweep> {
  checkExchange(core, request);
  const tag = readTag(request.tag);
  owners.check(context, tag);
  core.log.error("emergency cancel", { tag, severity: "critical" });
  const meant = ({ clientOrderId }: { readonly clientOrderId: string }): boolean => ofTag(clientOrderId, tag);
  return cancels.sweep(core.instruments.symbols, meant, sweepDeadline(core, context));
}

const sweptOf = ({ cancelled, left, proven }: Sweep) => ({ cancelled, left: [...left], proven });

function sweepDeadline({ machine, unixMs }: ConnectorCore, context: CallContext): number {
  const leftMs = timeLeft(context, unixMs(), 500) ?? SWEEP_MS_MAX;
  return machine.monotonicMs() + Math.min(SWEEP_MS_MAX, leftMs);
}

function armDeadMan(
  { core, deadMan, owners }: ServiceParts,
  request: ArmDeadManRequest,
  context: CallContext,
): ArmDeadManResponse {
  checkExchange(core, request);
  const { botId, ttlMs, epoch } = request;
  requiredText("bot_id", botId, 64);
  if (!isTtl(ttlMs)) throw invalidField("ttl_ms", `${TTL_WORDS}, is ${ttlMs}`);
  const symbol = request.symbol === "" ? "" : core.instruments.traded("symbol", request.symbol).symbol;
  const tag = request.tag === "" ? "" : readTag(request.tag);
  requireBot(context, botId);
  owners.check(context, tag);
  core.fence.pass(botId, epoch);
  owners.learn(tag, botId);
  return { armedUntilMs: deadMan.arm({ botId, symbol, tag, ttlMs }), kind: "connector" };
}

function reading(
  parts: ServiceParts,
): Part<
  | "getName"
  | "getType"
  | "getOrder"
  | "getOpenOrders"
  | "getFills"
  | "getAccount"
  | "getPositions"
  | "getBalance"
  | "getFundingPayments"
  | "getRequestBudget"
  | "getServerTime"
> {
  const { core, reads } = parts;
  const checked = <R extends { readonly exchange: string }, A>(read: (request: R) => Promise<A>) => {
    return async (request: R): Promise<A> => {
      checkExchange(core, request);
      return read(request);
    };
  };
  return {
    getName: checked(async () => ({ name: core.exchange, exchanges: [core.exchange], release: parts.release })),
    getType: checked(async () => typeOf(core)),
    getOrder: checked((request) => reads.order(request)),
    getOpenOrders: checked(async (request) => ({ orders: await reads.openOrders(request) })),
    getFills: checked((request) => reads.fills(request)),
    getAccount: checked(async () => ({ account: await reads.account() })),
    getPositions: checked(async (request) => ({ positions: await reads.positions(request) })),
    getBalance: checked(async (request) => ({ balance: await reads.balance(request) })),
    getFundingPayments: checked(async (request) => ({ payments: await reads.fundingPayments(request) })),
    // the simulated exchange has no limits of its own, and says so by naming none
    getRequestBudget: checked(async () => ({ buckets: [] })),
    getServerTime: checked(async () => {
      const nowMs = core.clock.nowMs();
      return { offsetMs: nowMs - core.unixMs(), errorMs: 0, nowMs, ratePpm: parts.ratePpm };
    }),
  };
}

function typeOf({ instruments, upstream }: ConnectorCore) {
  const derivative = instruments.all.some(({ kind }) => kind === "perpetual");
  const { requestExpiryMs, lookupLagMs, lookupReachMs } = upstream.port;
  return {
    type: derivative ? ExchangeType.FUTURES : ExchangeType.SPOT,
    isUnifiedMargin: false,
    positionMode: PositionMode.ONE_WAY,
    capabilities: ["batch", "dead_man"],
    requestExpiryMs,
    lookupLagMs,
    lookupReachMs: lookupReachMs ?? 0,
  };
}

function marketReads(
  parts: ServiceParts,
): Part<
  | "getLatestPrice"
  | "getTickers"
  | "getBook"
  | "getHistoricalKlines"
  | "fetchExchangeInfo"
  | "getSymbolInfo"
  | "getSymbols"
  | "getFees"
  | "getFundingRate"
  | "getFundingRates"
> {
  const { core, reads, markets } = parts;
  const { instruments, exchange } = core;
  return {
    getLatestPrice: async (request) => {
      checkExchange(core, request);
      const { symbol } = instruments.named(request.symbol);
      const last = markets.lastPriceOf(symbol) ?? (await lastClose(parts, symbol));
      if (last === undefined) throw noAnswer(exchange, `no trade of ${symbol} was seen yet`);
      return { price: last, atMs: core.clock.nowMs() };
    },
    getTickers: async (request) => {
      checkExchange(core, request);
      const chosen = instruments.chosen("symbols", request.symbols);
      const tickers = await Promise.all(chosen.map(({ symbol }) => tickerOf(parts, symbol)));
      return { tickers: tickers.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)) };
    },
    getBook: async (request) => {
      checkExchange(core, request);
      const { symbol } = instruments.named(request.symbol);
      boundedCount("depth", request.depth, { fallback: 50, max: 1_000 });
      const book = await markets.newestBook(symbol, FIRST_MS);
      if (book === null) throw noAnswer(exchange, `no book of ${symbol} came within ${FIRST_MS} ms`);
      return { book: reads.cut(book, request) };
    },
    getHistoricalKlines: async (request) => {
      checkExchange(core, request);
      return { candles: await reads.candles(request) };
    },
    fetchExchangeInfo: async (request) => {
      checkExchange(core, request);
      return { changed: await refreshed(parts, request.symbol) };
    },
    getSymbolInfo: async (request) => {
      checkExchange(core, request);
      return { info: instruments.info(instruments.named(request.symbol).symbol) };
    },
    getSymbols: async (request) => {
      checkExchange(core, request);
      return symbolsOf(core, request);
    },
    getFees: async (request) => {
      checkExchange(core, request);
      const { makerPpm, takerPpm } = instruments.named(request.symbol);
      return { makerPpm, takerPpm, atMs: core.clock.nowMs() };
    },
    getFundingRate: async (request) => {
      checkExchange(core, request);
      return { rate: rateOf(parts, instruments.named(request.symbol).symbol) };
    },
    getFundingRates: async (request) => {
      checkExchange(core, request);
      const chosen = instruments.chosen("symbols", request.symbols).map(({ symbol }) => symbol);
      return { rates: chosen.sort().map((symbol) => rateOf(parts, symbol)) };
    },
  };
}

async function lastClose({ reads }: ServiceParts, symbol: string) {
  const request = { exchange: "", symbol, interval: "1m", limit: 1, fromMs: 0, toMs: 0 };
  const [newest] = await reads.candles(request);
  return newest?.close;
}

async function tickerOf(parts: ServiceParts, symbol: string): Promise<Ticker> {
  const { core, markets } = parts;
  const book = await markets.newestBook(symbol, FIRST_MS);
  if (book === null) throw noAnswer(core.exchange, `no book of ${symbol} came within ${FIRST_MS} ms`);
  return {
    exchange: core.exchange,
    symbol,
    lastPrice: markets.lastPriceOf(symbol) ?? (await lastClose(parts, symbol)),
    bid: book.bids[0]?.price,
    ask: book.asks[0]?.price,
    priceChange: undefined,
    priceChangePercent: undefined,
    volume: undefined,
    quoteVolume: undefined,
    openInterest: undefined,
    atMs: book.atMs,
  };
}

function rateOf({ core, markets }: ServiceParts, symbol: string): FundingRate {
  return markets.rateOf(symbol) ?? noRate(core.instruments.named(symbol), core.clock.nowMs());
}

async function refreshed({ core }: ServiceParts, symbol: string): Promise<string[]> {
  const { instruments, upstream, exchange, clock } = core;
  const symbols = symbol === "" ? instruments.symbols : [instruments.named(symbol).symbol];
  const answers = await Promise.all(symbols.map((each) => upstream.instrument(each)));
  return answers.flatMap((answer) => {
    if (answer.result === "unavailable") throw noAnswer(exchange, answer.text);
    return instruments.set(answer.instrument, clock.nowMs()) ? [answer.instrument.symbol] : [];
  });
}

function symbolsOf({ instruments }: ConnectorCore, request: GetSymbolsRequest): GetSymbolsResponse {
  const size = boundedCount("page_size", request.pageSize, { fallback: 100, max: 1_000 });
  const { type } = request;
  if (type < 0) throw invalidField("type", "must be SPOT, FUTURES or not given");
  const kind = type === ExchangeType.SPOT ? "spot" : "perpetual";
  const names = instruments.all
    .filter((each) => type === ExchangeType.UNSPECIFIED || each.kind === kind)
    .map(({ symbol }) => symbol);
  const after = readPage(request.pageToken);
  const rest = after === "" ? names : names.filter((name) => name > after);
  const page = rest.slice(0, size);
  const last = page[page.length - 1] ?? "";
  return { symbols: page, nextPageToken: rest.length > size ? Buffer.from(`s:${last}`).toString("base64url") : "" };
}

function readPage(token: string): string {
  if (token === "") return "";
  const text = token.length > 200 ? "" : Buffer.from(token, "base64url").toString();
  if (text.startsWith("s:")) return text.slice(2);
  throw invalidField("page_token", "is none that this connector gave");
}

function streams({
  core,
  subscriptions,
}: ServiceParts): Part<
  | "subscribePrice"
  | "subscribeBook"
  | "subscribeKlines"
  | "subscribeFundingRate"
  | "subscribeOrders"
  | "subscribeAccount"
  | "subscribePositions"
  | "subscribeFeeds"
> {
  const checked = <R extends { readonly exchange: string }, A>(
    open: (request: R, signal: AbortSignal) => AsyncIterable<A>,
  ) => {
    return (request: R, { signal }: CallContext): AsyncIterable<A> => {
      checkExchange(core, request);
      return open(request, signal);
    };
  };
  return {
    subscribePrice: checked((request, signal) => subscriptions.price(request, signal)),
    subscribeBook: checked((request, signal) => subscriptions.book(request, signal)),
    subscribeKlines: checked((request, signal) => subscriptions.candles(request, signal)),
    subscribeFundingRate: checked((request, signal) => subscriptions.funding(request, signal)),
    subscribeOrders: checked((request, signal) => subscriptions.orders(request, signal)),
    subscribeAccount: checked((request, signal) => subscriptions.account(request, signal)),
    subscribePositions: checked((request, signal) => subscriptions.positions(request, signal)),
    subscribeFeeds: checked((request, signal) => subscriptions.feeds(request, signal)),
  };
}

function unbuilt(): Part<
  | "amendOrder"
  | "getOpenInterest"
  | "getBorrowInfo"
  | "getHistoricalFundingRates"
  | "subscribeTrades"
  | "setLeverage"
  | "setMarginMode"
  | "transfer"
  | "borrow"
  | "repay"
  | "reloadCredentials"
> {
  const refuse = (method: (typeof UNIMPLEMENTED)[number]) => (): never => {
    throw unimplemented(method);
  };
  return {
    amendOrder: refuse("AmendOrder"),
    getOpenInterest: refuse("GetOpenInterest"),
    getBorrowInfo: refuse("GetBorrowInfo"),
    getHistoricalFundingRates: refuse("GetHistoricalFundingRates"),
    subscribeTrades: refuse("SubscribeTrades"),
    setLeverage: refuse("SetLeverage"),
    setMarginMode: refuse("SetMarginMode"),
    transfer: refuse("Transfer"),
    borrow: refuse("Borrow"),
    repay: refuse("Repay"),
    reloadCredentials: refuse("ReloadCredentials"),
  };
}
