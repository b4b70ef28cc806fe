// The files a full log becomes (RISK-54): renamed first, compressed after, in the background and one at a time. What a
// kill leaves half done is done again; no line is lost, none is told twice.

import { createReadStream, createWriteStream, existsSync, openSync, renameSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

const KEPT = 10;

/** `x.log.1` is the newest; `x.log.3.gz` is there only when it is whole, and the plain one is gone after it. */
export class RotatedLogs {
  private readonly path: string;
  private readonly abort = new AbortController();
  private running: Promise<void> | null = null;
  /** The number of the file that is being compressed, as it is named now; null: it was dropped meanwhile. */
  private number: number | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes `.1` of the file that is written. Oldest first, up to the first number that is free: a kill in between
   * leaves a gap, which the next rotation fills. Errors: those of the disk, from the last step only.
   */
  shift(): void {
    let free = 1;
    while (free < KEPT && this.has(free)) free += 1;
    if (free === KEPT) this.drop(KEPT);
    for (let i = free - 1; i >= 1; i -= 1) {
      this.settle(i);
      rename(this.plain(i), this.plain(i + 1));
      rename(this.packed(i), this.packed(i + 1));
    }
    if (this.number !== null && this.number < free) this.number += 1;
    rename(this.path, this.plain(1));
  }

  /** Compresses what is not, in the background; a call while it does changes nothing. */
  compress(): void {
    this.running ??= this.compressAll().finally(() => {
      this.running = null;
    });
  }

  /** What is half done is given up, and done by whoever opens the log next. */
  async close(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  /** The oldest first: it is the next to go. Gives up at the first refusal of the disk, until the next rotation. */
  private async compressAll(): Promise<void> {
    try {
      // what a kill left is no whole file
      rmSync(this.part, { force: true });
      for (let next = this.oldestPlain(); next !== null && !this.abort.signal.aborted; next = this.oldestPlain()) {
        this.number = next;
        await this.compressOne(this.plain(next));
      }
    } catch {
      // the file stays as it is, and whole
    } finally {
      this.number = null;
    }
  }

  private async compressOne(from: string): Promise<void> {
    // open before anything else can happen: a rotation gives its name to another file
    const fd = openSync(from, "r");
    const to = createWriteStream(this.part, { mode: 0o600, flush: true });
    await pipeline(createReadStream("", { fd }), createGzip(), to, { signal: this.abort.signal });
    if (this.number === null) return rmSync(this.part, { force: true });
    renameSync(this.part, this.packed(this.number));
    this.settle(this.number);
  }

  private oldestPlain(): number | null {
    for (let i = KEPT; i >= 1; i -= 1) {
      this.settle(i);
      if (existsSync(this.plain(i))) return i;
    }
    return null;
  }

  /** Where both are there, the compressed one is whole. */
  private settle(i: number): void {
    if (existsSync(this.packed(i))) rmSync(this.plain(i), { force: true });
  }

  private drop(i: number): void {
    // the compressed one first: alone, the plain one is whole, beside a compressed one it counts as its copy
    rmSync(this.packed(i), { force: true });
    rmSync(this.plain(i), { force: true });
    if (this.number === i) this.number = null;
  }

  private has(i: number): boolean {
    return existsSync(this.plain(i)) || existsSync(this.packed(i));
  }

  private get part(): string {
    return `${this.path}.gz.part`;
  }

  private plain(i: number): string {
    return `${this.path}.${i}`;
  }

  private packed(i: number): string {
    return `${this.path}.${i}.gz`;
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // there are fewer files than may be kept
  }
}
