// Candle CSV (BT-03): columns by name, never by position; a source in another order needs an explicit mapping.
// A minute without a trade has no row: it is counted, not invented.

import { formatDecimal, parseDecimal } from "../base/decimal.ts";
import { RowFlag, RowKind } from "../market/tape.ts";
import { CsvRow, columnIndexes, headerNames } from "./csv.ts";
import { DataError } from "./error.ts";
import { Findings } from "./finding.ts";
import { type Loaded, type LoadOptions, TapeOut } from "./loaded.ts";
import { BITFINEX_BTCUSD, exchangeSymbol, rulesFor } from "./rules.ts";
import { readInteger, StepGrid, textOf } from "./scan.ts";
import { type Source, type SourceFacts, sourceName } from "./source.ts";
import { readSources } from "./sources.ts";
import { JumpCheck } from "./trade-check.ts";

const MINUTE_MS = 60_000;
const WANTED = [
  ["timestamp_ms", "timestamp", "open_time"],
  ["open"],
  ["high"],
  ["low"],
  ["close"],
  ["volume"],
] as const;

/** Whether a first line names candle columns. */
export function isCandleHeader(line: string): boolean {
  const names = headerNames(line);
  return ["open", "high", "low", "close"].every((name) => names.includes(name));
}

/** Loads candles of one minute. The symbol is the user's; Bitfinex BTCUSD when nothing is said. */
export async function loadCandles(sources: readonly Source[], options: LoadOptions = {}): Promise<Loaded> {
  const loader = new CandleLoader(sources, options);
  const facts = await readSources(sources, loader, options.onProgress);
  return loader.finish(facts);
}

/** Exact sum of decimals of any scale: nine digits a limb, so that a row costs no bigint. */
class ExactSum {
  private readonly limbs = new Float64Array(4);
  private total = 0n;
  private rows = 0;
  private scale = 36;

  /** False for text that is no decimal number or is negative. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    this.rows += 1;
    if (this.rows % 1_000_000 === 0) this.flush();
    return this.addPlain(bytes, start, end) || this.addExact(textOf(bytes, start, Math.min(end, start + 65)));
  }

  text(): string {
    this.flush();
    return formatDecimal(this.total, this.scale);
  }

  /** Digits, a point and up to 27 digits; anything else is left to the slow path. */
  private addPlain(bytes: Uint8Array, start: number, end: number): boolean {
    let point = start;
    while (point < end && bytes[point] !== 46) point += 1;
    const whole = readInteger(bytes, start, point);
    if (whole < 0 || whole > 1e9 || end - point > 28) return false;
    const parts = [0, 0, 0];
    let at = point + 1;
    for (let limb = 0; limb < 3 && at < end; limb += 1) {
      const stop = Math.min(at + 9, end);
      const part = readInteger(bytes, at, stop);
      if (part < 0) return false;
      parts[limb] = part * 10 ** (9 - (stop - at));
      at = stop;
    }
    this.limbs[0] = (this.limbs[0] ?? 0) + whole;
    for (let limb = 0; limb < 3; limb += 1) this.limbs[limb + 1] = (this.limbs[limb + 1] ?? 0) + (parts[limb] ?? 0);
    return true;
  }

  private addExact(text: string): boolean {
    const parsed = parseDecimal(text);
    if (!parsed.ok || parsed.value.digits < 0n) return false;
    const { digits, scale } = parsed.value;
    if (scale > this.scale) {
      this.total *= 10n ** BigInt(scale - this.scale);
      this.scale = scale;
    }
    this.total += digits * 10n ** BigInt(this.scale - scale);
    return true;
  }

  private flush(): void {
    for (let limb = 0; limb < 4; limb += 1) {
      this.total += BigInt(this.limbs[limb] ?? 0) * 10n ** BigInt(this.scale - 9 * limb);
      this.limbs[limb] = 0;
    }
  }
}

class CandleLoader {
  readonly findings = new Findings();
  readonly out: TapeOut;
  private readonly options: LoadOptions;
  private readonly instrument: ReturnType<typeof rulesFor>;
  private readonly prices: StepGrid;
  private readonly lots: StepGrid;
  private readonly row = new CsvRow();
  private readonly volume = new ExactSum();
  private readonly jumps: JumpCheck;
  private columns: readonly number[] = [];
  private lastMs = -1;
  private readonly counts = { candles: 0, gaps: 0, missing: 0, longest: 0, zeroVolume: 0, flat: 0, roundedVolumes: 0 };
  private firstMs = 0;
  private lowest = { ticks: 0, ms: 0 };
  private highest = { ticks: 0, ms: 0 };

  constructor(sources: readonly Source[], options: LoadOptions) {
    this.options = options;
    const file = sources[0] === undefined ? "" : sourceName(sources[0]);
    const named = options.symbol !== undefined || options.tickSize !== undefined;
    this.instrument = named
      ? rulesFor(file, exchangeSymbol(options.symbol ?? "BTCUSD"), options.market ?? "spot", options)
      : (options.instrument ?? BITFINEX_BTCUSD);
    this.prices = new StepGrid(this.instrument.tickSize);
    this.lots = new StepGrid(this.instrument.lotSize, "down");
    this.out = new TapeOut(options);
    this.jumps = new JumpCheck(this.findings);
  }

  onSource(): void {
    this.columns = [];
  }

  onLine(bytes: Uint8Array, start: number, end: number, line: number): void {
    if (start === end) return;
    if (this.columns.length === 0 && this.readHeader(textOf(bytes, start, Math.min(end, start + 4096)))) return;
    this.row.cut(bytes, start, end);
    this.takeRow(bytes, line);
    this.out.flush();
  }

