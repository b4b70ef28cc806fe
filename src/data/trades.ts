// Trade CSV (BT-04): data.binance.vision `aggTrades` and `trades`, with or without a header. What each column is and
// which unit the times have is read from the rows, never from the file's name.

import { RowFlag, RowKind, type Tape, TapeBuilder } from "../market/tape.ts";
import { CsvRow, columnIndexes, headerNames } from "./csv.ts";
import { DataError } from "./error.ts";
import { Findings } from "./finding.ts";
import { type Loaded, type LoadOptions, TapeOut } from "./loaded.ts";
import { exchangeSymbol, rulesFor } from "./rules.ts";
import { readInteger, StepGrid, textOf } from "./scan.ts";
import { type Source, type SourceFacts, sourceName } from "./source.ts";
import { readSources } from "./sources.ts";
import { TradeCheck, turnoverText, vwapText } from "./trade-check.ts";

/** Places of id, price, quantity, time and buyer-is-maker. */
type Columns = readonly [id: number, price: number, quantity: number, time: number, maker: number];

const HEADERS = [
  ["agg_trade_id", "id", "trade_id", "a"],
  ["price", "p"],
  ["quantity", "qty", "q"],
  ["transact_time", "time", "timestamp"],
  ["is_buyer_maker", "isbuyermaker", "was_the_buyer_the_maker", "m"],
] as const;

const isFlag = (text: string): boolean => /^(true|false)$/i.test(text);
const isTime = (text: string): boolean => /^\d{13}$|^\d{16}$/.test(text);

/** Columns of a row without a header: the flag follows the time, at place 5 in `trades`, at 6 in `aggTrades`. */
function columnsOfRow(line: string): Columns | null {
  const cells = line.split(",").map((cell) => cell.trim());
  for (const time of [4, 5]) {
    if (isTime(cells[time] ?? "") && isFlag(cells[time + 1] ?? "")) return [0, 1, 2, time, time + 1];
  }
  return null;
}

/** Whether the first lines of a file are trades. */
export function isTrades(lines: readonly string[]): boolean {
  const names = headerNames(lines[0] ?? "");
  if (HEADERS.every((synonyms) => synonyms.some((name) => names.includes(name)))) return true;
  return columnsOfRow(lines[0] ?? "") !== null;
}

/** Loads a trade file, or several whose ids chain. `market` and `symbol`, or whole rules, are the user's to say. */
export async function loadTrades(sources: readonly Source[], options: LoadOptions = {}): Promise<Loaded> {
  // sorting needs all rows at once
  const loader = new TradeLoader(
    sources,
    options.sort === true ? { ...options, pieceRows: Number.MAX_SAFE_INTEGER } : options,
  );
  const facts = await readSources(sources, loader, options.onProgress);
  return loader.finish(facts);
}

class TradeLoader {
  readonly findings = new Findings();
  readonly out: TapeOut;
  private readonly options: LoadOptions;
  private readonly instrument: ReturnType<typeof rulesFor>;
  private readonly prices: StepGrid;
  private readonly lots: StepGrid;
  private readonly row = new CsvRow();
  private readonly trades: TradeCheck;
  private columns: Columns | null = null;
  /** Digits of this file's times: 13 are milliseconds, 16 microseconds. */
  private timeDigits = 0;
  private lastUs = 0;
  private heldUs = 0;

  constructor(sources: readonly Source[], options: LoadOptions) {
    this.options = options;
    const file = sources[0] === undefined ? "" : sourceName(sources[0]);
    const symbol = options.symbol ?? options.instrument?.symbol ?? /^([A-Z0-9]+)-(aggT|t)rades/.exec(file)?.[1];
    if (
      symbol === undefined ||
      (options.instrument === undefined && options.market === undefined && options.tickSize === undefined)
    ) {
      throw new DataError("unknownInstrument", {
        file,
        what: "a trade file does not say which instrument it is of",
        expected: "its symbol and market",
        advice: "Give --symbol BTCUSDT --market spot (or usdm), or its instrument in the configuration",
      });
    }
    this.instrument = rulesFor(file, exchangeSymbol(symbol), options.market ?? "spot", options);
    this.prices = new StepGrid(this.instrument.tickSize);
    this.lots = new StepGrid(this.instrument.lotSize, "down");
    this.out = new TapeOut(options.sort === true ? {} : options);
    this.trades = new TradeCheck(this.findings);
  }

  onSource(): void {
    this.columns = null;
    this.timeDigits = 0;
  }

  onLine(bytes: Uint8Array, start: number, end: number, line: number): void {
    if (start === end) return;
    if (this.columns === null && this.readHeader(textOf(bytes, start, Math.min(end, start + 4096)))) return;
    this.row.cut(bytes, start, end);
    this.takeRow(bytes, line);
    this.out.flush();
  }

