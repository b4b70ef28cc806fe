// Scans one compact JSON object of an exchange's message: remembers where the fields we use stand, reads its price
// levels into a scratch, allocates nothing. Anything but the compact shape (blanks, escapes, doubled keys) is left to
// `normalise`.

import { isNumeric, readInteger, type StepGrid } from "./scan.ts";

/** Levels of an object: the first `bids` of `count` are bids, the others asks. */
export interface Levels {
  count: number;
  bids: number;
  price: Float64Array;
  quantity: Float64Array;
}

// Codes under which fields are kept: one-letter keys by their letter, longer ones from 1 up.
export const PU = 1;
export const LAST_UPDATE_ID = 2;
export const STREAM = 3;
const BIDS = 4;
const ASKS = 5;
const QUOTE = 34;
const BACKSLASH = 92;
const NESTING_MAX = 32;

export const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");
const KEY_STREAM = ascii("stream");
const KEY_DATA = ascii("data");
const KEY_LAST_UPDATE_ID = ascii("lastUpdateId");
const KEY_BIDS = ascii("bids");
const KEY_ASKS = ascii("asks");

const KEY_PU = ascii("pu");
const LITERALS = [ascii("true"), ascii("false"), ascii("null")];

/** Fields and levels of the last object scanned. What they mean is the reader's business. */
export class FrameScanner {
  /** Values rounded to the grid, and levels with a price not above zero, in the last object. */
  offGrid = 0;
  negative = 0;
  readonly levels: Levels = { count: 0, bids: 0, price: new Float64Array(4096), quantity: new Float64Array(4096) };
  protected readonly prices: StepGrid;
  protected readonly quantities: StepGrid;
  protected bytes: Uint8Array = new Uint8Array(0);
  /** Places of the fields by code; those of the last object have `seen` equal to its serial. */
  protected readonly from = new Int32Array(128);
  protected readonly to = new Int32Array(128);
  private readonly seen = new Float64Array(128);
  private serial = 0;
  private end = 0;
  private at = 0;

  constructor(prices: StepGrid, quantities: StepGrid) {
    this.prices = prices;
    this.quantities = quantities;
  }

