// Recorded books: quotes and trades (L1), or full depth and trades (L2), row by row in the source's order (BT-16,
// BT-17). The loop over the rows allocates nothing and wakes nobody; it stops when the signal is raised.

import type { Canonical } from "../base/canonical.ts";
import { lots, opposite, type Side, ticks } from "../market/amounts.ts";
import { type Depth, FastDepth, NaiveDepth } from "../market/depth.ts";
import { RowFlag, RowKind, type Tape } from "../market/tape.ts";
import { type InjectedRow, type MarketHost, type MarketSaved, SimMarket } from "./market.ts";
import type { MarketOptions } from "./options.ts";
import { NO_PLACE, type SimOrder } from "./order.ts";
import { type QueuePlace, queuePlace, tradedAtPrice } from "./queue-place.ts";
import { emptyTape, exchangeTimes, recordedOffsetUs } from "./tape-time.ts";

/** What stands because somebody put it there. */
interface ByHand {
  readonly injectedTrades: number;
  readonly lastTradeId: number;
  readonly handMark: number | null;
  readonly valid: boolean;
  readonly levels: readonly Level[];
}

type Level = readonly [side: Side, price: number, quantity: number];

export class TapeMarket extends SimMarket {
  private readonly level: "L1" | "L2";
  private readonly queue: QueuePlace;
  private readonly depth: Depth;
  private tape: Tape = emptyTape();
  private time: Float64Array = new Float64Array(0);
  private row = 0;
  private ended = false;
  private offsetUs: number | null;
  private sourceBefore: Canonical = null;
  private valid = false;
  private crossed = false;
  private brokenChain = false;
  private bid = 0;
  private bidSize = 0;
  private ask = 0;
  private askSize = 0;
  private quotes = false;
  private markRows = false;
  /**
   * Earliest of a due publication and the end of the minute; half a µs early for the minute, which rows at its end
   * miss.
   */
  private timerUs = Number.POSITIVE_INFINITY;
  /** Public trades put in by hand: the tape's own ids come after them. */
  private touched = false;
  private injectedTrades = 0;
  private lastTradeId = 0;
  private injectedId: number | null = null;
  private handMark: number | null = null;
  private readonly beforeSnapshot = new Map<SimOrder, number>();
  /** What is left of levels we took from, until their next update. */
  private readonly taken = new Map<string, [side: Side, price: number, left: number]>();

  constructor(options: MarketOptions, host: MarketHost, candlesKept: number, lotSizeBase: number) {
    super(options, host, candlesKept);
    const { fill } = options;
    this.level = fill.level === "L1" ? "L1" : "L2";
    this.queue = queuePlace(fill.level === "L0" ? "back" : fill.queue, lotSizeBase);
    this.depth = options.books === "slow" ? new NaiveDepth() : new FastDepth();
    this.offsetUs = options.offsetUs ?? null;
  }

  dueUs(): number {
    if (this.row >= this.tape.length && !this.load()) return this.timerUs;
    return Math.min(this.time[this.row] ?? Number.POSITIVE_INFINITY, this.timerUs);
  }

  override rowsLeft(): boolean {
    return this.row < this.tape.length || this.load();
  }

  run(stopUs: number): void {
    this.retime();
    const { signal } = this.host;
    while (!signal.raised) {
      if (this.row >= this.tape.length && !this.load()) break;
      if (!this.rows(stopUs)) break;
    }
    while (!signal.raised && this.timerUs <= stopUs) this.timer();
  }

  override recordedLatencyUs(): number {
    const i = Math.min(this.row, this.tape.length - 1);
    const local = this.tape.localUs[i] ?? 0;
    return Math.max(0, local - (this.offsetUs ?? 0) - (this.time[i] ?? local));
  }

  usable(): boolean {
    return this.valid && !this.crossed;
  }

  best(side: Side): number {
    if (!this.usable()) return 0;
    if (this.level === "L2") return this.depth.best(side);
    if (side === "buy") return this.bidSize > 0 ? this.bid : 0;
    return this.askSize > 0 ? this.ask : 0;
  }

  shown(side: Side, price: number): number {
    if (this.level === "L2") return this.depth.quantity(side, price);
    if (side === "buy") return price === this.bid ? this.bidSize : 0;
    return price === this.ask ? this.askSize : 0;
  }

  levels(side: Side, max: number): Iterable<readonly [price: number, quantity: number]> {
    if (this.level === "L2") return this.depth.levels(side, max);
    const price = side === "buy" ? this.bid : this.ask;
    const size = side === "buy" ? this.bidSize : this.askSize;
    return price > 0 && size > 0 ? [[price, size]] : [];
  }

