// One recorded Binance frame (`<local_ns> <json>`) read into fields and a level scratch, without an object a line. JSON
// in another shape than Binance's compact one is normalised by JSON.parse and scanned again; prices never become
// floats.

import { assert } from "../base/assert.ts";
import { formatDecimal, parseDecimal } from "../base/decimal.ts";
import { normalise } from "./compact-json.ts";
import { ascii, FrameScanner, LAST_UPDATE_ID, PU, STREAM } from "./frame-scan.ts";
import { readInteger, StepGrid, textOf } from "./scan.ts";

/** What a frame holds; `other` is a stream we do not use, `bad` cannot be read. */
export type FrameKind = "depth" | "snapshot" | "quote" | "trade" | "aggTrade" | "mark" | "other" | "bad";

const MARK_DECIMALS = 3;
const TRUE = ascii("true");
const FALSE = ascii("false");
// Streams of all symbols are named `!miniTicker@arr` and the like.
const EXCLAMATION = 33;
/** `e`, the name of an event. */
const EVENT = 101;

/** Reads frames of one instrument; the fields of the last one stay readable until the next. */
export class FrameReader extends FrameScanner {
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

  private readonly marks: StepGrid;
  private readonly rates = new StepGrid("0.000000000001");
  private readonly symbol: Uint8Array;
  private readonly streamSymbol: Uint8Array;

  /** `symbol` as the exchange writes it (BTCUSDT). */
  constructor(symbol: string, tickSize: string, lotSize: string) {
    super(new StepGrid(tickSize), new StepGrid(lotSize, "down"));
    this.symbol = ascii(symbol);
    this.streamSymbol = ascii(symbol.toLowerCase());
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
    if (this.scan(bytes, start + 20, end) && this.interpret()) return this.kind;
    const normal = normalise(bytes, start + 20, end);
    if (normal === null || !this.scan(normal, 0, normal.length) || !this.interpret()) this.kind = "bad";
    return this.kind;
  }

  /** Name of the stream or event of the last frame, for counting those not used; "" without one. */
  streamName(): string {
    const code = this.has(STREAM) ? STREAM : EVENT;
    if (!this.has(code)) return "";
    return textOf(this.bytes, this.from[code] ?? 0, Math.min(this.to[code] ?? 0, (this.from[code] ?? 0) + 64));
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
    if (!this.has(STREAM)) return this.has(EVENT) ? this.kindOfEvent() : "bad";
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

  /** A frame of a socket of its own names no stream, and says what it is. */
  private kindOfEvent(): FrameKind {
    switch (textOf(this.bytes, this.from[EVENT] ?? 0, this.to[EVENT] ?? 0)) {
      case "depthUpdate":
        return this.has(85) ? "depth" : "other";
      case "trade":
        return "trade";
      case "aggTrade":
        return "aggTrade";
      case "bookTicker":
        return "quote";
      case "markPriceUpdate":
        return "mark";
      default:
        return "other";
    }
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
    this.sellerTook = this.is(TRUE, this.from[109] ?? 0, this.to[109] ?? 0);
    if (!this.sellerTook && !this.is(FALSE, this.from[109] ?? 0, this.to[109] ?? 0)) return false;
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
}

/** One thousandth of a step, as text. */
function thousandth(step: string): string {
  const parsed = parseDecimal(step);
  assert(parsed.ok, () => `${step} is not a decimal step`);
  return formatDecimal(parsed.value.digits, parsed.value.scale + MARK_DECIMALS);
}
