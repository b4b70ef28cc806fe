// What anybody may ask Binance spot by request: exchangeInfo, book, trades, candles, tickers. Each answer is the
// market of this instant.

import { fail, ok, type Result } from "../../../../base/result.ts";
import type { EmulatorWorld } from "../../world.ts";
import type { Parameters } from "../wire/parameters.ts";
import { jsonOf } from "../wire/parameters.ts";
import { type Refusal, refusal, refusals } from "../wire/refusals.ts";
import type { Answer, Call } from "../wire/routes.ts";
import type { ListedMarket } from "./listed-market.ts";
import type { BookSnapshot } from "./market-book.ts";
import { candleRow, INTERVALS, longCandles } from "./market-history.ts";
import { rateLimits } from "./spot-limits.ts";

const DEPTH_MAX = 5_000;

export class MarketReads {
  private readonly world: EmulatorWorld;
  private readonly markets: readonly ListedMarket[];

  constructor(world: EmulatorWorld, markets: readonly ListedMarket[]) {
    this.world = world;
    this.markets = markets;
  }

  readonly time = (call: Call): Answer => ok({ serverTime: this.world.timeFor(call.account) });

  readonly exchangeInfo = (call: Call): Answer => {
    const chosen = this.chosen(call.parameters);
    if (!chosen.ok) return chosen;
    const names = new Set(chosen.value.markets.map(({ wireName }) => wireName));
    const listed = this.world.instruments("binance-spot").filter(({ wireName }) => names.has(wireName));
    return ok({
      timezone: "UTC",
      serverTime: this.world.timeFor(call.account),
      rateLimits: rateLimits(),
      exchangeFilters: [],
      symbols: listed.map(({ description }) => description),
    });
  };

  readonly depth = (call: Call): Answer => {
    const market = this.one(call.parameters);
    if (!market.ok) return market;
    const limit = limitOf(call.parameters, { usual: 100, most: DEPTH_MAX });
    if (!limit.ok) return limit;
    return ok(this.stale(call, market.value, limit.value) ?? market.value.book.snapshot(limit.value));
  };

  readonly trades = (call: Call): Answer => {
    const market = this.one(call.parameters);
    const limit = limitOf(call.parameters, { usual: 500, most: 1_000 });
    const fromId = call.parameters.integer("fromId");
    if (!market.ok) return market;
    if (!limit.ok) return limit;
    if (!fromId.ok) return fromId;
    const kept = market.value.tape.list(limit.value, fromId.value);
    return ok(kept.map((trade) => market.value.publicTrade(trade)));
  };

  readonly aggregateTrades = (call: Call): Answer => {
    const { parameters } = call;
    const market = this.one(parameters);
    const limit = limitOf(parameters, { usual: 500, most: 1_000 });
    const [fromId, startMs, endMs] = [
      parameters.integer("fromId"),
      parameters.integer("startTime"),
      parameters.integer("endTime"),
    ];
    if (!market.ok) return market;
    if (!limit.ok) return limit;
    if (!fromId.ok) return fromId;
    if (!startMs.ok) return startMs;
    if (!endMs.ok) return endMs;
    const { tape } = market.value;
    const from = startMs.value;
    const kept = from === null ? tape.list(limit.value, fromId.value) : tape.since(from).slice(0, limit.value);
    const until = endMs.value ?? Number.POSITIVE_INFINITY;
    const within = kept.filter(({ trade }) => trade.exchangeAtMs <= until);
    return ok(within.map((trade) => market.value.aggregateTrade(trade)));
  };