  take(side: Side, price: number, quantity: number): void {
    const left = this.shown(side, price) - quantity;
    if (this.level === "L2") {
      this.depth.set(side, price, left);
      this.taken.set(`${side} ${price}`, [side, price, left]);
    } else if (side === "buy") this.bidSize = left;
    else this.askSize = left;
    this.publisher.dirty = true;
  }

  enqueue(order: SimOrder): void {
    order.traded = 0;
    order.ahead = this.placeAt(order);
  }

  /** A trade by the other side prints at `price`: everything of ours strictly beyond it fills. */
  override tradeThrough(side: Side, price: number): void {
    if (this.usable()) this.fillBeyond(side, price);
    this.publisher.trade(price, 1);
    if (this.watchers.tape) this.print(side, price, 1, `spike-${this.nowUs}`);
    this.candles.trade(this.nowUs, price, 1);
  }

  override inject(rows: readonly InjectedRow[], nowUs: number): void {
    this.nowUs = Math.max(this.nowUs, nowUs);
    this.touched = true;
    for (const row of rows) this.injectRow(row);
    this.retime();
  }

  private injectRow(row: InjectedRow): void {
    switch (row.kind) {
      case "level":
        this.setLevel(row.side, row.price, row.quantity);
        this.diffEnded();
        return;
      case "book":
        this.injectBook(row);
        return;
      case "trade":
        this.injectedTrades += 1;
        this.lastTradeId += 1;
        this.injectedId = this.lastTradeId;
        this.trade(opposite(row.side), row.price, row.quantity);
        this.injectedId = null;
        return;
      case "mark":
        this.handMark = row.mark;
        this.markRows = row.mark !== null;
        if (row.mark !== null) this.setMark(row.mark, "mark rows");
        else this.diffEnded();
    }
  }

  private injectBook({ bids, asks }: Extract<InjectedRow, { kind: "book" }>): void {
    this.beginSnapshot();
    for (const [price, quantity] of bids) this.setLevel("buy", price, quantity);
    for (const [price, quantity] of asks) this.setLevel("sell", price, quantity);
    this.diffEnded();
  }

  save(): MarketSaved {
    return {
      ...(this.touched ? { byHand: this.saveByHand() } : {}),
      source: this.sourceBefore,
      row: this.row,
      nowUs: this.nowUs,
      taken: [...this.taken.values()],
      minutes: this.candles.save(),
    };
  }

  /** Goes again through what made its book, without matching, up to the row it was at. */
  restore(saved: MarketSaved): void {
    this.nowUs = saved["nowUs"] as number;
    this.options.source.restore(saved["source"] as Canonical);
    for (const tape of this.options.source.before?.() ?? []) this.replayRows(tape, tape.length);
    this.tape = emptyTape();
    this.ended = false;
    this.load();
    this.row = saved["row"] as number;
    this.replayRows(this.tape, this.row);
    for (const [side, price, left] of saved["taken"] as [Side, number, number][]) {
      if (this.level === "L2") this.depth.set(side, price, left);
      this.taken.set(`${side} ${price}`, [side, price, left]);
    }
    this.candles.restore(saved["minutes"] as ReturnType<TapeMarket["candles"]["save"]>);
    if (saved["byHand"] !== undefined) this.restoreByHand(saved["byHand"] as ByHand);
    this.retime();
  }

  /** The source cannot say again what somebody put into the book. */
  private saveByHand(): ByHand {
    const { injectedTrades, lastTradeId, handMark, valid } = this;
    const levels = (["buy", "sell"] as const).flatMap((side) =>
      [...this.depth.levels(side, Number.MAX_SAFE_INTEGER)].map(([price, quantity]): Level => [side, price, quantity]),
    );
    return { injectedTrades, lastTradeId, handMark, valid, levels };
  }

  private restoreByHand({ injectedTrades, lastTradeId, handMark, valid, levels }: ByHand): void {
    this.touched = true;
    this.injectedTrades = injectedTrades;
    this.lastTradeId = lastTradeId;
    this.depth.clear();
    for (const [side, price, quantity] of levels) this.depth.set(side, price, quantity);
    this.valid = valid;
    if (handMark !== null) this.injectRow({ kind: "mark", mark: handMark });
    else this.diffEnded();
  }

  /** Settlements of these rows are booked already, and nothing of ours rests yet. */
  private replayRows({ kind, flags, price, quantity }: Tape, count: number): void {
    for (let i = 0; i < count; i += 1) {
      if (kind[i] !== RowKind.funding) this.apply(kind[i] ?? 0, flags[i] ?? 0, price[i] ?? 0, quantity[i] ?? 0);
    }
  }

