// Recorded frames on the disk (EXCH-60): lines `<local_ns> <json>`, gzip, one file a name and hour. What is written is
// whole gzip members, so that a file reads to its end whenever the process dies. A disk that is slow or full costs
// lines, which are counted, and never anything else.

import { appendFile, mkdir, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../observe/log.ts";

const packed = promisify(gzip);

export interface FrameFilesOptions {
  readonly folder: string;
  /** Beginning of every file's name: `binance-perpetual`. */
  readonly prefix: string;
  /** All files of the folder together; the oldest go first. */
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly lost: (lines: number) => void;
}

const FLUSH_MS = 1000;
/** Text that may wait for the disk. */
const WAITING_MAX = 32 * 1024 * 1024;

interface Batch {
  readonly lines: string[];
  bytes: number;
}

export class FrameFiles {
  private readonly options: FrameFilesOptions;
  private batches = new Map<string, Batch>();
  /** Name and hour → path. */
  private readonly paths = new Map<string, string>();
  private waiting = 0;
  private work: Promise<void>;
  private total = 0;
  private failing = false;
  private cancelFlush: () => void = () => undefined;
  private closed = false;

  constructor(options: FrameFilesOptions) {
    this.options = options;
    this.work = this.begin();
    this.flushLater();
  }

  /** Hour of now, as it stands in the names of files. */
  hour(): string {
    return new Date(this.options.clock.nowMs()).toISOString().slice(0, 13);
  }

  /** Keeps one line, in memory until the next flush. Never waits and never throws. */
  write(name: string, hour: string, line: string): void {
    if (this.closed) return;
    if (this.waiting > WAITING_MAX) {
      this.options.lost(1);
      return;
    }
    const key = `${name}-${hour}`;
    const batch = this.batches.get(key) ?? { lines: [], bytes: 0 };
    this.batches.set(key, batch);
    batch.lines.push(line);
    batch.bytes += line.length;
    this.waiting += line.length;
  }

  /** Resolves when everything is on the disk, or lost and counted. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.cancelFlush();
    this.flush();
    await this.work;
  }

  private flushLater(): void {
    const { clock } = this.options;
    this.cancelFlush = clock.at(clock.nowMs() + FLUSH_MS, () => {
      if (this.closed) return;
      this.flush();
      this.flushLater();
    });
  }

  private flush(): void {
    const { batches } = this;
    this.batches = new Map();
    for (const [key, batch] of batches) this.work = this.work.then(() => this.append(key, batch));
  }

  private async append(key: string, { lines, bytes }: Batch): Promise<void> {
    const { lost, log } = this.options;
    try {
      const member = await packed(`${lines.join("\n")}\n`);
      await this.makeRoom(member.length);
      const path = await this.pathOf(key);
      await appendFile(path, member);
      this.total += member.length;
      if (this.failing) log.info("frames are recorded again", { code: "recording" });
      this.failing = false;
    } catch (error) {
      lost(lines.length);
      // half a member may stand at its end: what follows goes into another file
      this.paths.delete(key);
      const why = error instanceof Error ? error.message : String(error);
      if (!this.failing) log.error(`frames cannot be recorded: ${why}; trading goes on`, { code: "recording" });
      this.failing = true;
    } finally {
      this.waiting -= bytes;
    }
  }

  private async begin(): Promise<void> {
    try {
      await mkdir(this.options.folder, { recursive: true });
      for (const { bytes } of await this.files()) this.total += bytes;
    } catch {
      // writing says what is wrong
    }
  }

  /** A file of an earlier process is not continued: its end may be damaged. */
  private async pathOf(key: string): Promise<string> {
    const known = this.paths.get(key);
    if (known !== undefined) return known;
    const { folder, prefix } = this.options;
    await mkdir(folder, { recursive: true });
    const there = new Set(await readdir(folder));
    let name = `${prefix}-${key}.gz`;
    for (let n = 2; there.has(name); n += 1) name = `${prefix}-${key}-${n}.gz`;
    const path = join(folder, name);
    // hours that are over are not written any more
    for (const other of this.paths.keys()) if (!other.endsWith(this.hour())) this.paths.delete(other);
    this.paths.set(key, path);
    return path;
  }

  /** Errors: an error that says the bound, where the files of this hour alone are too much. */
  private async makeRoom(bytes: number): Promise<void> {
    const { bytesMax } = this.options;
    if (this.total + bytes <= bytesMax) return;
    const files = await this.files();
    this.total = files.reduce((sum, each) => sum + each.bytes, 0);
    const current = new Set(this.paths.values());
    for (const { path, bytes: size } of files) {
      if (this.total + bytes <= bytesMax) return;
      if (current.has(path)) continue;
      await unlink(path);
      this.total -= size;
    }
    if (this.total + bytes > bytesMax) throw new Error(`record.maxGiB is reached by the files of this hour alone`);
  }

  /** Recorded files, oldest first. */
  private async files(): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
    const { folder } = this.options;
    const names = (await readdir(folder)).filter((name) => name.endsWith(".gz"));
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        const { size, mtimeMs } = await stat(path);
        return { path, bytes: size, mtimeMs };
      }),
    );
    return found.sort((a, b) => a.mtimeMs - b.mtimeMs);
  }
}
