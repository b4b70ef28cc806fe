// Lines to a file descriptor, asynchronous and bounded: nobody waits for a slow reader, and nobody for one that went
// away. The library's own sink tries for ever to flush to a closed pipe or terminal, and its process would never end.

import { write, writeSync } from "node:fs";

/** Wait before a full pipe is tried again. */
const RETRY_MS = 50;
/** A reader that takes nothing for so long while a process ends is not waited for any longer. */
const FLUSH_MS_MAX = 1_000;

export class LineSink {
  private readonly fd: number;
  private readonly bytesMax: number;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** Being written; what of it is left. */
  private current: Buffer | null = null;
  private writing = false;
  private gone = false;

  constructor(fd: number, bytesMax: number) {
    this.fd = fd;
    this.bytesMax = bytesMax;
  }

  /** Beyond the bound, or with nobody there, the line is dropped. */
  write(line: string): void {
    if (this.gone) return;
    const bytes = Buffer.from(line);
    if (this.waitingBytes + bytes.length > this.bytesMax) return;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    this.next();
  }

  /** Writes what waits, now; gives up on a reader that is gone or takes nothing. */
  flushSync(): void {
    // what a thread of the pool is writing at this moment is on its way
    const left = [...(this.current === null || this.writing ? [] : [this.current]), ...this.waiting];
    this.forget();
    let rest = Buffer.concat(left);
    const untilMs = performance.now() + FLUSH_MS_MAX;
    while (rest.length > 0 && !this.gone && performance.now() < untilMs) {
      try {
        rest = rest.subarray(writeSync(this.fd, rest));
      } catch (error) {
        if (!isBusy(error)) this.gone = true;
        else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  private next(): void {
    if (this.writing || this.gone) return;
    if (this.current === null) {
      if (this.waiting.length === 0) return;
      this.current = Buffer.concat(this.waiting);
      this.waiting = [];
      this.waitingBytes = 0;
    }
    const { current } = this;
    this.writing = true;
    write(this.fd, current, 0, current.length, null, (error, count) => {
      this.writing = false;
      if (error === null) {
        this.current = count < current.length ? current.subarray(count) : null;
        this.next();
      } else if (isBusy(error)) {
        setTimeout(() => this.next(), RETRY_MS).unref();
      } else {
        this.gone = true;
        this.forget();
      }
    });
  }

  private forget(): void {
    this.waiting = [];
    this.waitingBytes = 0;
    this.current = null;
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EAGAIN" || error.code === "EBUSY");
