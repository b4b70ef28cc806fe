// The calls that only ask.

import { boundedCount, optionalEnum } from "../../rpc/fields.ts";
import type { GetSymbolsRequest, GetSymbolsResponse } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { FundingRate } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { ExchangeType, PositionMode } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { ExchangePort } from "../port.ts";
import { noRate } from "../wire/market-view.ts";
import type { ConnectorCore } from "./core.ts";
import { noAnswer } from "./refusals.ts";
import { checkExchange, type Part, type ServiceParts } from "./service-parts.ts";

export function readCalls(
  parts: ServiceParts,
): Part<
  | "getName"
  | "getProcess"
  | "getType"
  | "getOrder"
  | "getOpenOrders"
  | "getFills"
  | "getAccount"
  | "getPositions"
  | "getBalance"
  | "getFundingPayments"
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
    getName: checked(async () => {
      const { release, environment } = parts;
      return { name: core.exchange, exchanges: [core.exchange], release, environment };
    }),
    getProcess: checked(async () => ({ process: parts.process() })),
    getType: checked(async () => typeOf(core)),
    getOrder: checked((request) => reads.order(request)),
    getOpenOrders: checked(async (request) => ({ orders: await reads.openOrders(request) })),
    getFills: checked((request) => reads.fills(request)),
    getAccount: checked(async () => ({ account: await reads.account() })),
    getPositions: checked(async (request) => ({ positions: await reads.positions(request) })),
    getBalance: checked(async (request) => ({ balance: await reads.balance(request) })),
    getFundingPayments: checked(async (request) => ({ payments: await reads.fundingPayments(request) })),
    getServerTime: checked(async () => {
      const nowMs = core.clock.nowMs();
      const time = { nowMs, ratePpm: parts.ratePpm };
      const measured = core.upstream.port.clockOffset?.();
      if (measured === undefined) return { ...time, offsetMs: nowMs - core.unixMs(), errorMs: 0 };
      return { ...time, ...(measured ?? { offsetMs: 0, errorMs: 0 }), measured: measured !== null };
    }),
  };
}

function typeOf({ instruments, upstream }: ConnectorCore) {
  const derivative = instruments.all.some(({ kind }) => kind === "perpetual");
  const { requestExpiryMs, lookupLagMs, lookupReachMs, capabilities } = upstream.port;
  return {
    type: derivative ? ExchangeType.FUTURES : ExchangeType.SPOT,
    isUnifiedMargin: false,
    positionMode: PositionMode.ONE_WAY,
    capabilities: wordsOf(upstream.port),
    requestExpiryMs,
    lookupLagMs,
    lookupReachMs: lookupReachMs ?? 0,
    placeBatchMax: capabilities.placeBatchMax,
    cancelBatchMax: capabilities.cancelBatchMax,
    deadManKind: capabilities.deadMan,
    streams: capabilities.streams.toSorted(),
    marketDataOnly: !capabilities.lookupByClientId,
  };
}

/** Batches and the dead-man timer are the connector's own: they are there whatever the exchange has. */
function wordsOf(port: ExchangePort): string[] {
  const { capabilities, publicMarket } = port;
  return [
    "batch",
    ...(port.budget === undefined ? [] : ["budget"]),
    ...(port.cancelEverything === undefined ? [] : ["cancel_everything"]),
    "dead_man",
    ...(port.watchHealth === undefined ? [] : ["health"]),
    ...(publicMarket?.openInterest === undefined ? [] : ["open_interest"]),
    ...(publicMarket === undefined ? [] : ["public_market"]),
    ...(capabilities.reduceOnly ? ["reduce_only"] : []),
    ...(port.settings === undefined ? [] : ["settings"]),
  ];
}

export function marketCalls(
  parts: ServiceParts,
): Part<
  | "getHistoricalFundingRates"
  | "getLatestPrice"
  | "getTickers"
  | "getBook"
  | "getHistoricalKlines"
  | "fetchExchangeInfo"
  | "getSymbolInfo"
  | "getSymbols"
  | "getFundingRate"
  | "getFundingRates"
> {
  const { core, reads, publicReads } = parts;
  const { instruments } = core;
  return {
    getLatestPrice: async (request) => {
      checkExchange(core, request);
      return { price: await publicReads.latest(request.symbol), atMs: core.clock.nowMs() };
    },
    getTickers: async (request) => {
      checkExchange(core, request);
      const chosen = instruments.chosen("symbols", request.symbols);
      const tickers = await Promise.all(chosen.map((each) => publicReads.ticker(each)));
      return { tickers: tickers.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)) };
    },
    getBook: async (request) => {
      checkExchange(core, request);
      return { book: await publicReads.book(request) };
    },
    getHistoricalFundingRates: async (request) => {
      checkExchange(core, request);
      return { rates: await publicReads.settledRates(request) };
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
  const type = optionalEnum("type", request.type, ExchangeType);
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
