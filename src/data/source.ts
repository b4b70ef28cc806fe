// Bytes of a source, unpacked and cut into lines, in flat memory: plain, gzip or zip, told apart by their first bytes
// and never by their names. Says what the source was (size, SHA-256) and whether a compressed one ended early.

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { crc32, createGunzip } from "node:zlib";
import { fromBufferPromise, openPromise, type ZipFile } from "yauzl";
import { DataError } from "./error.ts";

/** A path, or bytes in memory under a name (how a test breaks a copy of a file it must not touch). */
export type Source = string | { readonly name: string; readonly bytes: Uint8Array };

/** What was read. */
export interface SourceFacts {
  /** Base name, never a path of this machine. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly packing: "plain" | "gzip" | "zip";
  readonly lines: number;
  /** The compressed stream ended before its end mark; every whole line before the cut was handed on. */
  readonly truncated: boolean;
}

/** How far one source is: packed bytes done of `bytesTotal`, lines handed on. */
export interface SourceProgress {
  readonly name: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly lines: number;
}

/** Receives `bytes[start…end)`, without its line end; valid only during the call. Returning true stops the reading. */
export type OnLine = (bytes: Uint8Array, start: number, end: number, line: number) => unknown;

/** Longer lines are no market data: a REST snapshot of 5,000 levels a side takes 0.3 MB. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

export const sourceName = (source: Source): string => basename(typeof source === "string" ? source : source.name);

/** Reads all lines of a source. Throws {@link DataError}: missing, directory, empty, notGzip, damaged, lineTooLong. */
export async function readLines(
  source: Source,
  onLine: OnLine,
  onProgress?: (progress: SourceProgress) => void,
): Promise<SourceFacts> {
  const name = sourceName(source);
  const input = await openInput(source);
  const lines = new LineSplitter(name, onLine);
  try {
    const head = await input.head(4);
    if (input.size === 0) throw emptyFile(name);
    const packing = packingOf(head, name);
    const hash = createHash("sha256");
    const observe = (chunk: Uint8Array, bytesDone: number): void => {
      hash.update(chunk);
      onProgress?.({ name, bytesDone, bytesTotal: input.size, lines: lines.count });
    };
    let truncated = false;
    if (packing === "zip") await readZip(source, lines);
    else if (packing === "gzip") truncated = await readGzip(input, lines, observe);
    if (packing !== "gzip") {
      for await (const chunk of input.chunks()) {
        if (packing === "plain") lines.feed(chunk);
        observe(chunk, input.done);
        if (lines.stopped) break;
      }
    }
    if (!truncated) lines.end();
    onProgress?.({ name, bytesDone: input.size, bytesTotal: input.size, lines: lines.count });
    return { name, bytes: input.size, sha256: hash.digest("hex"), packing, lines: lines.count, truncated };
  } catch (error) {
    throw DataError.fromSystem(error, name, "read");
  } finally {
    await input.close();
  }
}

/** The first `max` lines as text (each cut at 64 KiB), for telling formats apart. */
export async function firstLines(source: Source, max: number): Promise<string[]> {
  const result: string[] = [];
  await readLines(source, (bytes, start, end) => {
    result.push(Buffer.from(bytes.subarray(start, Math.min(end, start + 65_536))).toString("latin1"));
    return result.length >= max;
  });
  return result;
}

function emptyFile(name: string): DataError {
  return new DataError("empty", {
    file: name,
    what: "the file is empty",
    expected: "market data",
    advice: "Fetch it again",
  });
}

function packingOf(head: Uint8Array, name: string): "plain" | "gzip" | "zip" {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5)) return "zip";
  if (!/\.(gz|zip)$/i.test(name)) return "plain";
  throw new DataError(name.toLowerCase().endsWith(".gz") ? "notGzip" : "damaged", {
    file: name,
    what: "the name says it is compressed, its first bytes say it is not",
    expected: "a gzip or zip file",
    advice: "Fetch it again, or give it the name of what it holds",
  });
}

/** Cuts chunks into lines; keeps at most one unfinished line. */
class LineSplitter {
  count = 0;
  stopped = false;
  readonly fileName: string;
  private readonly onLine: OnLine;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(name: string, onLine: OnLine) {
    this.fileName = name;
    this.onLine = onLine;
  }

  feed(chunk: Uint8Array): void {
    if (this.stopped) return;
    let start = 0;
    if (this.rest.length > 0) {
      const end = chunk.indexOf(10);
      const piece = end < 0 ? chunk : chunk.subarray(0, end);
      this.keep(Buffer.concat([this.rest, piece]));
      if (end < 0) return;
      const whole = this.rest;
      this.rest = new Uint8Array(0);
      this.emit(whole, 0, whole.length);
      start = end + 1;
    }
    while (!this.stopped) {
      const end = chunk.indexOf(10, start);
      if (end < 0) break;
      this.emit(chunk, start, end);
      start = end + 1;
    }
    if (start < chunk.length) this.keep(chunk.slice(start));
  }

  /** The last line of a file need not end with a line end. */
  end(): void {
    if (this.rest.length > 0 && !this.stopped) this.emit(this.rest, 0, this.rest.length);
    this.rest = new Uint8Array(0);
  }