  readonly candles = (call: Call): Answer => {
    const { parameters } = call;
    const market = this.one(parameters);
    if (!market.ok) return market;
    const interval = parameters.required("interval");
    if (!interval.ok) return interval;
    const intervalMs = INTERVALS[interval.value];
    if (intervalMs === undefined) return fail(refusals.interval());
    const limit = limitOf(parameters, { usual: 500, most: 1_000 });
    const startMs = parameters.integer("startTime");
    const endMs = parameters.integer("endTime");
    if (!limit.ok) return limit;
    if (!startMs.ok) return startMs;
    if (!endMs.ok) return endMs;
    const question = { intervalMs, limit: limit.value, startMs: startMs.value, endMs: endMs.value };
    const { market: sim } = market.value;
    return ok(longCandles(sim, question).map((candle) => candleRow(sim, candle)));
  };

  readonly averagePrice = (call: Call): Answer => {
    const market = this.one(call.parameters);
    if (!market.ok) return market;
    return ok({ mins: 5, price: market.value.averagePrice(), closeTime: call.nowMs });
  };

  readonly bookTicker = (call: Call): Answer =>
    this.oneOrAll(call, (market) => {
      const [bidPrice, bidQty] = market.best("buy");
      const [askPrice, askQty] = market.best("sell");
      return { symbol: market.wireName, bidPrice, bidQty, askPrice, askQty };
    });

  readonly priceTicker = (call: Call): Answer =>
    this.oneOrAll(call, (market) => ({ symbol: market.wireName, price: market.lastPrice() }));

  readonly dayTicker = (call: Call): Answer => this.oneOrAll(call, (market) => market.ticker(call.nowMs));

  /** The fault by which a snapshot is older than the stream; null: it does not strike. */
  private stale(call: Call, market: ListedMarket, limit: number): BookSnapshot | null {
    const fault = this.world.strike("staleSnapshot", call.traits);
    return fault === null ? null : market.book.oldSnapshot(call.nowMs - (fault["ageMs"] ?? 1_000), limit);
  }

  /** One instrument told as itself, several as a list. */
  private oneOrAll(call: Call, tell: (market: ListedMarket) => unknown): Answer {
    const chosen = this.chosen(call.parameters);
    if (!chosen.ok) return chosen;
    const told = chosen.value.markets.map(tell);
    return ok(chosen.value.single ? told[0] : told);
  }

  private one(parameters: Parameters): Result<ListedMarket, Refusal> {
    const symbol = parameters.required("symbol");
    return symbol.ok ? this.named(symbol.value) : symbol;
  }

  private named(wireName: string): Result<ListedMarket, Refusal> {
    const found = this.markets.find((market) => market.wireName === wireName);
    return found === undefined ? fail(refusals.symbol()) : ok(found);
  }

  /** What `symbol`, `symbols` or neither ask for. */
  private chosen(
    parameters: Parameters,
  ): Result<{ readonly markets: readonly ListedMarket[]; readonly single: boolean }, Refusal> {
    const symbol = parameters.text("symbol");
    const symbols = parameters.text("symbols");
    if (symbol !== null && symbols !== null) return fail(refusal(-1128, "Combination of optional parameters invalid."));
    if (symbol !== null) {
      const market = this.named(symbol);
      return market.ok ? ok({ markets: [market.value], single: true }) : market;
    }
    if (symbols === null) return ok({ markets: this.markets, single: false });
    const list = jsonOf(symbols);
    if (!Array.isArray(list))
      return fail(refusals.illegal("symbols", '^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$'));
    const markets: ListedMarket[] = [];
    for (const name of list) {
      const market = this.named(typeof name === "string" ? name : "");
      if (!market.ok) return market;
      markets.push(market.value);
    }
    return ok({ markets, single: false });
  }
}

/** How many rows are asked for. Errors: −1100, −1130 where it is below 1; more than the most is the most. */
export function limitOf(
  parameters: Parameters,
  of: { readonly usual: number; readonly most: number },
): Result<number, Refusal> {
  const limit = parameters.integer("limit");
  if (!limit.ok) return limit;
  if (limit.value === null) return ok(of.usual);
  return limit.value < 1 ? fail(refusals.invalid("limit")) : ok(Math.min(limit.value, of.most));
}
