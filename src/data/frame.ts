// One recorded Binance frame (`<local_ns> <json>`) read into fields and a level scratch, without an object a line. The
// scanner knows exactly the compact shape Binance sends; any other JSON is normalised by JSON.parse and scanned again.

import { assert } from "../base/assert.ts";
import { formatDecimal, parseDecimal } from "../base/decimal.ts";
import { readInteger, StepGrid, textOf } from "./scan.ts";

/** What a frame holds; `other` is a stream we do not use, `bad` cannot be read. */
export type FrameKind = "depth" | "snapshot" | "quote" | "trade" | "aggTrade" | "mark" | "other" | "bad";

/** Sides of the level scratch. */
export interface Levels {
  count: number;
  bids: number;
  price: Float64Array;
  quantity: Float64Array;
}

// Codes under which fields are kept: one-letter keys by their letter, longer ones from 1 up.
const PU = 1;
const LAST_UPDATE_ID = 2;
const STREAM = 3;
const QUOTE = 34;
const BACKSLASH = 92;
// Streams of all symbols are named `!miniTicker@arr` and the like.
const EXCLAMATION = 33;
const NESTING_MAX = 32;
const MARK_DECIMALS = 3;

const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");
const KEY_STREAM = ascii("stream");
const KEY_DATA = ascii("data");
const KEY_LAST_UPDATE_ID = ascii("lastUpdateId");
const KEY_BIDS = ascii("bids");
const KEY_ASKS = ascii("asks");

/** Reads frames of one instrument; the fields of the last one stay readable until the next. */
export class FrameReader {
  kind: FrameKind = "bad";
  /** Whether the local stamp could be read, even of a bad frame. */
  hasLocal = false;
  /** Local stamp: whole microseconds, and the nanoseconds below them. */
  localUs = 0;
  localNs = 0;
  /** Symbol as the frame writes it is another than ours. */
  foreign = false;
  /** Event time and transaction time, ms; 0 where the message has none. */
  eventMs = 0;
  tradeMs = 0;
  /** Final update id of depth, quote and snapshot; trade id. */
  id = 0;
  firstId = 0;
  /** Previous final update id of a USDⓈ-M diff, −1 where absent. */
  previousId = -1;
  /** Price of a trade, or of a mark in thousandths of a tick; bid of a quote. */
  price = 0;
  quantity = 0;
  askPrice = 0;
  askQuantity = 0;
  sellerTook = false;
  /** Predicted funding rate × 10^12 of a mark price frame, NaN when absent; its settlement time, ms. */
  rate = Number.NaN;
  settlementMs = 0;
  /** Values rounded to the grid, and rows with a price not above zero, in this frame. */
  offGrid = 0;
  negative = 0;
  readonly levels: Levels = { count: 0, bids: 0, price: new Float64Array(4096), quantity: new Float64Array(4096) };

  private readonly prices: StepGrid;
  private readonly quantities: StepGrid;
  private readonly marks: StepGrid;
  private readonly rates = new StepGrid("0.000000000001");
  private readonly symbol: Uint8Array;
  private readonly streamSymbol: Uint8Array;
  private bytes: Uint8Array = new Uint8Array(0);
  private end = 0;
  private at = 0;
  private serial = 0;
  private readonly seen = new Float64Array(128);
  private readonly from = new Int32Array(128);
  private readonly to = new Int32Array(128);

  /** `symbol` as the exchange writes it (BTCUSDT). */
  constructor(symbol: string, tickSize: string, lotSize: string) {
    this.symbol = ascii(symbol);
    this.streamSymbol = ascii(symbol.toLowerCase());
    this.prices = new StepGrid(tickSize);
    this.quantities = new StepGrid(lotSize, "down");
    this.marks = new StepGrid(thousandth(tickSize));
  }

  /** Reads `bytes[start…end)`, one line without its line end. Never throws on bad input: `kind` says `bad`. */
  read(bytes: Uint8Array, start: number, end: number): FrameKind {
    this.kind = "bad";
    this.hasLocal = false;
    this.foreign = false;
    // 19 digits are nanoseconds of the years 2001 to 2286; any other count is not this format.
    if (end - start < 22 || bytes[start + 19] !== 32) return "bad";
    const us = readInteger(bytes, start, start + 16);
    const ns = readInteger(bytes, start + 16, start + 19);
    if (us < 1e15 || ns < 0) return "bad";
    this.hasLocal = true;
    this.localUs = us;
    this.localNs = ns;
    if (this.scan(bytes, start + 20, end)) return this.kind;
    const normal = normalise(bytes, start + 20, end);
    if (normal === null || !this.scan(normal, 0, normal.length)) this.kind = "bad";
    return this.kind;
  }