  finish(sources: readonly SourceFacts[]): Loaded {
    const { counts } = this;
    if (counts.gaps > 0) {
      this.findings.describe("missingCandle", `${counts.gaps} gaps, the longest ${counts.longest} minutes`);
    }
    const tape = this.out.finish();
    return {
      kind: "candles",
      instrument: this.instrument,
      tape,
      rows: tape.length > 0 ? tape.length : this.out.rows,
      sources,
      findings: this.findings.list(),
      clock: null,
      figures: {
        candles: counts.candles,
        firstMs: this.firstMs,
        lastMs: Math.max(this.lastMs, 0),
        missing: counts.missing,
        gaps: counts.gaps,
        longestGap: counts.longest,
        zeroVolume: counts.zeroVolume,
        flat: counts.flat,
        volume: this.volume.text(),
        roundedVolumes: counts.roundedVolumes,
        lowestTicks: this.lowest.ticks,
        lowestMs: this.lowest.ms,
        highestTicks: this.highest.ticks,
        highestMs: this.highest.ms,
      },
      trades: null,
      bookFigures: null,
      book: null,
    };
  }

  /** True when the line was a header; else the mapping of the options names the columns of a file without one. */
  private readHeader(text: string): boolean {
    const mapped = this.options.columns?.map((name) => name.trim().toLowerCase());
    const isHeader = !/^\s*\d/.test(text);
    if (mapped === undefined && !isHeader) {
      throw new DataError("badHeader", {
        file: this.findings.file,
        line: 1,
        what: "the first row is no header",
        expected: "column names such as timestamp_ms,open,high,low,close,volume",
        advice: "Name the columns in the file's order: --columns timestamp_ms,open,close,high,low,volume",
      });
    }
    this.columns = columnIndexes(this.findings.file, mapped ?? headerNames(text), WANTED);
    return isHeader;
  }

  private takeRow(bytes: Uint8Array, line: number): void {
    const { findings } = this;
    const [time = 0, o = 0, h = 0, l = 0, c = 0, v = 0] = this.columns;
    const ms = this.cell(bytes, time);
    const open = this.price(bytes, o, line);
    const high = this.price(bytes, h, line);
    const low = this.price(bytes, l, line);
    const close = this.price(bytes, c, line);
    if (ms < 0 || Number.isNaN(open + high + low + close) || v >= this.row.count) {
      findings.add("unparsable", line);
      return;
    }
    const lots = this.lots.read(bytes, this.row.from[v] ?? 0, this.row.to[v] ?? 0);
    const rounded = this.lots.offGrid;
    if (!(lots >= 0) || this.isNegative(bytes, v)) {
      findings.add("unparsable", line);
      return;
    }
    if (open <= 0 || high <= 0 || low <= 0 || close <= 0) {
      findings.add("negativePrice", line);
      return;
    }
    const shaped = low <= Math.min(open, close) && Math.max(open, close) <= high;
    if (!shaped || ms % MINUTE_MS !== 0 || (this.lastMs >= 0 && ms <= this.lastMs)) {
      findings.add("candleShape", line);
      return;
    }
    this.volume.add(bytes, this.row.from[v] ?? 0, this.row.to[v] ?? 0);
    if (rounded) this.counts.roundedVolumes += 1;
    this.count(ms, line, bytes, v);
    this.countPrices(ms, open, high, low, close);
    this.jumps.onPrice(close, line);
    const us = ms * 1000;
    const { builder } = this.out;
    builder.push(RowKind.candleOpen, 0, us, us, open, 0, 0, line);
    builder.push(RowKind.candleHigh, 0, us, us, high, 0, 0, line);
    builder.push(RowKind.candleLow, 0, us, us, low, 0, 0, line);
    builder.push(RowKind.candleClose, RowFlag.frameEnd, us, us, close, lots, 0, line);
  }

  private cell(bytes: Uint8Array, cell: number): number {
    return cell >= this.row.count ? -1 : readInteger(bytes, this.row.from[cell] ?? 0, this.row.to[cell] ?? 0);
  }

  private price(bytes: Uint8Array, cell: number, line: number): number {
    if (cell >= this.row.count) return Number.NaN;
    const value = this.prices.read(bytes, this.row.from[cell] ?? 0, this.row.to[cell] ?? 0);
    if (this.prices.offGrid) this.findings.add("offTick", line);
    return value;
  }

  private isNegative(bytes: Uint8Array, cell: number): boolean {
    return bytes[this.row.from[cell] ?? 0] === 45;
  }

  private count(ms: number, line: number, bytes: Uint8Array, volumeCell: number): void {
    const { counts } = this;
    if (counts.candles === 0) this.firstMs = ms;
    else if (ms - this.lastMs > MINUTE_MS) {
      const missing = (ms - this.lastMs) / MINUTE_MS - 1;
      this.findings.add("missingCandle", line, missing);
      counts.missing += missing;
      counts.gaps += 1;
      counts.longest = Math.max(counts.longest, missing);
    }
    counts.candles += 1;
    this.lastMs = ms;
    if (isZero(bytes, this.row.from[volumeCell] ?? 0, this.row.to[volumeCell] ?? 0)) counts.zeroVolume += 1;
  }

  // tidy-ok: the four prices of a candle are one thing
  private countPrices(ms: number, open: number, high: number, low: number, close: number): void {
    if (open === high && low === close && open === low) this.counts.flat += 1;
    if (this.lowest.ticks === 0 || low < this.lowest.ticks) this.lowest = { ticks: low, ms };
    if (high > this.highest.ticks) this.highest = { ticks: high, ms };
  }
}

/** Whether a decimal text has no digit but 0 before its exponent. */
function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    const c = bytes[i] ?? 0;
    if (c === 69 || c === 101) return true;
    if (c >= 49 && c <= 57) return false;
  }
  return true;
}
