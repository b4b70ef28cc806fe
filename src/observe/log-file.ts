// A log on disk that never grows without end and never stops anybody: at 50 MB the file is renamed and then compressed,
// ten are kept, and a disk that refuses loses lines, which are counted.

import { appendFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../config/make-folder.ts";
import { RotatedLogs } from "./rotated-logs.ts";

const BYTES_MAX = 50 << 20;

interface LogFileOptions {
  readonly bytesMax?: number;
  readonly compresses?: boolean;
}

export class LogFile {
  readonly path: string;
  private readonly bytesMax: number;
  private readonly rotated: RotatedLogs;
  private readonly compresses: boolean;
  private bytes: number;
  private lost = 0;

  /** `compresses`: what was rotated, from now on and before. */
  constructor(path: string, { bytesMax = BYTES_MAX, compresses = true }: LogFileOptions = {}) {
    this.path = path;
    this.rotated = new RotatedLogs(path);
    this.compresses = compresses;
    this.bytesMax = bytesMax;
    this.bytes = sizeOf(path);
    if (compresses) this.rotated.compress();
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

  /** Ends what happens in the background. */
  close(): Promise<void> {
    return this.rotated.close();
  }

  private rotate(): void {
    this.rotated.shift();
    this.bytes = 0;
    if (this.compresses) this.rotated.compress();
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
