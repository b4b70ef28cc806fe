// Candles (L0, BT-15): within each the price walks straight from the previous close to the open, to the first extreme,
// to the other, to the close. Resting orders fill at their limit when the path goes beyond it, or touches it. The
// walker stands at a point of the path, so an order sent in answer to a fill lives from there on.

import type { Canonical } from "../base/canonical.ts";
import type { Side } from "../market/amounts.ts";
import { RowKind, type Tape } from "../market/tape.ts";
import type { Candle } from "./candle-store.ts";
import { type MarketHost, type MarketSaved, SimMarket } from "./market.ts";
import type { FillModel, MarketOptions } from "./options.ts";
import { leftOf, type SimOrder } from "./order.ts";
import { emptyTape } from "./tape-time.ts";

type CandleModel = Extract<FillModel, { level: "L0" }>;

/** Rows of one candle on the tape: open, high, low, close. */
const ROWS = 4;
/** Legs of a candle: the gap to the open, to the first extreme, to the other, to the close; then its end. */
const LEGS = 4;
const SHOWN_ALWAYS = Number.MAX_SAFE_INTEGER;

export class CandleMarket extends SimMarket {
  private readonly model: CandleModel;
  private readonly touch: boolean;
  private readonly lengthUs: number;
  private readonly half: number;
  private tape: Tape = emptyTape();
  private row = 0;
  private ended = false;
  private sourceBefore: Canonical = null;
  /** Where on the path we stand, ticks; 0 before the first candle. */
  private position = 0;
  /** Leg under way, LEGS when only the end of the candle is left, −1 between candles. */
  private leg = -1;
  private legFrom = 0;
  private startUs = 0;
  private volume = 0;
  private capLeft = Number.POSITIVE_INFINITY;
  private low = 0;
  private high = 0;
  /** Price at the end of each leg. */
  private readonly vertices = [0, 0, 0, 0];

  constructor(options: MarketOptions, model: CandleModel, host: MarketHost, candlesKept: number) {
    super(options, host, candlesKept);
    this.model = model;
    this.touch = model.rule === "touch";
    this.lengthUs = (model.candleMs ?? 60_000) * 1000;
    this.half = options.halfSpreadTicks ?? 1;
    this.markSource = "candle path";
  }

  dueUs(): number {
    if (this.leg < 0) return this.nextCandle() ? (this.tape.exchangeUs[this.row] ?? 0) : Number.POSITIVE_INFINITY;
    if (this.leg === LEGS) return this.startUs + this.lengthUs;
    return this.timeAt(this.position);
  }

  run(stopUs: number, inclusive: boolean): void {
    const { signal } = this.host;
    while (!signal.raised) {
      if (this.leg < 0) {
        if (!this.nextCandle()) return;
        const startUs = this.tape.exchangeUs[this.row] as number;
        if (inclusive ? startUs > stopUs : startUs >= stopUs) return;
        this.begin(startUs);
      }
      if (this.leg < LEGS && !this.skip(stopUs) && !this.walk(stopUs, inclusive)) return;
      if (this.leg === LEGS && !signal.raised && !this.end(stopUs, inclusive)) return;
    }
  }

  usable(): boolean {
    return this.position > 0;
  }

  best(side: Side): number {
    if (this.position === 0) return 0;
    return side === "buy" ? Math.max(1, this.position - this.half) : this.position + this.half;
  }

  shown(side: Side, price: number): number {
    return price === this.best(side) ? SHOWN_ALWAYS : 0;
  }

  /** The path has no sizes: one level a side with our largest share of the candle, or one lot. */
  levels(side: Side): Iterable<readonly [price: number, quantity: number]> {
    const share = Math.floor((this.volume * (this.model.volumeShareMaxPpm ?? 1_000_000)) / 1_000_000);
    return this.position === 0 ? [] : [[this.best(side), Math.max(1, share)]];
  }

  take(): void {}

  /** As far as the path has gone, with the share of the volume that belongs to the time gone by. */
  protected override openMinute(): Readonly<Candle> | null {
    if (this.leg < 0 || this.position === 0) return null;
    const been = [...this.vertices.slice(0, this.leg), this.position];
    const [open = this.position] = this.vertices;
    const part = Math.min(1, Math.max(0, (this.nowUs - this.startUs) / this.lengthUs));
    return {
      openAtMs: Math.floor(this.startUs / 1000),
      open,
      high: Math.max(...been),
      low: Math.min(...been),
      close: this.position,
      volume: Math.floor(this.volume * part),
    };
  }

  enqueue(order: SimOrder): void {
    order.ahead = 0;
    order.traded = 0;
  }

