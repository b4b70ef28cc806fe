// Recorded Binance frames (BT-02) → the internal stream, with every check of BT-11 that frames allow, in one pass.

import { RowFlag, RowKind } from "../market/tape.ts";
import { BookSync, type Market } from "./book-sync.ts";
import { ClockCheck, millis } from "./clock-check.ts";
import { DataError } from "./error.ts";
import { Findings } from "./finding.ts";
import { FrameReader } from "./frame.ts";
import { type Loaded, type LoadOptions, TapeOut } from "./loaded.ts";
import { QuoteCheck } from "./quote-check.ts";
import { exchangeSymbol, rulesFor } from "./rules.ts";
import { type Source, type SourceFacts, sourceName } from "./source.ts";
import { readSources } from "./sources.ts";
import { TradeCheck, turnoverText, vwapText } from "./trade-check.ts";

/** Symbol ("" where no line names one) and market of a recording, told by its first lines; null for no frames. */
export function recognizeFrames(lines: readonly string[]): { symbol: string; market: Market } | null {
  let symbol = "";
  let market: Market | null = null;
  let frames = 0;
  for (const line of lines) {
    if (!/^\d{19} *\{/.test(line)) continue;
    frames += 1;
    symbol ||= /"s"\s*:\s*"([A-Z0-9_]+)"/.exec(line)?.[1] ?? "";
    market ??= marketOf(line);
    if (symbol !== "" && market !== null) return { symbol, market };
  }
  return frames === 0 ? null : { symbol, market: market ?? "spot" };
}

/** Only USDⓈ-M diffs carry `pu`, its quotes an event time, its trades `X`; spot trades carry `M`. */
function marketOf(line: string): Market | null {
  const event = /"e"\s*:\s*"(\w+)"/.exec(line)?.[1] ?? "";
  if (line.includes("@markPrice") || event === "markPriceUpdate") return "usdm";
  if (line.includes("@bookTicker") || event === "bookTicker") return /"E"\s*:/.test(line) ? "usdm" : "spot";
  if (line.includes("@aggTrade") || event === "aggTrade") return /"M"\s*:/.test(line) ? "spot" : "usdm";
  if (line.includes("@trade") || event === "trade") return /"X"\s*:/.test(line) ? "usdm" : "spot";
  // a depth line may have been cut before `b`; `pu` stands before it
  if ((line.includes("@depth") || event === "depthUpdate") && /"U"\s*:/.test(line))
    return /"pu"\s*:/.test(line) ? "usdm" : "spot";
  return null;
}

/** Loads one recording, or several whose ids chain. Throws {@link DataError}; what merely looks wrong is a finding. */
export async function loadFrames(
  sources: readonly Source[],
  recognized: { readonly symbol: string; readonly market: Market },
  options: LoadOptions = {},
): Promise<Loaded> {
  const loader = new FrameLoader(sources, recognized, options);
  const facts = await readSources(sources, loader, options.onProgress);
  return loader.finish(facts);
}

// Names of streams we do not use that are counted one by one; the rest together.
const IGNORED_NAMES_MAX = 32;

class FrameLoader {
  readonly findings = new Findings();
  readonly out: TapeOut;
  private readonly symbol: string;
  private readonly instrument: ReturnType<typeof rulesFor>;
  private readonly frame: FrameReader;
  private readonly clock: ClockCheck;
  private readonly quotes: QuoteCheck;
  private readonly trades: TradeCheck;
  private readonly sync: BookSync;
  private readonly counts = { depth: 0, quote: 0, trade: 0, aggTrade: 0, mark: 0, snapshot: 0 };
  private readonly ignored = new Map<string, number>();
  /** A recording of both trade streams tells every trade twice: the first kind seen is used. */
  private tradeStream: "trade" | "aggTrade" | null = null;
  private lastQuoteId = -1;
  private rateTold = Number.NaN;
  private readonly firstFile: string;

  constructor(
    sources: readonly Source[],
    recognized: { readonly symbol: string; readonly market: Market },
    options: LoadOptions,
  ) {
    this.firstFile = sources[0] === undefined ? "" : sourceName(sources[0]);
    const wanted = options.symbol ?? options.instrument?.symbol;
    this.symbol = wanted === undefined ? recognized.symbol : exchangeSymbol(wanted);
    const market = options.market ?? recognized.market;
    this.instrument = rulesFor(this.firstFile, this.symbol, market, options);
    this.frame = new FrameReader(this.symbol, this.instrument.tickSize, this.instrument.lotSize);
    this.out = new TapeOut(options);
    this.clock = new ClockCheck(this.findings);
    this.quotes = new QuoteCheck(this.findings);
    this.trades = new TradeCheck(this.findings);
    this.sync = new BookSync(market, this.out.builder, this.findings, this.quotes);
  }

  onLine(bytes: Uint8Array, start: number, end: number, line: number): void {
    const { frame, findings } = this;
    const kind = frame.read(bytes, start, end);
    if (frame.hasLocal) this.clock.onLocal(frame.localUs, frame.localNs, line);
    if (kind === "bad") {
      findings.add("unparsable", line);
      return;
    }
    if (frame.foreign) {
      findings.add("foreignSymbol", line);
      return;
    }
    if (frame.offGrid > 0) findings.add("offTick", line, frame.offGrid);
    if (kind === "other") {
      this.ignore(frame.streamName());
      return;
    }
    this.counts[kind] += 1;
    if (kind !== "snapshot" && frame.eventMs > 0) this.clock.onEvent(kind, frame.eventMs, line);
    this.take(line);
    this.out.flush();
  }

  finish(sources: readonly SourceFacts[]): Loaded {
    const used = Object.values(this.counts).reduce((sum, count) => sum + count, 0);
    if (used === 0 && this.findings.count("foreignSymbol") > 0) this.throwWrongSymbol();
    this.quotes.finish();
    const trades = this.trades.finish();
    const bookFigures = this.sync.finish();
    const clock = this.clock.finish();
    const tape = this.out.finish();
    return {
      kind: "frames",
      instrument: this.instrument,
      tape,
      rows: tape.length > 0 ? tape.length : this.out.rows,
      sources,
      findings: this.findings.list(),
      clock,
      figures: this.figures(),
      trades,
      bookFigures,
      book: this.counts.snapshot > 0 ? this.sync.book : null,
    };
  }

  private figures(): Record<string, number | string> {
    const trades = this.trades.figures;
    const book = this.sync.figures;
    const result: Record<string, number | string> = {
      symbol: this.symbol,
      depth: this.counts.depth,
      quotes: this.counts.quote,
      trades: this.counts.trade + this.counts.aggTrade,
      tradesUsed: trades.trades,
      marks: this.counts.mark,
      snapshots: this.counts.snapshot,
      firstLocalNs: this.clock.firstLocal,
      lastLocalNs: this.clock.lastLocal,
      longestSilenceMs: millis(this.clock.longestSilenceNs),
      levelUpdates: book.levelUpdates,
      removals: book.removals,
      absentRemovals: book.absentRemovals,
      buffered: book.buffered,
      dropped: book.dropped,
      applied: book.applied,
      quotesCompared: this.quotes.compared,
      quotesEqual: this.quotes.equal,
      firstTradeId: trades.firstId,
      lastTradeId: trades.lastId,
      turnover: turnoverText({ ...trades }, this.instrument),
      vwap: vwapText({ ...trades }, this.instrument.tickSize, 9),
    };
    for (const [name, count] of this.ignored) result[`ignored:${name}`] = count;
    return result;
  }

  private take(line: number): void {
    const { frame } = this;
    const localUs = this.clock.heldUs;
    switch (frame.kind) {
      case "depth":
      case "snapshot":
        if (frame.negative > 0) this.findings.add("negativePrice", line, frame.negative);
        if (frame.kind === "depth") this.sync.onDiff(frame, localUs, line);
        else this.sync.onSnapshot(frame, localUs, line);
        break;
      case "quote":
        this.takeQuote(localUs, line);
        break;
      case "trade":
      case "aggTrade":
        this.takeTrade(frame.kind, localUs, line);
        break;
      case "mark":
        this.takeMark(localUs, line);
        break;
      case "other":
      case "bad":
        break;
    }
  }

  private takeQuote(localUs: number, line: number): void {
    const { frame } = this;
    const { builder } = this.out;
    if (frame.negative > 0) {
      this.findings.add("negativePrice", line);
      return;
    }
    if (frame.id < this.lastQuoteId) {
      this.findings.add("staleFrame", line);
      return;
    }
    this.lastQuoteId = frame.id;
    if (frame.price >= frame.askPrice) this.findings.add("crossedBook", line);
    const exchangeUs = frame.eventMs * 1000;
    builder.push(RowKind.quoteBid, 0, localUs, exchangeUs, frame.price, frame.quantity, frame.id, line);
    const end = RowFlag.frameEnd;
    builder.push(RowKind.quoteAsk, end, localUs, exchangeUs, frame.askPrice, frame.askQuantity, frame.id, line);
    this.quotes.onQuote(frame.id, frame.price, frame.quantity, frame.askPrice, frame.askQuantity);
  }

  private takeTrade(stream: "trade" | "aggTrade", localUs: number, line: number): void {
    const { frame } = this;
    this.tradeStream ??= stream;
    if (stream !== this.tradeStream) {
      this.ignore(`@${stream}, because @${this.tradeStream} tells the same trades`);
      return;
    }
    if (!this.trades.accept(frame.id, frame.price, frame.quantity, line)) return;
    this.trades.take(frame.id, frame.price, frame.quantity, frame.sellerTook, line);
    const flags = RowFlag.frameEnd | (frame.sellerTook ? RowFlag.sellerTook : 0);
    const exchangeUs = frame.tradeMs * 1000;
    this.out.builder.push(RowKind.trade, flags, localUs, exchangeUs, frame.price, frame.quantity, frame.id, line);
  }

  private takeMark(localUs: number, line: number): void {
    const { frame } = this;
    const { builder } = this.out;
    if (frame.negative > 0) {
      this.findings.add("negativePrice", line);
      return;
    }
    const exchangeUs = frame.eventMs * 1000;
    const told = Number.isNaN(frame.rate) || frame.rate === this.rateTold;
    builder.push(RowKind.mark, told ? RowFlag.frameEnd : 0, localUs, exchangeUs, frame.price, 0, 0, line);
    if (told) return;
    this.rateTold = frame.rate;
    const { rate, settlementMs } = frame;
    builder.push(RowKind.fundingPredicted, RowFlag.frameEnd, localUs, exchangeUs, rate, settlementMs, 0, line);
  }

  private ignore(name: string): void {
    const known = this.ignored.has(name) || this.ignored.size < IGNORED_NAMES_MAX;
    const key = known ? name : "others";
    this.ignored.set(key, (this.ignored.get(key) ?? 0) + 1);
  }

  private throwWrongSymbol(): never {
    throw new DataError("wrongSymbol", {
      file: this.firstFile,
      line: 1,
      what: "every row is of another instrument",
      expected: this.symbol,
      advice: "Check the symbol in the configuration, or give the file that belongs to it",
    });
  }
}
