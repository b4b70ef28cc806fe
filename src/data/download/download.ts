// A download that can be killed and goes on (BT-07): pages of an exchange's history, oldest first, written line by line
// beside their place and renamed onto it at the end. What the file has already is not fetched again. It knows no
// exchange: where pages come from is the caller's.

import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { commitFile, discardFile, temporaryFor } from "../atomic.ts";
import { DataError } from "../error.ts";
import { type DownloadResult, foreign, keptRows, PartFile } from "./part-file.ts";
import { type DownloadKind, type DownloadRow, FORMATS, type RowFormat } from "./row.ts";

/** Where a page begins: at a time, or after the row that was had last. */
export interface PagePlace {
  readonly sinceMs: number;
  readonly after: DownloadRow | null;
}

/** One page, oldest first; what was had already may come again. Empty: there is nothing from there on. */
export type PageSource = (place: PagePlace) => Promise<readonly DownloadRow[]>;

export interface DownloadOptions {
  readonly kind: DownloadKind;
  /** Where the file will be; `.gz` packs it. */
  readonly out: string;
  /** Unix ms; the end is not part of it. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly page: PageSource;
  /** Told after each page: how far in time, and rows written by this run. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Asked between pages: true stops, and the next run goes on from there. */
  readonly stopped?: () => boolean;
}

export interface DownloadProgress {
  readonly atMs: number;
  readonly rows: number;
}

/** Errors: {@link DataError} `cannotWrite`, `foreignFile`; those of the source pass through, what was fetched is kept. */
export async function download(options: DownloadOptions): Promise<DownloadResult> {
  const part = `${options.out}.part`;
  const format = FORMATS[options.kind];
  const kept = await keptRows(part, format);
  const before = existsSync(options.out) ? await rangeOf(options.out, format) : null;
  if (before !== null && kept.last === null && before.covers(options)) return before.result;
  const writer = await PartFile.open(part, { format, kept });
  try {
    const complete = await new Run(options, { writer, before, format }).go();
    await writer.close();
    if (!complete) return writer.result(false);
    await finish(part, options.out);
    return writer.result(true);
  } catch (error) {
    await writer.close().catch(() => undefined);
    throw DataError.fromSystem(error, options.out, "write");
  }
}

class Run {
  private readonly options: DownloadOptions;
  private readonly writer: PartFile;
  private readonly before: FileRange | null;
  private readonly format: RowFormat;

  constructor(
    options: DownloadOptions,
    parts: { readonly writer: PartFile; readonly before: FileRange | null; readonly format: RowFormat },
  ) {
    this.options = options;
    this.writer = parts.writer;
    this.before = parts.before;
    this.format = parts.format;
  }

  /** True when the end was reached. Each turn writes at least one row, or is the last. */
  async go(): Promise<boolean> {
    const { options, before, writer } = this;
    const { fromMs, toMs } = options;
    if (before !== null && before.firstMs < toMs) {
      if (!(await this.fetch(Math.min(before.firstMs, toMs)))) return false;
      await this.copy(before);
    }
    return (await this.fetch(toMs)) && (writer.last !== null || fromMs <= toMs);
  }

  private async fetch(untilMs: number): Promise<boolean> {
    const { options, writer } = this;
    while ((writer.last?.atMs ?? options.fromMs - 1) < untilMs - 1) {
      if (options.stopped?.() === true) return false;
      const after = writer.last;
      const rows = await options.page({ sinceMs: after?.atMs ?? options.fromMs, after });
      const news = rows.filter((row) => row.atMs >= options.fromMs && row.atMs < untilMs && writer.isNew(row));
      await writer.write(news);
      options.onProgress?.({ atMs: writer.last?.atMs ?? options.fromMs, rows: writer.fetched });
      const beyond = rows.some(({ atMs }) => atMs >= untilMs);
      if (news.length === 0 || beyond) return true;
    }
    return true;
  }

  /** What the file had already, from the last row on. */
  private async copy(before: FileRange): Promise<void> {
    const batch: DownloadRow[] = [];
    for await (const row of rowsOf(before.path, this.format)) {
      if (row.atMs < this.options.fromMs || !this.writer.isNew(row)) continue;
      batch.push(row);
      if (batch.length < 10_000) continue;
      await this.writer.write(batch.splice(0), { fetched: false });
    }
    await this.writer.write(batch, { fetched: false });
  }
}

interface FileRange {
  readonly path: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly result: DownloadResult;
  /** Nothing of what is asked for is missing in it, as far as the file can tell. */
  covers(asked: { readonly fromMs: number; readonly toMs: number; readonly kind: DownloadKind }): boolean;
}

/** Longest step between two rows of a kind that has a row for each step. */
const STEP_MS: Readonly<Record<DownloadKind, number>> = { candles: 60_000, trades: 0, funding: 8 * 3_600_000 };

async function rangeOf(path: string, format: RowFormat): Promise<FileRange | null> {
  let firstMs: number | null = null;
  let lastMs = 0;
  let rows = 0;
  for await (const row of rowsOf(path, format)) {
    firstMs ??= row.atMs;
    lastMs = row.atMs;
    rows += 1;
  }
  if (firstMs === null) return null;
  const begin = firstMs;
  return {
    path,
    firstMs: begin,
    lastMs,
    result: { rows, fetched: 0, complete: true, firstMs: begin, lastMs },
    covers: ({ fromMs, toMs, kind }) => begin - STEP_MS[kind] <= fromMs && lastMs + Math.max(1, STEP_MS[kind]) >= toMs,
  };
}

/** Errors: {@link DataError} `foreignFile` for a file of another kind. */
async function* rowsOf(path: string, format: RowFormat): AsyncGenerator<DownloadRow> {
  const input = createReadStream(path);
  const plain = path.endsWith(".gz") ? input.pipe(createGunzip()) : input;
  let first = true;
  for await (const line of createInterface({ input: plain })) {
    if (first && line !== format.header) throw foreign(path, format);
    const row = first ? null : format.read(line);
    first = false;
    if (row !== null) yield row;
  }
}

async function finish(part: string, out: string): Promise<void> {
  if (!out.endsWith(".gz")) {
    commitFile(part, out);
    return;
  }
  const packed = temporaryFor(out, "packed");
  await pipeline(createReadStream(part), createGzip(), createWriteStream(packed));
  commitFile(packed, out);
  discardFile(part);
}