  private keep(rest: Uint8Array): void {
    if (rest.length > LINE_BYTES_MAX) {
      throw new DataError("lineTooLong", {
        file: this.fileName,
        line: this.count + 1,
        what: `a line of more than ${LINE_BYTES_MAX} bytes`,
        expected: "text, one row a line",
        advice: "Check that this is a market data file",
      });
    }
    this.rest = rest;
  }

  private emit(bytes: Uint8Array, start: number, end: number): void {
    this.count += 1;
    const trimmed = end > start && bytes[end - 1] === 13 ? end - 1 : end;
    if (this.onLine(bytes, start, trimmed, this.count) === true) this.stopped = true;
  }
}

interface Input {
  readonly size: number;
  done: number;
  head(bytes: number): Promise<Uint8Array>;
  chunks(): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

async function openInput(source: Source): Promise<Input> {
  if (typeof source !== "string") return new MemoryInput(source.bytes);
  let file: FileHandle | null = null;
  try {
    file = await open(source, "r");
    const facts = await file.stat();
    if (facts.isDirectory()) throw Object.assign(new Error("is a folder"), { code: "EISDIR" });
    return new FileInput(file, facts.size);
  } catch (error) {
    await file?.close();
    throw DataError.fromSystem(error, sourceName(source), "read");
  }
}

class FileInput implements Input {
  readonly size: number;
  done = 0;
  private readonly file: FileHandle;

  constructor(file: FileHandle, size: number) {
    this.file = file;
    this.size = size;
  }

  async head(bytes: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(bytes);
    const { bytesRead } = await this.file.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    // ends with the file
    for (;;) {
      const buffer = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await this.file.read(buffer, 0, CHUNK_BYTES, this.done);
      if (bytesRead === 0) return;
      this.done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

class MemoryInput implements Input {
  readonly size: number;
  done = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.size = bytes.length;
  }

  async head(bytes: number): Promise<Uint8Array> {
    return this.bytes.subarray(0, bytes);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    while (this.done < this.size) {
      const chunk = this.bytes.subarray(this.done, this.done + CHUNK_BYTES);
      this.done += chunk.length;
      yield chunk;
    }
  }

  async close(): Promise<void> {}
}

/**
 * Unpacks gzip. The unpacked chunks are taken as zlib emits them, so that nothing unpacked before a cut is lost with
 * the error that the cut raises. Returns whether the stream was cut.
 */
async function readGzip(
  input: Input,
  lines: LineSplitter,
  observe: (chunk: Uint8Array, bytesDone: number) => void,
): Promise<boolean> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined); // awaited below in races only
  const fail = (error: unknown): void => failed.reject(error);
  gunzip.on("error", fail);
  gunzip.on("data", (chunk: Buffer) => {
    try {
      lines.feed(chunk);
    } catch (error) {
      fail(error);
    }
  });
  const ended = new Promise<void>((resolve) => {
    gunzip.on("end", resolve);
  });
  try {
    for await (const chunk of input.chunks()) {
      const written = new Promise<void>((resolve) => {
        gunzip.write(chunk, () => resolve());
      });
      observe(chunk, input.done);
      await Promise.race([written, failed.promise]);
      if (lines.stopped) return false;
    }
    gunzip.end();
    await Promise.race([ended, failed.promise]);
    return false;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("Z_")) throw error;
    if (error.code === "Z_BUF_ERROR") return true;
    throw new DataError("damaged", {
      file: lines.fileName,
      line: lines.count,
      what: `the gzip stream is damaged after this line (${error.message})`,
      expected: "an intact gzip file",
      advice: "Fetch it again",
      cause: error,
    });
  } finally {
    gunzip.destroy();
  }
}

/** Unpacks the one file of a zip archive, as data.binance.vision publishes them, and checks its CRC-32. */
async function readZip(source: Source, lines: LineSplitter): Promise<void> {
  const name = sourceName(source);
  const damaged = (what: string, cause?: unknown): DataError =>
    new DataError("damaged", {
      file: name,
      what,
      expected: "an intact zip archive of one data file",
      advice: "Fetch it again",
      cause,
    });
  let zip: ZipFile;
  try {
    zip = typeof source === "string" ? await openPromise(source) : await fromBufferPromise(Buffer.from(source.bytes));
  } catch (error) {
    throw damaged("the zip archive is cut short or damaged", error);
  }
  try {
    let files = 0;
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      files += 1;
      if (files > 1) throw damaged("the zip archive holds more than one file");
      if (!entry.canDecodeFileData()) throw damaged(`${entry.fileName} in it is encrypted or packed in an unknown way`);
      let sum = 0;
      for await (const chunk of await zip.openReadStreamPromise(entry)) {
        const bytes = chunk as Buffer;
        sum = crc32(bytes, sum);
        lines.feed(bytes);
        if (lines.stopped) return;
      }
      if (sum !== entry.crc32) throw damaged(`${entry.fileName} in it does not match its checksum`);
    }
    if (files === 0) throw damaged("the zip archive holds no file");
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw damaged("the zip archive is cut short or damaged", error);
  } finally {
    zip.close();
  }
}
