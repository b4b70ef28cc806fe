// Settled funding rates (BT-05): `Symbol,Date,Funding Rate` with a declared time zone. Stamps within a second of the
// settlement grid are put on it; anything farther off is left where it is, so that a wrong zone shows and matches
// nothing.

import { formatDecimal } from "../base/decimal.ts";
import { RowFlag, RowKind, type Tape } from "../market/tape.ts";
import { CsvRow, columnIndexes, headerNames } from "./csv.ts";
import { DataError } from "./error.ts";
import { Findings } from "./finding.ts";
import { type Loaded, type LoadOptions, TapeOut } from "./loaded.ts";
import { exchangeSymbol, presetFor, rulesFor } from "./rules.ts";
import { StepGrid, textOf } from "./scan.ts";
import { type Source, type SourceFacts, sourceName } from "./source.ts";
import { readSources } from "./sources.ts";

const EIGHT_HOURS_MS = 8 * 3_600_000;
const JITTER_MS_MAX = 1000;
const WANTED = [["symbol"], ["date", "time"], ["funding rate", "rate"]] as const;
/** Digits after the point of a rate on the tape. */
const RATE_SCALE = 12;
/** Settlements the `carry` rule may invent in one gap. */
const CARRIED_MAX = 10_000;

/** Whether a first line is the header of a funding file. */
export function isFundingHeader(line: string): boolean {
  const names = headerNames(line);
  return names.includes("date") && names.includes("funding rate");
}

/** `UTC`, `Z`, `+03:00`, `-0530` → minutes east of UTC. Throws {@link DataError} `badOption`. */
export function zoneMinutes(zone: string): number {
  if (/^(utc|z)$/i.test(zone)) return 0;
  const match = /^(?:utc)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(zone);
  const [hours, minutes] = [Number.parseInt(match?.[2] ?? "99", 10), Number.parseInt(match?.[3] ?? "0", 10)];
  if (match === null || hours > 14 || minutes > 59) {
    throw new DataError("badOption", {
      file: "--time-zone",
      what: `"${zone}" is no time zone`,
      expected: "UTC or an offset such as +03:00",
      advice: "Say in which zone the file's dates are written; exchanges differ",
    });
  }
  return (match[1] === "-" ? -1 : 1) * (hours * 60 + minutes);
}

/** Loads one funding file. */
export async function loadFunding(sources: readonly Source[], options: LoadOptions = {}): Promise<Loaded> {
  const loader = new FundingLoader(options);
  const facts = await readSources(sources, loader, options.onProgress);
  return loader.finish(facts, sources[0] === undefined ? "" : sourceName(sources[0]));
}

/** Rates of several files at the settlements they share, in time order. */
export interface FundingJoin {
  readonly stampsMs: readonly number[];
  /** One array a file: rate × 10^12. */
  readonly rates: readonly (readonly number[])[];
}

/** Joins on normalised UTC. Throws {@link DataError} `noCommonSettlement` when no stamp is shared by all. */
export function joinFunding(tapes: readonly Tape[]): FundingJoin {
  const maps = tapes.map((tape) => {
    const map = new Map<number, number>();
    for (let i = 0; i < tape.length; i += 1) {
      if (tape.kind[i] === RowKind.funding) map.set((tape.exchangeUs[i] ?? 0) / 1000, tape.price[i] ?? 0);
    }
    return map;
  });
  const stampsMs = [...(maps[0]?.keys() ?? [])].filter((ms) => maps.every((map) => map.has(ms)));
  if (stampsMs.length === 0) {
    throw new DataError("noCommonSettlement", {
      file: "funding join",
      what: "the files share no settlement: 0 stamps match",
      expected: "stamps of the same instants in UTC",
      advice: "Declare each file's time zone (Binance and Bybit exports: +03:00, Gate: UTC)",
    });
  }
  return { stampsMs, rates: maps.map((map) => stampsMs.map((ms) => map.get(ms) ?? 0)) };
}

