// Public REST reads of the emulated USDⓈ-M market.

import { fail, ok, type Result } from "../../../../base/result.ts";
import { milliTicks } from "../../../../market/amounts.ts";
import { formatMark, unitMoney } from "../../../../market/instrument.ts";
import type { EmulatedInstrument } from "../../world.ts";
import type { Parameters } from "../wire/parameters.ts";
import { type Refusal, refusal, refusals } from "../wire/refusals.ts";
import type { Answer, Call } from "../wire/routes.ts";
import type { UsdmCore } from "./core.ts";
import { intervalOf } from "./instrument-feed.ts";
import { dayBody, klineRow, levelTexts, type PrintedTrade, rateText } from "./market-shapes.ts";
import type { MarketStreams } from "./market-streams.ts";
import { moneyText, priceText, quantityText } from "./shapes.ts";

const DEPTH_LIMITS = [5, 10, 20, 50, 100, 500, 1_000];
const HOUR_MS = 3_600_000;

export class MarketReads {
  private readonly core: UsdmCore;
  private readonly streams: MarketStreams;

  constructor(core: UsdmCore, streams: MarketStreams) {
    this.core = core;
    this.streams = streams;
  }

  exchangeInfo(): Answer {
    const orders = (interval: string, intervalNum: number, limit: number) => ({
      rateLimitType: "ORDERS",
      interval,
      intervalNum,
      limit,
    });
    return ok({
      timezone: "UTC",
      serverTime: this.core.world.clock.nowMs(),
      futuresType: "U_MARGINED",
      rateLimits: [
        {
          rateLimitType: "REQUEST_WEIGHT",
          interval: "MINUTE",
          intervalNum: 1,
          limit: this.core.limits.options.weightPerMinute,
        },
        orders("MINUTE", 1, this.core.limits.options.ordersPerMinute),
        orders("SECOND", 10, this.core.limits.options.ordersPer10S),
      ],
      exchangeFilters: [],
      assets: [{ asset: "USDT", marginAvailable: true, autoAssetExchange: "-10000" }],
      symbols: this.core.instruments().map(({ description }) => description),
    });
  }

  depth(call: Call): Answer {
    const found = this.required(call.parameters);
    if (!found.ok) return found;
    const limit = call.parameters.integer("limit");
    if (!limit.ok) return limit;
    const levels = limit.value ?? 500;
    if (!DEPTH_LIMITS.includes(levels)) return fail(refusal(-4021, `${levels} is not valid depth limit.`));
    const { instrument } = found.value;
    const ageMs = this.core.world.strike("staleSnapshot", call.traits)?.["ageMs"] ?? 0;
    const book = this.streams.feed(instrument.symbol).chain.snapshot(ageMs);
    return ok({
      lastUpdateId: book.last,
      E: call.nowMs,
      T: book.atMs,
      bids: levelTexts(instrument, book.bids.slice(0, levels)),
      asks: levelTexts(instrument, book.asks.slice(0, levels)),
    });
  }

  trades(call: Call): Answer {
    return this.printed(call, ({ instrument }, trade) => ({
      id: trade.id,
      price: priceText(instrument, trade.price),
      qty: quantityText(instrument, trade.quantity),
      quoteQty: moneyText(BigInt(trade.price) * BigInt(trade.quantity) * unitMoney(instrument)),
      time: trade.atMs,
      isBuyerMaker: trade.buyerRested,
      isRPITrade: false,
    }));
  }

  aggTrades(call: Call): Answer {
    return this.printed(call, ({ instrument }, trade) => ({
      a: trade.id,
      p: priceText(instrument, trade.price),
      q: quantityText(instrument, trade.quantity),
      nq: quantityText(instrument, trade.quantity),
      f: trade.id,
      l: trade.id,
      T: trade.atMs,
      m: trade.buyerRested,
    }));
  }

  klines(call: Call): Answer {
    const found = this.required(call.parameters);
    if (!found.ok) return found;
    const text = call.parameters.required("interval");
    if (!text.ok) return text;
    const interval = intervalOf(text.value);
    if (interval === null) return fail(refusals.interval());
    const bounds = this.bounds(call.parameters, 500, 1_500);
    if (!bounds.ok) return bounds;
    const { startMs, endMs, limit } = bounds.value;
    const market = this.core.world.exchange.market(found.value.instrument.symbol);
    const open = market.openCandle(interval);
    const all = [...market.candles.history(interval, 1_500), ...(open === null ? [] : [open])];
    const wanted = all.filter(({ openAtMs }) => openAtMs >= startMs && openAtMs <= endMs);
    const cut = startMs === 0 ? wanted.slice(-limit) : wanted.slice(0, limit);
    return ok(cut.map((candle) => klineRow(found.value, candle)));
  }

  bookTicker(call: Call): Answer {
    return this.each(call, (of) => {
      const best = this.streams.feed(of.instrument.symbol).best();
      if (best === null) return null;
      return {
        symbol: of.wireName,
        bidPrice: priceText(of.instrument, best.bid[0]),
        bidQty: quantityText(of.instrument, best.bid[1]),
        askPrice: priceText(of.instrument, best.ask[0]),
        askQty: quantityText(of.instrument, best.ask[1]),
        time: call.nowMs,
        lastUpdateId: this.streams.feed(of.instrument.symbol).chain.last,
      };
    });
  }

