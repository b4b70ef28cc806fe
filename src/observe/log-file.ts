// A log on disk that never grows without end and never stops anybody: at 50 MB the file is renamed, ten are kept, and a
// disk that refuses loses lines, which are counted.

import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../config/make-folder.ts";

const BYTES_MAX = 50 << 20;
const KEPT = 10;

export class LogFile {
  readonly path: string;
  private readonly bytesMax: number;
  private bytes: number;
  private lost = 0;

  constructor(path: string, bytesMax = BYTES_MAX) {
    this.path = path;
    this.bytesMax = bytesMax;
    this.bytes = sizeOf(path);
  }

  /** Lines the disk did not take. */
  get lines(): { readonly lost: number } {
    return { lost: this.lost };
  }

  /** One line with its newline. Throws nothing. */
  write(line: string): void {
    try {
      if (this.bytes > 0 && this.bytes + line.length > this.bytesMax) this.rotate();
      if (this.bytes === 0) makeFolder(dirname(this.path));
      appendFileSync(this.path, line, { mode: 0o600 });
      this.bytes += line.length;
    } catch {
      this.lost += 1;
    }
  }

  /**
   * Oldest first, up to the first number that is free: a kill in between leaves a gap, which the next rotation fills,
   * so that no line is lost or told twice before its time (RISK-54).
   */
  private rotate(): void {
    let free = 1;
    while (free < KEPT && existsSync(`${this.path}.${free}`)) free += 1;
    for (let i = free - 1; i >= 1; i -= 1) rename(`${this.path}.${i}`, `${this.path}.${i + 1}`);
    rename(this.path, `${this.path}.1`);
    this.bytes = 0;
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // there are fewer files than may be kept
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