class FundingLoader {
  readonly findings = new Findings();
  readonly out: TapeOut;
  private readonly options: LoadOptions;
  private readonly intervalMs: number;
  private readonly zoneMs: number;
  private readonly rates = new StepGrid(`0.${"0".repeat(RATE_SCALE - 1)}1`);
  private readonly row = new CsvRow();
  private symbol: string;
  private columns: readonly number[] | null = null;
  private lastMs = -1;
  private lastLine = 0;
  private lastRate = 0;
  /** Next stamp of the grid that needs a rate; −1 before the first row. */
  private nextMs = -1;
  private readonly counts = { rows: 0, jitter: 0, offGrid: 0, missing: 0, negative: 0, zero: 0, first: 0 };
  private sum = 0n;
  private lowest = Number.POSITIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;

  constructor(options: LoadOptions) {
    this.options = options;
    this.intervalMs = options.fundingIntervalMs ?? EIGHT_HOURS_MS;
    this.zoneMs = zoneMinutes(options.timeZone ?? "UTC") * 60_000;
    const symbol = options.symbol ?? options.instrument?.symbol;
    this.symbol = symbol === undefined ? "" : exchangeSymbol(symbol);
    this.out = new TapeOut(options);
  }

  onSource(): void {
    this.columns = null;
  }

  onLine(bytes: Uint8Array, start: number, end: number, line: number): void {
    if (start === end) return;
    if (this.columns === null) {
      const names = headerNames(textOf(bytes, start, Math.min(end, start + 4096)));
      this.columns = columnIndexes(this.findings.file, names, WANTED);
      return;
    }
    this.row.cut(bytes, start, end);
    this.takeRow(bytes, line);
    this.out.flush();
  }

  finish(sources: readonly SourceFacts[], file: string): Loaded {
    if (this.counts.rows === 0 && this.findings.count("foreignSymbol") > 0) {
      throw new DataError("wrongSymbol", {
        file,
        line: 2,
        what: "every row is of another instrument",
        expected: this.symbol,
        advice: "Check the symbol in the configuration, or give the file that belongs to it",
      });
    }
    if (this.nextMs >= 0 && this.lastMs >= this.nextMs) this.missing(this.lastMs + 1);
    const { counts } = this;
    if (counts.missing > 0) {
      const zone = counts.offGrid > 0 ? `; ${counts.offGrid} stamps lie off the grid: is the time zone right?` : "";
      this.findings.describe(
        "missingFunding",
        `${counts.missing} of ${counts.missing + counts.rows} settlements${zone}`,
      );
      const rule = this.options.missingFunding;
      if (rule === "skip" || rule === "carry") this.findings.setSeverity("missingFunding", "warn");
    }
    const tape = this.out.finish();
    const generic = { tickSize: "0.00000001", lotSize: "0.00000001" };
    const rules = presetFor(this.symbol, "usdm") === undefined ? { ...generic, ...this.options } : this.options;
    return {
      kind: "funding",
      instrument: rulesFor(file, this.symbol, "usdm", rules),
      tape,
      rows: tape.length > 0 ? tape.length : this.out.rows,
      sources,
      findings: this.findings.list(),
      clock: null,
      figures: {
        symbol: this.symbol,
        settlements: counts.rows,
        firstMs: counts.first,
        lastMs: Math.max(0, this.lastMs),
        missing: counts.missing,
        jitterRemoved: counts.jitter,
        offGrid: counts.offGrid,
        sum: rateText(this.sum),
        lowest: counts.rows === 0 ? "n/a" : rateText(BigInt(this.lowest)),
        highest: counts.rows === 0 ? "n/a" : rateText(BigInt(this.highest)),
        negative: counts.negative,
        zero: counts.zero,
      },
      trades: null,
      bookFigures: null,
      book: null,
    };
  }

