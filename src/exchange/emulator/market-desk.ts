// What an operator makes a market show: trades, levels, whole books, marks, index prices and the funding rate to come.
// Each deed answers null, or says in words why there was nothing to do.

import { fail, ok, type Result } from "../../base/result.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { InjectedRow } from "../../sim/market.ts";
import { lotsOf, markOf, rateOf, ticksOf } from "./amounts.ts";
import type { Deed } from "./faults/hands.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** Decimal text in the exchange's units, or whole ticks and lots. */
export type Amount = string | number;

export interface GivenTrade {
  /** The taker's. */
  readonly side: "buy" | "sell";
  readonly price: Amount;
  readonly quantity: Amount;
}

/** What rests at one price, of others; quantity 0 takes the level away. */
export type GivenLevel = GivenTrade;

type Pair = readonly [price: Amount, quantity: Amount];

/** The whole book, best first or in any order. */
export interface GivenBook {
  readonly bids: readonly Pair[];
  readonly asks: readonly Pair[];
}

/** One deed, as the record names it. */
export interface Named {
  readonly name: string;
  readonly symbol: string;
  readonly given: unknown;
}

/** Does something to one listed instrument: what is due happens before, what it causes is told after. */
export type InMarket = (deed: Named, act: (instrument: Instrument) => Deed) => Deed;

export class MarketDesk {
  private readonly world: SimulatedWorld;
  private readonly inMarket: InMarket;

  constructor(world: SimulatedWorld, inMarket: InMarket) {
    this.world = world;
    this.inMarket = inMarket;
  }

  /** A public trade prints; orders of ours that it reaches fill. */
  trade(symbol: string, given: GivenTrade): Deed {
    return this.inject({ name: "trade", symbol, given }, (instrument) => {
      const read = pairOf(instrument, [given.price, given.quantity]);
      if (!read.ok) return read;
      const [price, quantity] = read.value;
      return ok({ kind: "trade", side: given.side, price, quantity });
    });
  }

  level(symbol: string, given: GivenLevel): Deed {
    return this.inject({ name: "level", symbol, given }, (instrument) => {
      const read = pairOf(instrument, [given.price, given.quantity]);
      if (!read.ok) return read;
      const [price, quantity] = read.value;
      return ok({ kind: "level", side: given.side, price, quantity });
    });
  }

  book(symbol: string, given: GivenBook): Deed {
    return this.inject({ name: "book", symbol, given }, (instrument) => {
      const bids = pairsOf(instrument, given.bids);
      if (!bids.ok) return bids;
      const asks = pairsOf(instrument, given.asks);
      return asks.ok ? ok({ kind: "book", bids: bids.value, asks: asks.value }) : asks;
    });
  }

  /** Null: it follows the market again. */
  mark(symbol: string, mark: string | null): Deed {
    return this.inject({ name: "mark", symbol, given: mark }, (instrument) => {
      if (mark === null) return ok({ kind: "mark", mark });
      const read = markOf(instrument, mark);
      return read.ok ? ok({ kind: "mark", mark: read.value }) : read;
    });
  }

  /** Null: it is the mark again. */
  index(symbol: string, index: string | null): Deed {
    return this.inMarket({ name: "index", symbol, given: index }, (instrument) => {
      const read = index === null ? ok(null) : markOf(instrument, index);
      if (!read.ok) return read.error;
      this.world.setIndex(symbol, read.value);
      return null;
    });
  }

  /** The rate told for the coming settlement, and settled then. */
  fundingRate(symbol: string, rate: string): Deed {
    return this.inMarket({ name: "fundingRate", symbol, given: rate }, ({ kind }) => {
      if (kind !== "perpetual") return `${symbol} is no perpetual`;
      const read = rateOf(rate);
      if (!read.ok) return read.error;
      this.world.interventions.predictFunding(symbol, read.value);
      return null;
    });
  }

  private inject(deed: Named, rowOf: (instrument: Instrument) => Result<InjectedRow, string>): Deed {
    return this.inMarket(deed, (instrument) => {
      const row = rowOf(instrument);
      if (!row.ok) return row.error;
      this.world.interventions.inject(deed.symbol, [row.value]);
      return null;
    });
  }
}

function pairOf(instrument: Instrument, [price, quantity]: Pair): Result<readonly [number, number], string> {
  const read = { price: ticksOf(instrument, price), quantity: lotsOf(instrument, quantity) };
  if (!read.price.ok) return read.price;
  if (!read.quantity.ok) return read.quantity;
  return read.price.value > 0 ? ok([read.price.value, read.quantity.value]) : fail(`${price} is no price`);
}

function pairsOf(instrument: Instrument, pairs: readonly Pair[]): Result<(readonly [number, number])[], string> {
  const read: (readonly [number, number])[] = [];
  for (const pair of pairs) {
    const each = pairOf(instrument, pair);
    if (!each.ok) return each;
    read.push(each.value);
  }
  return ok(read);
}
