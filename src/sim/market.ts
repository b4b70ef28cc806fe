// One instrument on the simulated exchange: what it shows, our orders resting in it, and its place on the timeline.
// How rows become fills is the business of the two kinds below it: recorded books (tape-market) and candles
// (candle-market). Our orders never change the recorded market, except that what we take is gone until the next update.

import { estimated } from "../base/integer.ts";
import { type MilliTicks, milliTicks, type Side } from "../market/amounts.ts";
import { type Instrument, type InstrumentStatus, unitMoney } from "../market/instrument.ts";
import type { TradedDay } from "../market/public-trade.ts";
import type { CandleEvent, CandleInterval } from "../trading/event.ts";
import { type Candle, CandleStore } from "./candle-store.ts";
import type { ClearingMarket } from "./clearing.ts";
import type { FeeModel, MarginModel, MarketOptions } from "./options.ts";
import { leftOf, type SimOrder } from "./order.ts";
import { Publisher, type ShownBook } from "./publisher.ts";
import { FastRestingOrders, NaiveRestingOrders, type RestingOrders } from "./resting-orders.ts";
import { type WatchedMarket, Watchers } from "./watchers.ts";

/** Raised by whoever queues something that must be looked at before the next row. */
export interface Signal {
  raised: boolean;
}

/** What a market needs from the exchange around it. */
export interface MarketHost {
  readonly signal: Signal;
  /** `quantity` lots of a resting order of ours trade with the market at `price`. */
  fillResting(market: SimMarket, order: SimOrder, quantity: number, price: number): void;
  /** The mark went to or past an alarm: somebody may have to be liquidated. */
  markAlarm(market: SimMarket): void;
  settleFunding(market: SimMarket, ratePpt: number, atUs: number): void;
}

export abstract class SimMarket implements ClearingMarket, ShownBook, WatchedMarket {
  instrument: Instrument;
  readonly symbol: string;
  /** Money of one value unit, as a float for estimates. */
  readonly unitEstimate: number;
  readonly options: MarketOptions;
  readonly margin: MarginModel | null;
  readonly fees: FeeModel | null;
  readonly resting: RestingOrders;
  /** Ticks and lots that orders must be multiples of: above 1 once the exchange made its grid coarser. */
  grid = { priceStep: 1, quantityStep: 1 };
  readonly publisher: Publisher;
  readonly candles: CandleStore;
  readonly watchers = new Watchers();
  /** Exchange time of the newest thing that happened here, µs. */
  nowUs = 0;
  markMilli = 0;
  /** Where the mark comes from: the tape's own rows, or a stand-in that reports must name (BT-21). */
  markSource: "mark rows" | "mid of quotes" | "mid of book" | "candle path" = "mid of book";
  /** Marks at which {@link MarketHost.markAlarm} is called: at or below the first, at or above the second. */
  alarmBelow = Number.NEGATIVE_INFINITY;
  alarmAbove = Number.POSITIVE_INFINITY;
  /** Fills cut by the volume cap (L0). */
  capBound = 0;
  protected readonly host: MarketHost;

  constructor(options: MarketOptions, host: MarketHost, candlesKept: number) {
    this.options = options;
    this.instrument = options.instrument;
    this.symbol = options.instrument.symbol;
    this.unitEstimate = estimated(unitMoney(options.instrument));
    this.margin = options.margin ?? null;
    this.fees = options.fees ?? null;
    this.host = host;
    this.resting = options.books === "slow" ? new NaiveRestingOrders() : new FastRestingOrders();
    this.publisher = new Publisher(this);
    this.candles = new CandleStore(this.symbol, candlesKept);
  }

  /** When something happens here next; Infinity at the end of the data. */
  abstract dueUs(): number;
  /** Whether its data still have a row; what is yet to be told of the last ones does not count. */
  rowsLeft(): boolean {
    return this.dueUs() !== Number.POSITIVE_INFINITY;
  }

