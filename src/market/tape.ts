// The internal market stream (BT-01) as columns: one row a change, typed arrays, no object per row. Loaders write it,
// the simulated exchange reads it. Times are microseconds; prices are ticks, quantities lots, read from decimal text.
// Replaying the level rows gives the book: diffs that came before their snapshot stand right after it, with its local
// time. `localUs` never falls. A book crossed at a frame's end is invalid until it uncrosses; no row says so.

import { assert } from "../base/assert.ts";

/** What a row says. Rows of one source frame are adjacent; `FRAME_END` in `flags` marks the last one of the frame. */
export const RowKind = {
  /** A REST or stream snapshot begins: both sides are cleared; level rows follow, the last one has FRAME_END. */
  snapshotStart: 0,
  /** Level of a diff or snapshot: price, quantity (0 removes it). A diff without levels is one `diffEmpty` row. */
  bidLevel: 1,
  askLevel: 2,
  diffEmpty: 3,
  /** Best quote: a bid row, then an ask row with FRAME_END. */
  quoteBid: 4,
  quoteAsk: 5,
  /** Public trade. Flag SELLER_TOOK when the aggressor sold (Binance `m: true`). */
  trade: 6,
  /** Mark price: price is in milliticks. */
  mark: 7,
  /** Funding rate settled at the exchange time of the row: price = rate × 10^12, quantity = interval in ms. */
  funding: 8,
  /** The diff chain broke: the book is invalid until the next snapshot. */
  bookInvalid: 9,
  /** Candle: four price rows with the same times, exchangeUs = its start; the close row carries the volume. */
  candleOpen: 10,
  candleHigh: 11,
  candleLow: 12,
  candleClose: 13,
  /** Funding rate predicted for a coming settlement: price = rate × 10^12, quantity = settlement time, ms. */
  fundingPredicted: 14,
} as const;
export type RowKind = (typeof RowKind)[keyof typeof RowKind];

export const RowFlag = { frameEnd: 1, sellerTook: 2 } as const;

/** Columns of equal length `length`. `id` is the final update id, trade id, or 0. `line` is the 1-based source line. */
export interface Tape {
  readonly length: number;
  readonly kind: Uint8Array;
  readonly flags: Uint8Array;
  /** Recorder's clock, µs since the epoch; equals `exchangeUs` where the source has one clock. */
  readonly localUs: Float64Array;
  /**
   * Exchange's clock, µs since the epoch; 0 where the message has none (spot bookTicker). The event time of the
   * message; of a trade the time it was made, which its files know it by.
   */
  readonly exchangeUs: Float64Array;
  readonly price: Float64Array;
  readonly quantity: Float64Array;
  readonly id: Float64Array;
  readonly line: Uint32Array;
  /** Which of the joined source files `line` counts in, from 0. */
  readonly file: Uint16Array;
}

/** Grows a tape row by row; `finish` trims it. */
export class TapeBuilder {
  private capacity: number;
  private length = 0;
  private kind: Uint8Array;
  private flags: Uint8Array;
  private localUs: Float64Array;
  private exchangeUs: Float64Array;
  private price: Float64Array;
  private quantity: Float64Array;
  private id: Float64Array;
  private line: Uint32Array;
  private file: Uint16Array;
  /** Source file of the rows that follow, from 0. */
  sourceFile = 0;

  constructor(capacity = 1 << 16) {
    this.capacity = capacity;
    this.kind = new Uint8Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.localUs = new Float64Array(capacity);
    this.exchangeUs = new Float64Array(capacity);
    this.price = new Float64Array(capacity);
    this.quantity = new Float64Array(capacity);
    this.id = new Float64Array(capacity);
    this.line = new Uint32Array(capacity);
    this.file = new Uint16Array(capacity);
  }

  get rows(): number {
    return this.length;
  }

  // tidy-ok: one call a row in the hottest loader loop; an options object would allocate 600,000 times
  push(
    kind: RowKind,
    flags: number,
    localUs: number,
    exchangeUs: number,
    price: number,
    quantity: number,
    id: number,
    line: number,
  ): void {
    if (this.length === this.capacity) this.grow();
    const i = this.length;
    this.kind[i] = kind;
    this.flags[i] = flags;
    this.localUs[i] = localUs;
    this.exchangeUs[i] = exchangeUs;
    this.price[i] = price;
    this.quantity[i] = quantity;
    this.id[i] = id;
    this.line[i] = line;
    this.file[i] = this.sourceFile;
    this.length = i + 1;
  }

  /** Marks the newest row as the last of its frame. */
  endFrame(): void {
    assert(this.length > 0, "no row to end a frame with");
    const i = this.length - 1;
    this.flags[i] = (this.flags[i] ?? 0) | RowFlag.frameEnd;
  }

  finish(): Tape {
    const n = this.length;
    return {
      length: n,
      kind: this.kind.slice(0, n),
      flags: this.flags.slice(0, n),
      localUs: this.localUs.slice(0, n),
      exchangeUs: this.exchangeUs.slice(0, n),
      price: this.price.slice(0, n),
      quantity: this.quantity.slice(0, n),
      id: this.id.slice(0, n),
      line: this.line.slice(0, n),
      file: this.file.slice(0, n),
    };
  }

  /** As {@link finish}, and begins anew: how a stream longer than memory is handed on piece by piece. */
  take(): Tape {
    const tape = this.finish();
    this.length = 0;
    return tape;
  }

  private grow(): void {
    this.capacity *= 2;
    const bytes = (old: Uint8Array): Uint8Array => {
      const next = new Uint8Array(this.capacity);
      next.set(old);
      return next;
    };
    const doubles = (old: Float64Array): Float64Array => {
      const next = new Float64Array(this.capacity);
      next.set(old);
      return next;
    };
    this.kind = bytes(this.kind);
    this.flags = bytes(this.flags);
    this.localUs = doubles(this.localUs);
    this.exchangeUs = doubles(this.exchangeUs);
    this.price = doubles(this.price);
    this.quantity = doubles(this.quantity);
    this.id = doubles(this.id);
    const lines = new Uint32Array(this.capacity);
    lines.set(this.line);
    this.line = lines;
    const files = new Uint16Array(this.capacity);
    files.set(this.file);
    this.file = files;
  }
}