  private load(): boolean {
    if (this.ended) return false;
    const before = this.options.source.save();
    const tape = this.options.source.next();
    if (tape === null) {
      this.ended = true;
      this.retime();
      return false;
    }
    this.sourceBefore = before;
    this.tape = tape;
    this.row = 0;
    this.offsetUs ??= recordedOffsetUs(tape);
    const timeline = this.options.timeline ?? "exchange";
    this.time = exchangeTimes(tape, { timeline, offsetUs: this.offsetUs, fromUs: this.nowUs });
    return tape.length > 0 || this.load();
  }

  /** The hot loop. False when it stopped for `stopUs` or for the signal, true at the end of the chunk. */
  private rows(stopUs: number): boolean {
    const { kind, flags, price, quantity, length } = this.tape;
    const { signal } = this.host;
    const time = this.time;
    let i = this.row;
    while (i < length) {
      const at = time[i] as number;
      if (at > stopUs) break;
      if (at > this.timerUs) {
        this.row = i;
        this.timer();
        if (signal.raised) return false;
        continue;
      }
      this.nowUs = at;
      this.row = i;
      this.apply(kind[i] as number, flags[i] as number, price[i] as number, quantity[i] as number);
      i += 1;
      if (signal.raised) break;
    }
    this.row = i;
    return i === length && !signal.raised;
  }

  private apply(kind: number, flags: number, price: number, quantity: number): void {
    switch (kind) {
      case RowKind.bidLevel:
        if (this.level === "L2") this.setLevel("buy", price, quantity);
        break;
      case RowKind.askLevel:
        if (this.level === "L2") this.setLevel("sell", price, quantity);
        break;
      case RowKind.quoteBid:
        this.bid = price;
        this.bidSize = quantity;
        return;
      case RowKind.quoteAsk:
        this.ask = price;
        this.askSize = quantity;
        this.quoted();
        return;
      case RowKind.trade:
        this.trade((flags & RowFlag.sellerTook) !== 0 ? "buy" : "sell", price, quantity);
        return;
      case RowKind.mark:
        this.markRows = true;
        this.setMark(price, "mark rows");
        return;
      case RowKind.funding:
        this.host.settleFunding(this, price, this.nowUs);
        return;
      case RowKind.snapshotStart:
        this.beginSnapshot();
        break;
      case RowKind.bookInvalid:
        this.valid = false;
        this.brokenChain = true;
        this.publisher.toAll({ kind: "feed", feed: "book", state: "stale" });
        return;
      default:
        break;
    }
    if ((flags & RowFlag.frameEnd) !== 0 && this.level === "L2") this.diffEnded();
  }

  private setLevel(side: Side, price: number, quantity: number): void {
    const before = this.depth.set(side, price, quantity);
    if (this.taken.size > 0) this.taken.delete(`${side} ${price}`);
    const own = this.resting.best(side);
    if (!(side === "buy" ? price <= own : price >= own) || before === quantity) return;
    if (this.beforeSnapshot.size > 0) return;
    for (const order of this.resting.at(side, price)) this.queue.levelChanged(order, before, quantity);
  }

  private beginSnapshot(): void {
    if (this.level !== "L2") return;
    this.beforeSnapshot.clear();
    for (const order of this.resting.all()) {
      this.beforeSnapshot.set(order, this.depth.quantity(order.side, order.price));
    }
    this.depth.clear();
    this.taken.clear();
    this.valid = true;
    if (this.brokenChain) this.publisher.toAll({ kind: "feed", feed: "book", state: "fresh" });
    this.brokenChain = false;
  }

  private diffEnded(): void {
    if (this.beforeSnapshot.size > 0) this.endSnapshot();
    const bid = this.depth.best("buy");
    const ask = this.depth.best("sell");
    this.crossed = bid >= ask && ask > 0;
    if (!this.usable()) return;
    if (ask > 0 && this.resting.best("buy") >= ask) this.fillBeyond("buy", ask - 1);
    if (bid > 0 && this.resting.best("sell") <= bid) this.fillBeyond("sell", bid + 1);
    if (!this.quotes && !this.markRows && bid > 0 && ask > 0) this.setMark((bid + ask) * 500, "mid of book");
    this.touch();
  }

  private endSnapshot(): void {
    for (const [order, before] of this.beforeSnapshot) {
      const after = this.depth.quantity(order.side, order.price);
      if (order.ahead === NO_PLACE) order.ahead = this.queue.arrive(after);
      else this.queue.levelChanged(order, before, after);
    }
    this.beforeSnapshot.clear();
  }