  private takeRow(bytes: Uint8Array, line: number): void {
    const { row, findings } = this;
    const [symbolCell = 0, dateCell = 1, rateCell = 2] = this.columns ?? [];
    const ms = row.count > dateCell ? this.stamp(row.text(bytes, dateCell)) : Number.NaN;
    const rate =
      row.count > rateCell ? this.rates.read(bytes, row.from[rateCell] ?? 0, row.to[rateCell] ?? 0) : Number.NaN;
    if (Number.isNaN(ms) || Number.isNaN(rate)) {
      findings.add("unparsable", line);
      return;
    }
    const symbol = exchangeSymbol(row.text(bytes, symbolCell).replaceAll("-", "/"));
    this.symbol ||= symbol;
    if (symbol !== this.symbol) {
      findings.add("foreignSymbol", line);
      return;
    }
    if (this.rates.offGrid) findings.add("offTick", line);
    const normal = this.normalised(ms);
    if (normal <= this.lastMs) {
      findings.add(normal === this.lastMs ? "duplicateFrame" : "staleFrame", line);
      return;
    }
    this.settle(normal, rate, line);
  }

  /** `YYYY-MM-DD hh:mm:ss[.mmm]` in the declared zone → UTC ms; NaN for anything else. */
  private stamp(text: string): number {
    const match = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?$/.exec(text);
    if (match === null) return Number.NaN;
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
      .slice(1, 7)
      .map((part) => Number.parseInt(part ?? "0", 10));
    const ms = Date.UTC(
      year,
      month - 1,
      day,
      hour,
      minute,
      second,
      Number.parseInt((match[7] ?? "0").padEnd(3, "0"), 10),
    );
    const date = new Date(ms);
    const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
    return real && minute < 60 && second < 60 ? ms - this.zoneMs : Number.NaN;
  }

  private normalised(ms: number): number {
    const grid = Math.round(ms / this.intervalMs) * this.intervalMs;
    if (ms === grid) return ms;
    if (Math.abs(ms - grid) < JITTER_MS_MAX) {
      this.counts.jitter += 1;
      return grid;
    }
    this.counts.offGrid += 1;
    return ms;
  }

  private settle(ms: number, rate: number, line: number): void {
    const { counts } = this;
    if (counts.rows === 0) {
      counts.first = ms;
      this.nextMs = Math.ceil(ms / this.intervalMs) * this.intervalMs;
    }
    if (ms % this.intervalMs === 0) {
      if (ms > this.nextMs) this.missing(ms);
      this.nextMs = ms + this.intervalMs;
    }
    counts.rows += 1;
    if (rate < 0) counts.negative += 1;
    if (rate === 0) counts.zero += 1;
    this.sum += BigInt(rate);
    if (rate < this.lowest) this.lowest = rate;
    if (rate > this.highest) this.highest = rate;
    this.push(ms, rate, line);
    this.lastMs = ms;
    this.lastLine = line;
    this.lastRate = rate;
  }

  /** Stamps of the grid from `nextMs` up to, without, `beforeMs` have no rate. */
  private missing(beforeMs: number): void {
    const count = Math.ceil((beforeMs - this.nextMs) / this.intervalMs);
    this.counts.missing += count;
    this.findings.add("missingFunding", this.lastLine + 1, count);
    if (this.options.missingFunding !== "carry") return;
    for (let i = 0; i < Math.min(count, CARRIED_MAX); i += 1) {
      this.push(this.nextMs + i * this.intervalMs, this.lastRate, this.lastLine);
    }
  }

  private push(ms: number, rate: number, line: number): void {
    const us = ms * 1000;
    this.out.builder.push(RowKind.funding, RowFlag.frameEnd, us, us, rate, this.intervalMs, 0, line);
  }
}

/** A sum of rates × 10^12 as decimal text. */
export const rateText = (units: bigint): string => formatDecimal(units, RATE_SCALE);