  day(call: Call): Answer {
    return this.each(call, (of) => {
      const day = this.core.world.exchange.market(of.instrument.symbol).day(call.nowMs);
      return dayBody(of, day, call.nowMs);
    });
  }

  price(call: Call): Answer {
    return this.each(call, (of) => {
      const { last } = this.core.world.exchange.market(of.instrument.symbol).day(call.nowMs);
      return last === null ? null : { symbol: of.wireName, price: priceText(of.instrument, last), time: call.nowMs };
    });
  }

  premiumIndex(call: Call): Answer {
    return this.each(call, (of) => {
      const mark = formatMark(of.instrument, this.core.world.exchange.market(of.instrument.symbol).mark());
      const { ratePpt, nextAtMs } = this.streams.funding(of);
      return {
        symbol: of.wireName,
        markPrice: mark,
        indexPrice: formatMark(of.instrument, this.core.world.index(of.instrument.symbol)),
        estimatedSettlePrice: mark,
        lastFundingRate: rateText(ratePpt),
        interestRate: "0.00010000",
        nextFundingTime: nextAtMs,
        time: call.nowMs,
      };
    });
  }

  fundingRate(call: Call): Answer {
    const symbol = this.optional(call.parameters);
    if (!symbol.ok) return symbol;
    const bounds = this.bounds(call.parameters, 100, 1_000);
    if (!bounds.ok) return bounds;
    const { startMs, endMs, limit } = bounds.value;
    const rows = this.core.world.exchange.margin.settledRates.flatMap((rate) => {
      const of = this.core.ofSymbol(rate.symbol);
      if (of === null || (symbol.value !== null && of !== symbol.value)) return [];
      if (rate.settledAtMs < startMs || rate.settledAtMs > endMs) return [];
      const markPrice = formatMark(of.instrument, milliTicks(rate.mark));
      return [
        {
          symbol: of.wireName,
          fundingTime: rate.settledAtMs,
          fundingRate: rateText(rate.ratePpt),
          markPrice,
          rateType: "Regular",
        },
      ];
    });
    return ok(startMs === 0 ? rows.slice(-limit) : rows.slice(0, limit));
  }

  /** Only what differs from eight hours, as the exchange lists it. */
  fundingInfo(): Answer {
    const unusual = this.core.instruments().filter(({ instrument }) => instrument.fundingIntervalMs !== 8 * HOUR_MS);
    return ok(
      unusual.map(({ wireName, instrument }) => ({
        symbol: wireName,
        adjustedFundingRateCap: "0.02000000",
        adjustedFundingRateFloor: "-0.02000000",
        fundingIntervalHours: Math.round(instrument.fundingIntervalMs / HOUR_MS),
        disclaimer: false,
      })),
    );
  }

  openInterest(call: Call): Answer {
    const found = this.required(call.parameters);
    if (!found.ok) return found;
    const { wireName, instrument } = found.value;
    const { accounts } = this.core.world.exchange.clearing;
    let held = 0;
    for (const account of accounts.values()) held += Math.abs(account.holdings.get(instrument.symbol)?.lots ?? 0);
    return ok({ symbol: wireName, openInterest: quantityText(instrument, held), time: call.nowMs });
  }

  private printed(call: Call, body: (of: EmulatedInstrument, trade: PrintedTrade) => unknown): Answer {
    const found = this.required(call.parameters);
    if (!found.ok) return found;
    const bounds = this.bounds(call.parameters, 500, 1_000);
    if (!bounds.ok) return bounds;
    const { startMs, endMs, limit } = bounds.value;
    const { trades } = this.streams.feed(found.value.instrument.symbol);
    const wanted = trades.filter(({ atMs }) => atMs >= startMs && atMs <= endMs);
    const cut = startMs === 0 ? wanted.slice(-limit) : wanted.slice(0, limit);
    return ok(cut.map((trade) => body(found.value, trade)));
  }

  /** One instrument's body where it is named, otherwise the list of all that have one. */
  private each(call: Call, body: (of: EmulatedInstrument) => Record<string, unknown> | null): Answer {
    const symbol = this.optional(call.parameters);
    if (!symbol.ok) return symbol;
    if (symbol.value !== null) return ok(body(symbol.value) ?? {});
    return ok(this.core.instruments().flatMap((of) => body(of) ?? []));
  }

  private bounds(
    from: Parameters,
    unless: number,
    max: number,
  ): Result<{ readonly startMs: number; readonly endMs: number; readonly limit: number }, Refusal> {
    const start = from.integer("startTime");
    if (!start.ok) return start;
    const end = from.integer("endTime");
    if (!end.ok) return end;
    const limit = from.integer("limit");
    if (!limit.ok) return limit;
    return ok({
      startMs: start.value ?? 0,
      endMs: end.value ?? Number.MAX_SAFE_INTEGER,
      limit: Math.min(Math.max(limit.value ?? unless, 1), max),
    });
  }

  private required(from: Parameters): Result<EmulatedInstrument, Refusal> {
    const symbol = from.required("symbol");
    if (!symbol.ok) return symbol;
    const found = this.core.named(symbol.value);
    return found === null ? fail(refusals.symbol()) : ok(found);
  }

  private optional(from: Parameters): Result<EmulatedInstrument | null, Refusal> {
    return from.text("symbol") === null ? ok(null) : this.required(from);
  }
}
