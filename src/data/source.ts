// Bytes of a source, unpacked and cut into lines, in flat memory: plain, gzip or zip, told apart by their first bytes
// and never by their names. Says what the source was (size, SHA-256) and whether a compressed one ended early.

import { createHash } from "node:crypto";
import { crc32, createGunzip } from "node:zlib";
import { fromBufferPromise, openPromise, type ZipFile } from "yauzl";
import { DataError } from "./error.ts";
import { LineSplitter, type OnLine } from "./line-splitter.ts";
import { CHUNK_BYTES, type Input, openInput, type Source, sourceName } from "./source-input.ts";

export { type Source, sourceName } from "./source-input.ts";

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