  /** True when `bytes[start…end)` is one JSON object of the compact shape; its fields can then be asked for. */
  protected scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.serial += 1;
    this.levels.count = 0;
    this.levels.bids = 0;
    this.offGrid = 0;
    this.negative = 0;
    return this.scanObject(true) && this.at === end;
  }

  private scanObject(outer: boolean): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== 123) return false;
    this.at += 1;
    if (bytes[this.at] === 125) {
      this.at += 1;
      return true;
    }
    // every turn takes a field or returns
    for (;;) {
      if (bytes[this.at] !== QUOTE) return false;
      const keyStart = this.at + 1;
      if (!this.skipText()) return false;
      const keyEnd = this.at - 1;
      if (bytes[this.at] !== 58) return false;
      this.at += 1;
      if (!this.scanField(keyStart, keyEnd, outer)) return false;
      const next = bytes[this.at];
      this.at += 1;
      if (next === 125) return true;
      if (next !== 44) return false;
    }
  }

  private scanField(keyStart: number, keyEnd: number, outer: boolean): boolean {
    const first = this.bytes[keyStart] ?? 0;
    if (keyEnd - keyStart === 1) {
      if (this.bytes[this.at] !== 91) return this.keep(first & 127);
      if (first === 98) return this.scanLevels(true);
      return first === 97 ? this.scanLevels(false) : this.skipValue(0);
    }
    if (outer && this.is(KEY_DATA, keyStart, keyEnd)) {
      return this.bytes[this.at] === 123 ? this.scanObject(false) : this.skipValue(0);
    }
    if (outer && this.is(KEY_STREAM, keyStart, keyEnd)) return this.keep(STREAM);
    if (this.is(KEY_PU, keyStart, keyEnd)) return this.keep(PU);
    if (this.is(KEY_LAST_UPDATE_ID, keyStart, keyEnd)) return this.keep(LAST_UPDATE_ID);
    if (this.is(KEY_BIDS, keyStart, keyEnd)) return this.scanLevels(true);
    if (this.is(KEY_ASKS, keyStart, keyEnd)) return this.scanLevels(false);
    return this.skipValue(0);
  }

  protected is(key: Uint8Array, start: number, end: number): boolean {
    if (end - start !== key.length) return false;
    for (let i = 0; i < key.length; i += 1) if (this.bytes[start + i] !== key[i]) return false;
    return true;
  }

  /** Remembers where the value of a field stands, without its quotes. A doubled key is not the compact shape. */
  private keep(code: number): boolean {
    if (this.seen[code] === this.serial) return false;
    const quoted = this.bytes[this.at] === QUOTE ? 1 : 0;
    const start = this.at + quoted;
    if (!this.skipValue(0)) return false;
    this.seen[code] = this.serial;
    this.from[code] = start;
    this.to[code] = this.at - quoted;
    return true;
  }

  /** Past a text that needs no unescaping. */
  private skipText(): boolean {
    const { bytes, end } = this;
    let i = this.at + 1;
    while (i < end && bytes[i] !== QUOTE) {
      if (bytes[i] === BACKSLASH) return false;
      i += 1;
    }
    this.at = i + 1;
    return i < end;
  }

  private skipValue(depth: number): boolean {
    const first = this.bytes[this.at] ?? 0;
    if (first === QUOTE) return this.skipText();
    if (first === 123 || first === 91) return this.skipNested(depth);
    return first === 45 || (first >= 48 && first <= 57) ? this.skipNumber() : this.skipLiteral();
  }

  private skipNumber(): boolean {
    const { bytes, end } = this;
    let i = this.at + 1;
    while (i < end) {
      const c = bytes[i] ?? 0;
      if ((c < 48 || c > 57) && !isNumeric(c)) break;
      i += 1;
    }
    this.at = i;
    return true;
  }

  private skipLiteral(): boolean {
    for (const literal of LITERALS) {
      if (!this.is(literal, this.at, this.at + literal.length)) continue;
      this.at += literal.length;
      return true;
    }
    return false;
  }

  private skipNested(depth: number): boolean {
    const close = this.bytes[this.at] === 123 ? 125 : 93;
    if (depth > NESTING_MAX) return false;
    this.at += 1;
    if (this.bytes[this.at] === close) {
      this.at += 1;
      return true;
    }
    // every turn takes a value or returns
    for (;;) {
      if (close === 125) {
        if (this.bytes[this.at] !== QUOTE || !this.skipText() || this.bytes[this.at] !== 58) return false;
        this.at += 1;
      }
      if (!this.skipValue(depth + 1)) return false;
      const next = this.bytes[this.at];
      this.at += 1;
      if (next === close) return true;
      if (next !== 44) return false;
    }
  }

  /** `[["price","quantity"],…]` into the scratch, bids before asks. */
  private scanLevels(bids: boolean): boolean {
    const { bytes, levels } = this;
    const code = bids ? BIDS : ASKS;
    if (bytes[this.at] !== 91 || this.seen[code] === this.serial) return false;
    this.seen[code] = this.serial;
    this.at += 1;
    const before = levels.count;
    if (bytes[this.at] === 93) this.at += 1;
    else {
      // every turn takes a level or returns
      for (;;) {
        if (bytes[this.at] !== 91) return false;
        this.at += 1;
        const price = this.scanNumber(this.prices);
        if (bytes[this.at] !== 44) return false;
        this.at += 1;
        const quantity = this.scanNumber(this.quantities);
        // NaN fails both comparisons: a number that cannot be read makes the frame unreadable.
        if (bytes[this.at] !== 93 || !(quantity >= 0) || Number.isNaN(price)) return false;
        this.at += 1;
        if (price > 0) this.pushLevel(price, quantity);
        else this.negative += 1;
        const next = bytes[this.at];
        this.at += 1;
        if (next === 93) break;
        if (next !== 44) return false;
      }
    }
    if (bids) {
      levels.bids = levels.count - before;
      if (before > 0) bidsFirst(levels, before);
    }
    return true;
  }

  private scanNumber(grid: StepGrid): number {
    const quoted = this.bytes[this.at] === QUOTE;
    const value = grid.readAt(this.bytes, quoted ? this.at + 1 : this.at);
    if (grid.offGrid) this.offGrid += 1;
    this.at = grid.at;
    if (!quoted) return value;
    if (this.bytes[this.at] !== QUOTE) return Number.NaN;
    this.at += 1;
    return value;
  }

  private pushLevel(price: number, quantity: number): void {
    const { levels } = this;
    if (levels.count === levels.price.length) {
      const grow = (old: Float64Array): Float64Array => {
        const next = new Float64Array(old.length * 2);
        next.set(old);
        return next;
      };
      levels.price = grow(levels.price);
      levels.quantity = grow(levels.quantity);
    }
    levels.price[levels.count] = price;
    levels.quantity[levels.count] = quantity;
    levels.count += 1;
  }

  protected has(code: number): boolean {
    return this.seen[code] === this.serial;
  }

  protected integer(code: number): number {
    return this.has(code) ? readInteger(this.bytes, this.from[code] ?? 0, this.to[code] ?? 0) : -1;
  }

  protected steps(grid: StepGrid, code: number): number {
    if (!this.has(code)) return Number.NaN;
    const value = grid.read(this.bytes, this.from[code] ?? 0, this.to[code] ?? 0);
    if (grid.offGrid) this.offGrid += 1;
    return value;
  }
}

/** Puts the bids, which came after `asks` asks, before them. */
function bidsFirst(levels: Levels, asks: number): void {
  for (const column of [levels.price, levels.quantity]) {
    const front = column.slice(0, asks);
    column.copyWithin(0, asks, levels.count);
    column.set(front, levels.count - asks);
  }
}
