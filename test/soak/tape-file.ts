// The exchange's record of a soak, on disk: kept in memory it would be a leak of our own making.

import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { RecordEntry } from "../../src/sim/record.ts";

const LINES = 512;

export class TapeFile {
  private readonly path: string;
  private readonly file: number;
  private waiting: string[] = [];
  requests = 0;
  /** Orders that were refused for something else than where the market stood when they came. */
  refused = 0;

  constructor(path: string) {
    this.path = path;
    this.file = openSync(path, "w");
  }

  add(entry: RecordEntry): void {
    if (entry.kind === "request") this.requests += 1;
    else if (entry.kind === "refused" && entry.reason !== "POST_ONLY_WOULD_TAKE") this.refused += 1;
    this.waiting.push(JSON.stringify(entry));
    if (this.waiting.length >= LINES) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }

  async *entries(): AsyncGenerator<RecordEntry> {
    for await (const line of createInterface({ input: createReadStream(this.path) })) {
      if (line !== "") yield JSON.parse(line) as RecordEntry;
    }
  }

  private flush(): void {
    if (this.waiting.length > 0) writeSync(this.file, `${this.waiting.join("\n")}\n`);
    this.waiting = [];
  }
}
