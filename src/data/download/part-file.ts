// The unfinished file of a download: rows appended once each, and what a run that was killed left of it, whole lines
// only.

import { createReadStream, createWriteStream, existsSync, type WriteStream } from "node:fs";
import { open, stat, truncate } from "node:fs/promises";
import { createInterface } from "node:readline";
import { DataError } from "../error.ts";
import type { DownloadRow, RowFormat } from "./row.ts";

export interface DownloadResult {
  /** Rows of the file, and how many of them this run fetched. */
  readonly rows: number;
  readonly fetched: number;
  /** False: it was stopped; what is there is kept in `out` + `.part`. */
  readonly complete: boolean;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}

/** Appends rows, each once, and knows the last. */
export class PartFile {
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

  static async open(part: string, { format, kept }: { format: RowFormat; kept: Kept }): Promise<PartFile> {
    if (kept.bytes > 0) await truncate(part, kept.bytes);
    const stream = createWriteStream(part, { flags: kept.bytes > 0 ? "a" : "w" });
    await new Promise<void>((resolve, reject) => {
      stream.once("open", () => resolve());
      stream.once("error", reject);
    });
    const writer = new PartFile(stream, kept);
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

export async function keptRows(part: string, format: RowFormat): Promise<Kept> {
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

export function foreign(path: string, { header }: RowFormat): DataError {
  return new DataError("foreignFile", {
    file: path,
    line: 1,
    what: "this file was not written by this command",
    expected: `the columns ${header}`,
    advice: "Name another file with --out, or move this one away",
  });
}
