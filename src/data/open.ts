// The one door to market data: tells what files hold and loads them, whatever they are.

import { closeSync, openSync, readSync } from "node:fs";
import type { Market } from "./book-sync.ts";
import { isCandleHeader, loadCandles } from "./candles.ts";
import { DataError } from "./error.ts";
import { loadFrames, recognizeFrames } from "./frames.ts";
import { isFundingHeader, loadFunding } from "./funding.ts";
import type { DataKind, Loaded, LoadOptions } from "./loaded.ts";
import { hasPreparedMagic, PREAMBLE_BYTES, PreparedFile } from "./prepared.ts";
import { firstLines, type Source, sourceName } from "./source.ts";
import { isTrades, loadTrades } from "./trades.ts";

/** What a file holds. `symbol` and `market` are known for frames only. */
export interface Recognized {
  readonly kind: DataKind | "prepared";
  readonly symbol: string;
  readonly market: Market;
}

const LINES_LOOKED_AT = 300;

/** Looks at the first lines of a file. Throws {@link DataError}: unknownFormat, and what reading it throws. */
export async function recognize(source: Source, options: LoadOptions = {}): Promise<Recognized> {
  const none = { symbol: "", market: "spot" as const };
  if (isPrepared(source)) return { kind: "prepared", ...none };
  const lines = await firstLines(source, LINES_LOOKED_AT);
  const frames = recognizeFrames(lines);
  if (frames !== null) return { kind: "frames", ...frames };
  const first = lines[0] ?? "";
  if (isFundingHeader(first)) return { kind: "funding", ...none };
  if (isCandleHeader(first) || options.columns !== undefined) return { kind: "candles", ...none };
  if (isTrades(lines)) return { kind: "trades", ...none };
  const cut = lines.length === 0;
  throw new DataError(cut ? "damaged" : "unknownFormat", {
    file: sourceName(source),
    line: 1,
    what: cut ? "it holds no whole line: cut short" : `the first line is nothing known (${printable(first)})`,
    expected: "recorded Binance frames, or a candle, trade or funding CSV, plain, gzip or zip, or a prepared .osq file",
    advice: "Check that this is the file you meant; a candle file without a header needs --columns",
  });
}

/** Loads files as one stream. Throws {@link DataError}; what merely looks wrong is in the findings. */
export async function loadData(sources: readonly Source[], options: LoadOptions = {}): Promise<Loaded> {
  const first = sources[0];
  if (first === undefined) {
    throw new DataError("missing", {
      file: "data",
      what: "no file was named",
      expected: "one file or more",
      advice: "Name the data file",
    });
  }
  const recognized = await recognize(first, options);
  for (const other of sources.slice(1)) {
    const next = await recognize(other, options);
    if (sameStream(recognized, next)) continue;
    throw new DataError("mixedFormats", {
      file: sourceName(other),
      what: `it holds ${described(next)}`,
      expected: `${described(recognized)}, as ${sourceName(first)} does`,
      advice: "Give only files that continue one another, in order",
    });
  }
  return loadRecognized(sources, recognized, options);
}

/** As {@link loadData}, of files known to be one stream. */
export async function loadRecognized(
  sources: readonly Source[],
  recognized: Recognized,
  options: LoadOptions = {},
): Promise<Loaded> {
  switch (recognized.kind) {
    case "frames":
      return loadFrames(sources, recognized, options);
    case "candles":
      return loadCandles(sources, options);
    case "trades":
      return loadTrades(sources, options);
    case "funding":
      return loadFunding(sources, options);
    case "prepared":
      return loadPrepared(sources, options);
  }
}

/** Whether two files can be one stream: the same kind, and for frames the same instrument. */
export function sameStream(a: Recognized, b: Recognized): boolean {
  if (a.kind === "prepared" || b.kind === "prepared" || a.kind === "funding") return false;
  // a file of snapshots alone names neither symbol nor market
  if (a.kind === "frames" && b.kind === "frames" && (a.symbol === "" || b.symbol === "")) return true;
  return a.kind === b.kind && a.symbol === b.symbol && a.market === b.market;
}

function described(file: Recognized): string {
  if (file.kind === "frames") return `frames of ${file.symbol} (${file.market})`;
  return file.kind === "prepared" ? "a prepared file" : file.kind;
}

function loadPrepared(sources: readonly Source[], options: LoadOptions): Loaded {
  const source = sources[0];
  const file = PreparedFile.open(typeof source === "string" ? source : "");
  try {
    if (options.onPiece === undefined) return file.load();
    file.verify();
    for (const piece of file.pieces(options.pieceRows)) options.onPiece(piece);
    return file.describe();
  } finally {
    file.close();
  }
}

function isPrepared(source: Source): boolean {
  if (typeof source !== "string") return false;
  let file: number;
  try {
    file = openSync(source, "r");
  } catch {
    return false; // reading it says what is wrong
  }
  try {
    const head = new Uint8Array(PREAMBLE_BYTES);
    return readSync(file, head, 0, 8, 0) === 8 && hasPreparedMagic(head);
  } catch {
    return false;
  } finally {
    closeSync(file);
  }
}

/** The beginning of a line a person may look at, whatever bytes it has. */
function printable(line: string): string {
  const text = line.slice(0, 40).replace(/[^\x20-\x7e]/g, "·");
  return line.length > 40 ? `${text}…` : text;
}
