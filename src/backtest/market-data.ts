// The market a backtest runs over: recorded files, a prepared file read in pieces, or the seeded synthetic market.
// Loaded and checked once; each run opens a source of its own over it.

import type { Canonical } from "../base/canonical.ts";
import { DataError } from "../data/error.ts";
import { assertAccepted, assertFindingNames, type Finding } from "../data/finding.ts";
import type { Loaded, LoadOptions } from "../data/loaded.ts";
import { loadData, recognize } from "../data/open.ts";
import { PreparedFile } from "../data/prepared.ts";
import { exchangeSymbol } from "../data/rules.ts";
import type { Ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Tape } from "../market/tape.ts";
import { calmMarket } from "../sim/calm-market.ts";
import { type MarketSource, tapeSource } from "../sim/market-source.ts";
import { SyntheticMarket } from "../sim/synthetic-market.ts";
import { type TapeFacts, TapeScan } from "./tape-scan.ts";

export interface MarketData {
  readonly facts: TapeFacts;
  /** Rules the rows are counted in. */
  readonly instrument: Instrument;
  readonly sources: readonly { readonly name: string; readonly hash: string }[];
  readonly findings: readonly Finding[];
  readonly synthetic: boolean;
  /** A fresh source from the first row on. */
  open(): MarketSource;
  close(): void;
}

export interface MarketDataOptions
  extends Pick<LoadOptions, "onProgress" | "columns" | "sort" | "tickSize" | "lotSize"> {
  /** The configuration's rules: data of anything else are refused. Null takes what the data say. */
  readonly instrument: Instrument | null;
  readonly symbol?: string | undefined;
  readonly accept: readonly string[];
  /** Rows a piece of a prepared file; a test's business. */
  readonly pieceRows?: number;
}

/** Errors: DataError for files that cannot be read, are of another instrument, or have findings nobody accepted. */
export async function recordedMarket(files: readonly string[], options: MarketDataOptions): Promise<MarketData> {
  assertFindingNames(options.accept);
  const first = files[0];
  const recognized = first === undefined ? null : await recognize(first, {});
  const prepared = recognized?.kind === "prepared" && first !== undefined ? first : null;
  if (recognized?.kind === "funding") throw noMarket(first ?? "data", true);
  const { instrument, symbol, accept, ...load } = options;
  if (recognized?.kind === "frames" && instrument !== null) {
    const kind = recognized.market === "usdm" ? "perpetual" : "spot";
    assertSame(first ?? "", instrument, { symbol: recognized.symbol, kind });
  }
  const wanted = symbol ?? instrument?.symbol;
  const scan = new TapeScan();
  const loaded = await loadData(files, {
    ...load,
    ...(wanted === undefined ? {} : { symbol: wanted }),
    ...(instrument === null ? {} : { instrument }),
    ...(prepared === null ? {} : { onPiece: (piece: Tape) => scan.take(piece) }),
  });
  if (prepared === null) scan.take(loaded.tape);
  const exchange = loaded.kind === "frames" ? "binance" : (instrument ?? loaded.instrument).exchange;
  assertAccepted(loaded.findings, accept);
  const facts = scan.facts();
  if (facts === null || loaded.kind === "funding") throw noMarket(first ?? "data", loaded.kind === "funding");
  if (instrument !== null) assertSame(first ?? "", instrument, loaded.instrument);
  // whose data these are must not depend on the way they were read
  const named = { ...loaded, instrument: { ...loaded.instrument, exchange } };
  if (prepared === null) return inMemory(named, facts);
  return inPieces(prepared, { loaded: named, facts, pieceRows: load.pieceRows });
}

/** Endless; `seconds` of it are run. Equal seeds give equal markets. */
export function syntheticMarket(given: {
  readonly instrument: Instrument;
  readonly price: Ticks;
  readonly seed: string;
  readonly startUs: number;
  readonly seconds: number;
}): MarketData {
  const { instrument, price, seed, startUs, seconds } = given;
  const made = calmMarket({ instrument, price, seed, startUs });
  const endUs = startUs + seconds * 1_000_000;
  return {
    facts: { startUs, endUs, offsetUs: 0, depth: true, quotes: false, candles: false, firstPrice: price },
    instrument,
    sources: [{ name: `synthetic market, seed ${seed}, ${seconds} s`, hash: `synthetic-${seed}-${seconds}-${price}` }],
    findings: [],
    synthetic: true,
    open: () => new SyntheticMarket(made),
    close: () => undefined,
  };
}

function inMemory(loaded: Loaded, facts: TapeFacts): MarketData {
  return { ...about(loaded), facts, open: () => tapeSource(loaded.tape), close: () => undefined };
}

interface Pieces {
  readonly loaded: Loaded;
  readonly facts: TapeFacts;
  readonly pieceRows: number | undefined;
}

function inPieces(path: string, { loaded, facts, pieceRows }: Pieces): MarketData {
  const file = PreparedFile.open(path);
  return { ...about(loaded), facts, open: () => new PieceSource(file, pieceRows), close: () => file.close() };
}

function about({
  instrument,
  sources,
  findings,
}: Loaded): Pick<MarketData, "instrument" | "sources" | "findings" | "synthetic"> {
  return {
    instrument,
    findings,
    sources: sources.map(({ name, sha256 }) => ({ name, hash: sha256 })),
    synthetic: false,
  };
}

/** A prepared file as a source: one piece of rows in memory at a time. */
class PieceSource implements MarketSource {
  readonly synthetic = false;
  private readonly file: PreparedFile;
  private readonly rows: number | undefined;
  private pieces: Iterator<Tape>;
  private given = 0;

  constructor(file: PreparedFile, rows: number | undefined) {
    this.file = file;
    this.rows = rows;
    this.pieces = file.pieces(rows);
  }

  next(): Tape | null {
    const piece = this.pieces.next();
    this.given += 1;
    return piece.done === true ? null : piece.value;
  }

  save(): Canonical {
    return this.given;
  }

  restore(saved: Canonical): void {
    this.pieces = this.file.pieces(this.rows);
    this.given = 0;
    while (typeof saved === "number" && this.given < saved) this.next();
  }
}

function assertSame(
  file: string,
  wanted: Instrument,
  held: Pick<Instrument, "symbol" | "kind"> & Partial<Instrument>,
): void {
  const named = exchangeSymbol(wanted.symbol) === exchangeSymbol(held.symbol) && wanted.kind === held.kind;
  if (!named) {
    throw new DataError("wrongSymbol", {
      file,
      what: `it holds ${held.symbol} (${held.kind})`,
      expected: `${wanted.symbol} (${wanted.kind}), as the configuration says`,
      advice: "Give the file that belongs to it, or change bot.instrument",
    });
  }
  const { tickSize = wanted.tickSize, lotSize = wanted.lotSize } = held;
  if (tickSize === wanted.tickSize && lotSize === wanted.lotSize) return;
  throw new DataError("unknownInstrument", {
    file,
    what: `it was prepared in steps of tick ${tickSize} and lot ${lotSize}`,
    expected: `tick ${wanted.tickSize} and lot ${wanted.lotSize}, as the configuration says`,
    advice: "Prepare it again with --tick and --lot, or change simulated.instrument",
  });
}

function noMarket(file: string, funding: boolean): DataError {
  return new DataError("empty", {
    file,
    what: funding ? "it holds funding rates, no market" : "it holds no row of a market",
    expected: "candles, or recorded books",
    advice: funding ? "Give it as --funding, and a market as --data" : "Check the file",
  });
}
