// Cuts chunks of bytes into lines, in flat memory, and hands them on one by one.

import { DataError } from "./error.ts";

/** Receives `bytes[start…end)`, without its line end; valid only during the call. Returning true stops the reading. */
export type OnLine = (bytes: Uint8Array, start: number, end: number, line: number) => unknown;

/** Longer lines are no market data: a REST snapshot of 5,000 levels a side takes 0.3 MB. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
/** Cuts chunks into lines; keeps at most one unfinished line. */
export class LineSplitter {
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
