// A download that can be killed and goes on (BT-07): pages of an exchange's history, oldest first, written line by line
// beside their place and renamed onto it at the end. What the file has already is not fetched again. It knows no
// exchange: where pages come from is the caller's.

import { createReadStream, createWriteStream, existsSync, type WriteStream } from "node:fs";
import { open, stat, truncate } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { commitFile, discardFile, temporaryFor } from "../atomic.ts";
import { DataError } from "../error.ts";
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

export interface DownloadResult {
  /** Rows of the file, and how many of them this run fetched. */
  readonly rows: number;
  readonly fetched: number;
  /** False: it was stopped; what is there is kept in `out` + `.part`. */
  readonly complete: boolean;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}

/** Errors: {@link DataError} `cannotWrite`, `foreignFile`; those of the source pass through, what was fetched is kept. */
export async function download(options: DownloadOptions): Promise<DownloadResult> {
  const part = `${options.out}.part`;
  const format = FORMATS[options.kind];
  const kept = await keptRows(part, format);
  const before = existsSync(options.out) ? await rangeOf(options.out, format) : null;
  if (before !== null && kept.last === null && before.covers(options)) return before.result;
  const writer = await PartWriter.open(part, { format, kept });
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
  private readonly writer: PartWriter;
  private readonly before: FileRange | null;
  private readonly format: RowFormat;

  constructor(
    options: DownloadOptions,
    parts: { readonly writer: PartWriter; readonly before: FileRange | null; readonly format: RowFormat },
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

/** Appends rows, each once, and knows the last. */
class PartWriter {
  fetched = 0;
  rows: number;
  firstMs: number | null;
  last: DownloadRow | null;
  private readonly stream: WriteStream;
  /** Ids at the last time: pages overlap there. */
  private readonly lastIds = new Set<string>();

  private constructor(stream: WriteStream, kept: Kept) {
    this.stream = stream;
    this.rows = kept.rows;
    this.firstMs = kept.firstMs;
    this.last = kept.last;
    for (const id of kept.lastIds) this.lastIds.add(id);
  }

  static async open(part: string, { format, kept }: { format: RowFormat; kept: Kept }): Promise<PartWriter> {
    if (kept.bytes > 0) await truncate(part, kept.bytes);
    const stream = createWriteStream(part, { flags: kept.bytes > 0 ? "a" : "w" });
    await new Promise<void>((resolve, reject) => {
      stream.once("open", () => resolve());
      stream.once("error", reject);
    });
    const writer = new PartWriter(stream, kept);
    if (kept.bytes === 0) await writer.put(`${format.header}\n`);
    return writer;
  }

  isNew(row: DownloadRow): boolean {
    if (this.last === null || row.atMs > this.last.atMs) return true;
    return row.atMs === this.last.atMs && !this.lastIds.has(row.id);
  }

  async write(rows: readonly DownloadRow[], { fetched = true } = {}): Promise<void> {
    if (rows.length === 0) return;
    let text = "";
    for (const row of rows) {
      if (!this.isNew(row)) continue;
      if (row.atMs !== this.last?.atMs) this.lastIds.clear();
      this.lastIds.add(row.id);
      this.last = row;
      this.firstMs ??= row.atMs;
      this.rows += 1;
      if (fetched) this.fetched += 1;
      text += `${row.line}\n`;
    }
    await this.put(text);
  }

  result(complete: boolean): DownloadResult {
    const { rows, fetched, firstMs, last } = this;
    return { rows, fetched, complete, firstMs, lastMs: last?.atMs ?? null };
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stream.once("error", reject);
      this.stream.end(() => resolve());
    });
  }

  private put(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stream.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error)));
    });
  }
}

/** What a run that was killed left: whole lines only. */
interface Kept {
  readonly bytes: number;
  readonly rows: number;
  readonly firstMs: number | null;
  readonly last: DownloadRow | null;
  readonly lastIds: readonly string[];
}

const NOTHING: Kept = { bytes: 0, rows: 0, firstMs: null, last: null, lastIds: [] };

async function keptRows(part: string, format: RowFormat): Promise<Kept> {
  if (!existsSync(part)) return NOTHING;
  const whole = await wholeBytes(part);
  if (whole === 0) return NOTHING;
  const found = { bytes: 0, rows: 0, firstMs: null as number | null, last: null as DownloadRow | null };
  let lastIds: string[] = [];
  for await (const line of createInterface({ input: createReadStream(part, { end: whole - 1 }) })) {
    if (found.bytes === 0) {
      if (line !== format.header) throw foreign(part, format);
      found.bytes = line.length + 1;
      continue;
    }
    const row = format.read(line);
    if (row === null) break;
    found.bytes += Buffer.byteLength(line) + 1;
    found.rows += 1;
    found.firstMs ??= row.atMs;
    lastIds = row.atMs === found.last?.atMs ? [...lastIds, row.id] : [row.id];
    found.last = row;
  }
  return { ...found, lastIds };
}

/** Bytes up to and with the last newline. */
async function wholeBytes(path: string): Promise<number> {
  const { size } = await stat(path);
  const file = await open(path, "r");
  try {
    const block = Buffer.alloc(65_536);
    for (let end = size; end > 0; end -= block.length) {
      const from = Math.max(0, end - block.length);
      const { bytesRead } = await file.read(block, 0, end - from, from);
      const at = block.subarray(0, bytesRead).lastIndexOf(10);
      if (at >= 0) return from + at + 1;
    }
    return 0;
  } finally {
    await file.close();
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

function foreign(path: string, { header }: RowFormat): DataError {
  return new DataError("foreignFile", {
    file: path,
    line: 1,
    what: "this file was not written by this command",
    expected: `the columns ${header}`,
    advice: "Name another file with --out, or move this one away",
  });
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