  save(): MarketSaved {
    const { row, position, leg, legFrom, startUs, volume, nowUs, low, high, markMilli } = this;
    const capLeft = Number.isFinite(this.capLeft) ? this.capLeft : null;
    const vertices = [...this.vertices];
    const minutes = this.candles.save();
    const source = this.sourceBefore;
    return {
      source,
      row,
      position,
      leg,
      legFrom,
      startUs,
      volume,
      nowUs,
      low,
      high,
      markMilli,
      capLeft,
      vertices,
      minutes,
    };
  }

  restore(saved: MarketSaved): void {
    const number = (key: string): number => saved[key] as number;
    this.options.source.restore(saved["source"] as Canonical);
    this.ended = false;
    this.load();
    this.row = number("row");
    this.position = number("position");
    this.leg = number("leg");
    this.legFrom = number("legFrom");
    this.startUs = number("startUs");
    this.volume = number("volume");
    this.nowUs = number("nowUs");
    this.low = number("low");
    this.high = number("high");
    this.markMilli = number("markMilli");
    this.capLeft = (saved["capLeft"] as number | null) ?? Number.POSITIVE_INFINITY;
    for (let i = 0; i < LEGS; i += 1) this.vertices[i] = (saved["vertices"] as number[])[i] ?? 0;
    this.candles.restore(saved["minutes"] as ReturnType<CandleMarket["candles"]["save"]>);
  }

  private load(): boolean {
    if (this.ended) return false;
    const before = this.options.source.save();
    const tape = this.options.source.next();
    this.ended = tape === null;
    if (tape === null) return false;
    this.sourceBefore = before;
    this.tape = tape;
    this.row = 0;
    return true;
  }

  /** Stands at the first row of a candle; settles funding rows on the way. False at the end of the data. */
  private nextCandle(): boolean {
    // ends at a candle or at the end of the source
    for (;;) {
      const { kind, length } = this.tape;
      while (this.row < length && kind[this.row] !== RowKind.candleOpen) this.row += 1;
      if (this.row + ROWS <= length) return true;
      if (!this.load()) return false;
    }
  }

  private begin(startUs: number): void {
    const { price, quantity } = this.tape;
    const i = this.row;
    const open = price[i] as number;
    const high = price[i + 1] as number;
    const low = price[i + 2] as number;
    const close = price[i + 3] as number;
    const lowFirst = this.model.path === "nearest" ? open - low <= high - open : this.model.path === "olhc";
    this.vertices[0] = open;
    this.vertices[1] = lowFirst ? low : high;
    this.vertices[2] = lowFirst ? high : low;
    this.vertices[3] = close;
    this.row = i + ROWS;
    this.startUs = startUs;
    this.nowUs = Math.max(this.nowUs, startUs);
    this.volume = quantity[i + 3] as number;
    const share = this.model.volumeShareMaxPpm;
    this.capLeft = share === null ? Number.POSITIVE_INFINITY : Math.floor((this.volume * share) / 1_000_000);
    if (this.position === 0) this.position = open;
    this.low = Math.min(low, this.position);
    this.high = Math.max(high, this.position);
    this.leg = 0;
    this.legFrom = this.position;
  }

  /** Goes to the close at once when nothing of ours, no alarm and no due book lies on what is left of the candle. */
  private skip(stopUs: number): boolean {
    const endUs = this.startUs + this.lengthUs;
    // no point of the path is later than the close, a millisecond before the end
    if (endUs > stopUs || this.publisher.dueUs < endUs) return false;
    const buy = this.resting.best("buy");
    const sell = this.resting.best("sell");
    if (this.touch ? buy >= this.low || sell <= this.high : buy > this.low || sell < this.high) return false;
    if (this.low * 1000 <= this.alarmBelow || this.high * 1000 >= this.alarmAbove) return false;
    this.position = this.vertices[3] as number;
    this.markMilli = this.position * 1000;
    this.nowUs = endUs - 1000;
    this.leg = LEGS;
    if (this.publisher.count > 0) this.publisher.dirty = true;
    return true;
  }

  /** Walks legs until the stop, the signal or the end of the close leg; true at that end. */
  private walk(stopUs: number, inclusive: boolean): boolean {
    const { signal } = this.host;
    while (this.leg < LEGS) {
      const vertex = this.vertices[this.leg] as number;
      const order = this.nextFill(vertex);
      const alarm = this.nextAlarm(vertex);
      let point = vertex;
      if (order !== null) point = this.meetingPoint(order, vertex);
      const alarmFirst = alarm !== null && Math.abs(alarm - this.position) <= Math.abs(point - this.position);
      if (alarmFirst) point = alarm;
      const at = this.timeAt(point);
      if (inclusive ? at > stopUs : at >= stopUs) {
        this.moveUntil(stopUs, vertex);
        return false;
      }
      this.nowUs = Math.max(this.nowUs, at);
      this.position = point;
      if (alarmFirst) {
        this.setMark();
        this.host.markAlarm(this);
      } else if (order !== null) this.fill(order);
      else this.reachVertex();
      if (signal.raised) return this.leg === LEGS;
    }
    return true;
  }