  /** Goes through everything up to `stopUs` (itself included if `inclusive`), or until the signal is raised. */
  abstract run(stopUs: number, inclusive: boolean): void;
  abstract usable(): boolean;
  /** Best shown price, 0 when there is none. */
  abstract best(side: Side): number;
  abstract shown(side: Side, price: number): number;
  abstract levels(side: Side, max: number): Iterable<readonly [price: number, quantity: number]>;
  /** Our taker order took `quantity` of what was shown there. */
  abstract take(side: Side, price: number, quantity: number): void;
  /** Gives an order its place in the queue of its price. */
  abstract enqueue(order: SimOrder): void;
  abstract save(): MarketSaved;
  abstract restore(saved: MarketSaved): void;

  /** Delay between exchange and recorder of the newest row, µs (BT-23); 0 where the tape has one clock. */
  recordedLatencyUs(): number {
    return 0;
  }

  get suspended(): boolean {
    return this.publisher.isSuspended;
  }

  /** The minute under way; null before the first trade. */
  protected openMinute(): Readonly<Candle> | null {
    return this.candles.openMinute;
  }

  /** The candle of an interval that is not over yet; null where nothing was traded in it so far. */
  openCandle(interval: CandleInterval): Omit<CandleEvent, "atMs"> | null {
    return this.candles.running(interval, this.openMinute());
  }

  /** The last 24 hours before `nowMs`, as far back as candles are kept. */
  day(nowMs: number): TradedDay {
    return this.candles.day(nowMs, this.openMinute());
  }

  mark(): MilliTicks {
    return milliTicks(this.markMilli);
  }

  setStatus(status: InstrumentStatus): void {
    this.instrument = { ...this.instrument, status };
    this.publisher.toAll({ kind: "instrument", instrument: this.instrument });
  }

  /** Other rules from now on; orders that rest keep their price and place. */
  setInstrument(instrument: Instrument): void {
    this.instrument = instrument;
    this.publisher.toAll({ kind: "instrument", instrument });
  }

  /** A public trade from nowhere: what a spike does. */
  tradeThrough(_side: Side, _price: number): void {}

  /** Rows from outside the source happen now; what they show stands until the source says otherwise. */
  inject(_rows: readonly InjectedRow[], _nowUs: number): void {}

  /** Fills every resting order of a side whose price is strictly better than `price`, best first. */
  protected fillBeyond(side: Side, price: number): void {
    const sign = side === "buy" ? 1 : -1;
    for (let best = this.resting.best(side); (best - price) * sign > 0; best = this.resting.best(side)) {
      if (!Number.isFinite(best)) return;
      for (const order of this.resting.at(side, best)) this.host.fillResting(this, order, leftOf(order), order.price);
    }
  }

  protected checkMark(): void {
    if (this.markMilli <= this.alarmBelow || this.markMilli >= this.alarmAbove) this.host.markAlarm(this);
  }

  /** Closes the minute under way at its end and tells those who want the candles it completes. */
  protected announceCandles(): void {
    for (const interval of ["1m", "3m", "5m", "15m", "1h"] as const) {
      if (!this.publisher.wantsCandle(interval)) continue;
      const candle = this.candles.completed(interval);
      if (candle !== null) this.publisher.candle(candle);
    }
  }
}

/** Something an operator does to a market. Prices are ticks, quantities lots, the mark milliticks. */
export type InjectedRow =
  | { readonly kind: "level"; readonly side: Side; readonly price: number; readonly quantity: number }
  /** The whole book, best first or in any order. */
  | { readonly kind: "book"; readonly bids: readonly Shown[]; readonly asks: readonly Shown[] }
  /** `side` is the taker's. */
  | { readonly kind: "trade"; readonly side: Side; readonly price: number; readonly quantity: number }
  /** Null: the mark follows the market again. */
  | { readonly kind: "mark"; readonly mark: number | null };

type Shown = readonly [price: number, quantity: number];

/** Where a market stands, as canonical data. */
export interface MarketSaved {
  readonly [key: string]: unknown;
}