  /** Name of the stream of the last frame, for counting those not used; "" without one. */
  streamName(): string {
    if (this.seen[STREAM] !== this.serial) return "";
    return textOf(this.bytes, this.from[STREAM] ?? 0, Math.min(this.to[STREAM] ?? 0, (this.from[STREAM] ?? 0) + 64));
  }

  /** True when the JSON has the compact shape and all fields of its kind are readable. */
  private scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.serial += 1;
    this.levels.count = 0;
    this.levels.bids = 0;
    this.offGrid = 0;
    this.negative = 0;
    this.foreign = false;
    return this.scanObject(true) && this.at === end && this.interpret();
  }

  private scanObject(outer: boolean): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== 123) return false;
    this.at += 1;
    if (bytes[this.at] === 125) {
      this.at += 1;
      return true;
    }
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
    if (keyEnd - keyStart === 2 && first === 112 && this.bytes[keyStart + 1] === 117) return this.keep(PU);
    if (this.is(KEY_LAST_UPDATE_ID, keyStart, keyEnd)) return this.keep(LAST_UPDATE_ID);
    if (this.is(KEY_BIDS, keyStart, keyEnd)) return this.scanLevels(true);
    if (this.is(KEY_ASKS, keyStart, keyEnd)) return this.scanLevels(false);
    return this.skipValue(0);
  }

  private is(key: Uint8Array, start: number, end: number): boolean {
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
    const { bytes, end } = this;
    const first = bytes[this.at] ?? 0;
    if (first === QUOTE) return this.skipText();
    if (first === 123 || first === 91) return this.skipNested(depth);
    const start = this.at;
    let i = start;
    while (i < end) {
      const c = bytes[i] ?? 0;
      if (c === 44 || c === 125 || c === 93) break;
      if (c <= 32 || c === QUOTE || c === 58) return false;
      i += 1;
    }
    this.at = i;
    return i > start;
  }

  private skipNested(depth: number): boolean {
    const close = this.bytes[this.at] === 123 ? 125 : 93;
    if (depth > NESTING_MAX) return false;
    this.at += 1;
    if (this.bytes[this.at] === close) {
      this.at += 1;
      return true;
    }
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
    if (bytes[this.at] !== 91 || (bids && levels.count > 0)) return false;
    this.at += 1;
    const before = levels.count;
    if (bytes[this.at] === 93) this.at += 1;
    else {
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
    if (bids) levels.bids = levels.count - before;
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

  /** Fields → meaning, by the stream's name or the event's; false when a needed field is absent or unreadable. */
  private interpret(): boolean {
    this.kind = this.kindOfFrame();
    if (this.kind === "bad") return false;
    this.eventMs = this.has(69) ? this.integer(69) : 0;
    this.tradeMs = this.has(84) ? this.integer(84) : 0;
    this.foreign = this.isForeign();
    if (this.eventMs < 0 || this.tradeMs < 0) return false;
    switch (this.kind) {
      case "depth":
        return this.interpretDepth();
      case "snapshot":
        this.id = this.integer(LAST_UPDATE_ID);
        return this.id >= 0;
      case "quote":
        return this.interpretQuote();
      case "trade":
        return this.interpretTrade(116);
      case "aggTrade":
        return this.interpretTrade(97);
      case "mark":
        return this.interpretMark();
      case "other":
        return true;
    }
  }

  private kindOfFrame(): FrameKind {
    if (this.has(LAST_UPDATE_ID) && !this.has(STREAM)) return "snapshot";
    if (!this.has(STREAM)) return "bad";
    const { bytes } = this;
    const end = this.to[STREAM] ?? 0;
    let i = this.from[STREAM] ?? 0;
    while (i < end && bytes[i] !== 64) i += 1;
    const letter = bytes[i + 1];
    const starts = (name: string): boolean => {
      if (end - i - 1 < name.length) return false;
      for (let k = 0; k < name.length; k += 1) if (bytes[i + 1 + k] !== name.charCodeAt(k)) return false;
      const after = bytes[i + 1 + name.length];
      return i + 1 + name.length === end || after === 64;
    };
    if (letter === 98 && starts("bookTicker")) return "quote";
    if (letter === 116 && starts("trade")) return "trade";
    if (letter === 97 && starts("aggTrade")) return "aggTrade";
    if (letter === 109 && starts("markPrice")) return "mark";
    // `depth5@100ms` and its like are partial books without update chain: not used
    if (letter === 100 && starts("depth") && this.has(85)) return "depth";
    return "other";
  }

  /** Our symbol must stand in the message, and at the head of the stream's name. */
  private isForeign(): boolean {
    if (this.has(STREAM) && this.bytes[this.from[STREAM] ?? 0] === EXCLAMATION) return false;
    if (this.has(STREAM) && !this.startsStream()) return true;
    return this.has(115) && !this.is(this.symbol, this.from[115] ?? 0, this.to[115] ?? 0);
  }

  private startsStream(): boolean {
    const start = this.from[STREAM] ?? 0;
    const end = start + this.streamSymbol.length;
    return this.bytes[end] === 64 && this.is(this.streamSymbol, start, end);
  }

  private interpretDepth(): boolean {
    this.firstId = this.integer(85);
    this.id = this.integer(117);
    this.previousId = this.has(PU) ? this.integer(PU) : -1;
    return this.firstId >= 0 && this.id >= this.firstId && (!this.has(PU) || this.previousId >= 0);
  }

  private interpretQuote(): boolean {
    this.id = this.integer(117);
    this.price = this.steps(this.prices, 98);
    this.quantity = this.steps(this.quantities, 66);
    this.askPrice = this.steps(this.prices, 97);
    this.askQuantity = this.steps(this.quantities, 65);
    if (this.price <= 0 || this.askPrice <= 0) this.negative += 1;
    return (
      this.id >= 0 &&
      !Number.isNaN(this.price) &&
      !Number.isNaN(this.askPrice) &&
      this.quantity >= 0 &&
      this.askQuantity >= 0
    );
  }

  private interpretTrade(idCode: number): boolean {
    this.id = this.integer(idCode);
    this.price = this.steps(this.prices, 112);
    this.quantity = this.steps(this.quantities, 113);
    if (this.price <= 0) this.negative += 1;
    if (!this.has(109)) return false;
    const flag = this.bytes[this.from[109] ?? 0];
    this.sellerTook = flag === 116;
    if (flag !== 116 && flag !== 102) return false;
    return this.id >= 0 && !Number.isNaN(this.price) && !Number.isNaN(this.quantity) && this.tradeMs > 0;
  }

  private interpretMark(): boolean {
    this.price = this.has(112) ? this.marks.read(this.bytes, this.from[112] ?? 0, this.to[112] ?? 0) : Number.NaN;
    if (this.price <= 0) this.negative += 1;
    const hasRate = this.has(114) && (this.to[114] ?? 0) > (this.from[114] ?? 0);
    this.rate = hasRate ? this.rates.read(this.bytes, this.from[114] ?? 0, this.to[114] ?? 0) : Number.NaN;
    this.settlementMs = this.tradeMs;
    return !Number.isNaN(this.price) && this.eventMs > 0 && (!hasRate || !Number.isNaN(this.rate));
  }

  private has(code: number): boolean {
    return this.seen[code] === this.serial;
  }

  private integer(code: number): number {
    return this.has(code) ? readInteger(this.bytes, this.from[code] ?? 0, this.to[code] ?? 0) : -1;
  }

  private steps(grid: StepGrid, code: number): number {
    if (!this.has(code)) return Number.NaN;
    const value = grid.read(this.bytes, this.from[code] ?? 0, this.to[code] ?? 0);
    if (grid.offGrid) this.offGrid += 1;
    return value;
  }
}

/** One thousandth of a step, as text. */
function thousandth(step: string): string {
  const parsed = parseDecimal(step);
  assert(parsed.ok, () => `${step} is not a decimal step`);
  return formatDecimal(parsed.value.digits, parsed.value.scale + MARK_DECIMALS);
}

// The lib of this TypeScript does not yet know JSON.parse's source text access (ES2026), which Node has.
const sourceJson = JSON as JSON & {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/**
 * Any JSON in the compact shape: no blanks, no needless escapes, doubled keys resolved, numbers as they were written.
 * Null for text that is not JSON.
 */
function normalise(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
  if (!text.trimStart().startsWith("{")) return null;
  try {
    const value: unknown = sourceJson.parse(text, (_key: string, item: unknown, context: { source?: string }) =>
      typeof item === "number" && context.source !== undefined ? sourceJson.rawJSON(context.source) : item,
    );
    return Buffer.from(JSON.stringify(value), "utf8");
  } catch {
    return null; // not JSON, or nested too deep to be written: unreadable either way
  }
}