  private fill(order: SimOrder): void {
    const left = leftOf(order);
    const quantity = Math.min(left, this.capLeft);
    if (quantity < left) this.capBound += 1;
    this.capLeft -= quantity;
    this.host.fillResting(this, order, quantity, order.price);
  }

  private reachVertex(): void {
    this.leg += 1;
    this.legFrom = this.position;
    this.setMark();
    this.publisher.dirty = true;
    if (this.publisher.dueUs <= this.nowUs) this.publisher.publish(this.nowUs);
  }

  private setMark(): void {
    this.markMilli = this.position * 1000;
    this.publisher.mark(this.markMilli, this.nowUs);
  }

  private end(stopUs: number, inclusive: boolean): boolean {
    const endUs = this.startUs + this.lengthUs;
    if (inclusive ? endUs > stopUs : endUs >= stopUs) return false;
    this.nowUs = Math.max(this.nowUs, endUs);
    this.leg = -1;
    const i = this.row - ROWS;
    const { price } = this.tape;
    this.candles.push({
      openAtMs: Math.floor(this.startUs / 1000),
      open: price[i] as number,
      high: price[i + 1] as number,
      low: price[i + 2] as number,
      close: price[i + 3] as number,
      volume: this.volume,
    });
    if (this.publisher.count > 0) this.announceCandles();
    return true;
  }

  /** The order the path meets next on its way to `vertex`; null when it meets none, or the cap is used up. */
  private nextFill(vertex: number): SimOrder | null {
    if (this.capLeft <= 0) return null;
    const low = Math.min(this.position, vertex);
    const high = Math.max(this.position, vertex);
    const buy = this.resting.best("buy");
    const sell = this.resting.best("sell");
    const buys = this.touch ? buy >= low : buy > low;
    const sells = this.touch ? sell <= high : sell < high;
    if (!buys && !sells) return null;
    // on the way down only a sell left over from before can be beyond us, and it is met where we stand
    const side: Side = vertex <= this.position ? (sells ? "sell" : "buy") : buys ? "buy" : "sell";
    return this.resting.at(side, side === "buy" ? buy : sell)[0] ?? null;
  }

  private meetingPoint(order: SimOrder, vertex: number): number {
    const { position } = this;
    const ahead = vertex < position ? order.price < position : order.price > position;
    return ahead && vertex < position === (order.side === "buy") ? order.price : position;
  }

  /** A liquidation mark on the way, as the first tick at or beyond it. */
  private nextAlarm(vertex: number): number | null {
    const below = Math.floor(this.alarmBelow / 1000);
    if (Math.min(vertex, this.position) <= below) return Math.min(below, this.position);
    const above = Math.ceil(this.alarmAbove / 1000);
    if (Math.max(vertex, this.position) >= above) return Math.max(above, this.position);
    return null;
  }

  /** Exchange time at a point of the leg under way. The gap to the open takes no time. */
  private timeAt(point: number): number {
    if (this.leg === 0) return this.startUs;
    const fromUs = this.legFromUs();
    const toUs = this.legToUs(fromUs);
    const vertex = this.vertices[this.leg] as number;
    const whole = Math.abs(vertex - this.legFrom);
    const part = whole === 0 ? 1 : Math.abs(point - this.legFrom) / whole;
    return Math.max(this.nowUs, fromUs + Math.round((toUs - fromUs) * part));
  }

  private legFromUs(): number {
    return this.startUs + (this.leg - 1) * Math.floor(this.lengthUs / 3);
  }

  private legToUs(fromUs: number): number {
    return this.leg === LEGS - 1 ? this.startUs + this.lengthUs - 1000 : fromUs + Math.floor(this.lengthUs / 3);
  }

  /**
   * Stops in the middle of a leg: the price moves on with time, so that an order that arrives now meets the price of
   * now.
   */
  private moveUntil(stopUs: number, vertex: number): void {
    if (this.leg === 0 || stopUs <= this.nowUs) return;
    const fromUs = this.legFromUs();
    const toUs = this.legToUs(fromUs);
    const part = Math.min(1, Math.max(0, (stopUs - fromUs) / (toUs - fromUs)));
    const there = this.legFrom + Math.trunc((vertex - this.legFrom) * part);
    const further = vertex >= this.legFrom ? there > this.position : there < this.position;
    if (further) this.position = there;
    this.nowUs = stopUs;
  }
}