  finish(sources: readonly SourceFacts[]): Loaded {
    const trades = this.trades.finish();
    let tape = this.out.finish();
    const rows = tape.length > 0 ? tape.length : this.out.rows;
    if (this.options.sort === true) {
      tape = sortedById(tape);
      this.options.onPiece?.(tape);
      if (this.options.onPiece !== undefined) tape = new TapeBuilder(1).finish();
    }
    const { instrument } = this;
    return {
      kind: "trades",
      instrument,
      tape,
      rows,
      sources,
      findings: this.findings.list(),
      clock: null,
      figures: {
        trades: trades.trades,
        firstTradeId: trades.firstId,
        lastTradeId: trades.lastId,
        turnover: turnoverText(trades, instrument),
        vwap: vwapText(trades, instrument.tickSize, 9),
        timeUnit: this.timeDigits === 16 ? "us" : "ms",
      },
      trades,
      bookFigures: null,
      book: null,
    };
  }

  /** True when the line was a header. */
  private readHeader(text: string): boolean {
    const file = this.findings.file;
    this.columns = columnsOfRow(text);
    if (this.columns !== null) return false;
    const names = headerNames(text);
    const [id = 0, price = 1, quantity = 2, time = 3, maker = 4] = columnIndexes(file, names, HEADERS);
    this.columns = [id, price, quantity, time, maker];
    return true;
  }

  private takeRow(bytes: Uint8Array, line: number): void {
    const { row } = this;
    const [id, price, quantity, time, maker] = this.columns ?? [0, 0, 0, 0, 0];
    const digits = (row.to[time] ?? 0) - (row.from[time] ?? 0);
    if (this.timeDigits === 0 && (digits === 13 || digits === 16)) this.timeDigits = digits;
    const us = this.integer(bytes, time) * (this.timeDigits === 13 ? 1000 : 1);
    const number = this.integer(bytes, id);
    const flag = row.text(bytes, maker);
    if (row.count <= maker || digits !== this.timeDigits || us < 0 || number < 0 || !isFlag(flag)) {
      this.findings.add("unparsable", line);
      return;
    }
    const ticks = this.value(this.prices, bytes, price, line);
    const lots = this.value(this.lots, bytes, quantity, line);
    if (Number.isNaN(ticks) || Number.isNaN(lots)) {
      this.findings.add("unparsable", line);
      return;
    }
    this.onTime(us, line);
    if (!this.trades.accept(number, ticks, lots, line)) return;
    const sellerTook = flag.charCodeAt(0) === 116 || flag.charCodeAt(0) === 84;
    this.trades.take(number, ticks, lots, sellerTook, line);
    const flags = RowFlag.frameEnd | (sellerTook ? RowFlag.sellerTook : 0);
    const localUs = this.options.sort === true ? us : this.heldUs;
    this.out.builder.push(RowKind.trade, flags, localUs, us, ticks, lots, number, line);
  }

  private onTime(us: number, line: number): void {
    if (us < this.lastUs) {
      this.findings.add("clockBackwards", line);
      if (this.heldUs - us > 1e6 && this.options.sort !== true) this.findings.setSeverity("clockBackwards", "refuse");
    }
    this.lastUs = us;
    if (us > this.heldUs) this.heldUs = us;
  }

  private integer(bytes: Uint8Array, cell: number): number {
    return cell >= this.row.count ? -1 : readInteger(bytes, this.row.from[cell] ?? 0, this.row.to[cell] ?? 0);
  }

  private value(grid: StepGrid, bytes: Uint8Array, cell: number, line: number): number {
    const value = grid.read(bytes, this.row.from[cell] ?? 0, this.row.to[cell] ?? 0);
    if (grid.offGrid) this.findings.add("offTick", line);
    return value;
  }
}

/** The same trades in the order of their ids; a doubled id keeps its first row. */
function sortedById(tape: Tape): Tape {
  const order = Array.from({ length: tape.length }, (_, i) => i);
  order.sort((a, b) => (tape.id[a] ?? 0) - (tape.id[b] ?? 0) || a - b);
  const builder = new TapeBuilder(Math.max(1, tape.length));
  let heldUs = 0;
  let lastId = -1;
  for (const i of order) {
    const id = tape.id[i] ?? 0;
    if (id === lastId) continue;
    lastId = id;
    heldUs = Math.max(heldUs, tape.localUs[i] ?? 0);
    builder.sourceFile = tape.file[i] ?? 0;
    const [price = 0, quantity = 0, us = 0] = [tape.price[i], tape.quantity[i], tape.exchangeUs[i]];
    builder.push(RowKind.trade, tape.flags[i] ?? 0, heldUs, us, price, quantity, id, tape.line[i] ?? 0);
  }
  return builder.finish();
}