  private quoted(): void {
    this.quotes = true;
    if (!this.markRows) this.setMark((this.bid + this.ask) * 500, "mid of quotes");
    if (this.level !== "L1") return;
    this.valid = true;
    this.crossed = this.bid >= this.ask;
    if (!this.usable()) return;
    if (this.resting.best("buy") >= this.ask) this.fillBeyond("buy", this.ask - 1);
    if (this.resting.best("sell") <= this.bid) this.fillBeyond("sell", this.bid + 1);
    this.requeue("buy", this.bid, this.bidSize);
    this.requeue("sell", this.ask, this.askSize);
    this.touch();
  }

  /** L1: places after a quote (BT-17). Orders behind the best keep theirs. */
  private requeue(side: Side, best: number, size: number): void {
    const sign = side === "buy" ? 1 : -1;
    const own = this.resting.best(side);
    if ((own - best) * sign < 0) return;
    for (const order of this.resting.at(side, best)) {
      if (order.ahead === NO_PLACE) order.ahead = this.queue.arrive(size);
      else if (order.ahead > size) order.ahead = size;
    }
    if (own === best || !Number.isFinite(own)) return;
    for (const order of this.resting.all()) {
      if (order.side === side && (order.price - best) * sign > 0) order.ahead = 0;
    }
  }

  /** The other side took `volume` at `price` from the side our `side` orders rest on. */
  private trade(side: Side, price: number, volume: number): void {
    const own = this.resting.best(side);
    if (this.usable() && (side === "buy" ? own >= price : own <= price)) {
      this.fillBeyond(side, price);
      let left = volume;
      for (const order of this.resting.at(side, price)) {
        // what an earlier order of ours got of this trade did not reach those behind it
        const filled = tradedAtPrice(order, left);
        if (filled === 0) continue;
        left -= filled;
        this.host.fillResting(this, order, filled, order.price);
      }
    }
    if (this.publisher.wantsTrades) {
      this.publisher.trade(price, volume);
      this.touch();
    }
    if (this.watchers.tape) this.print(side, price, volume, this.tradeId());
    const fresh = this.candles.endUs() === Number.POSITIVE_INFINITY;
    this.candles.trade(this.nowUs, price, volume);
    if (fresh) this.retime();
  }

  /** Tells the tape's watchers: the other side took from the side our `side` orders rest on. */
  private print(side: Side, price: number, quantity: number, tradeId: string): void {
    const exchangeAtMs = Math.floor(this.nowUs / 1000);
    const what = { side: opposite(side), price: ticks(price), quantity: lots(quantity), exchangeAtMs };
    this.watchers.trade({ kind: "trade", symbol: this.symbol, tradeId, ...what });
  }

  private tradeId(): string {
    if (this.injectedId !== null) return String(this.injectedId);
    const id = this.tape.id[this.row] ?? 0;
    if (id === 0) return `${this.nowUs}-${this.row}`;
    this.lastTradeId = id + this.injectedTrades;
    return String(this.lastTradeId);
  }

  private placeAt(order: SimOrder): number {
    if (!this.usable()) return NO_PLACE;
    if (this.level === "L2") return this.queue.arrive(this.depth.quantity(order.side, order.price));
    const best = this.best(order.side);
    if (order.price === best) return this.queue.arrive(this.shown(order.side, best));
    const better = order.side === "buy" ? order.price > best : order.price < best;
    return better && this.best(opposite(order.side)) > 0 ? 0 : NO_PLACE;
  }

  private setMark(mark: number, source: TapeMarket["markSource"]): void {
    if (mark === this.markMilli) return;
    this.markMilli = mark;
    this.markSource = source;
    if (source === "mark rows") this.publisher.mark(mark, this.nowUs);
    this.checkMark();
  }

  private touch(): void {
    if (this.publisher.dirty) return;
    this.publisher.dirty = true;
    this.retime();
  }

  private retime(): void {
    const book = this.publisher.lookUs(this.nowUs);
    // a market without data has no more minutes
    this.timerUs = this.ended ? book : Math.min(book, this.candles.endUs() - 0.5);
  }

  private timer(): void {
    this.nowUs = Math.max(this.nowUs, Math.ceil(this.timerUs));
    if (this.nowUs >= this.candles.endUs()) {
      this.candles.closeMinute();
      this.announceCandles();
    }
    if (this.publisher.lookUs(this.nowUs) <= this.nowUs) this.publisher.publish(this.nowUs);
    this.retime();
  }
}
