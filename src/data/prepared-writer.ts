// The prepared file `.osq` (BT-10), write side: pieces are spooled as they come, then gathered column by column: memory
// stays flat. The file appears whole or not at all, also on a full disk.

import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { encodeCanonical } from "../base/canonical.ts";
import type { Tape } from "../market/tape.ts";
import { commitFile, discardFile, temporaryFor } from "./atomic.ts";
import { columnBytes, TAPE_COLUMNS } from "./digest.ts";
import { DataError } from "./error.ts";
import type { Loaded } from "./loaded.ts";
import {
  COLUMN_WIDTH,
  columnOffsets,
  PREAMBLE_BYTES,
  PREPARED_MAGIC,
  PREPARED_VERSION,
  type PreparedFooter,
} from "./prepared.ts";

/** Writes one prepared file: `append` pieces, then `finish` or `abort`. Throws {@link DataError} `cannotWrite`. */
export class PreparedWriter {
  private readonly path: string;
  private readonly spoolPath: string;
  private readonly outPath: string;
  private readonly spool: number;
  private open = true;
  private spooled = 0;
  private rows = 0;
  private readonly pieces: { readonly at: number; readonly rows: number }[] = [];

  constructor(path: string) {
    this.path = path;
    this.spoolPath = temporaryFor(path, "spool");
    this.outPath = temporaryFor(path, "new");
    try {
      this.spool = openSync(this.spoolPath, "w+");
    } catch (error) {
      throw DataError.fromSystem(error, path, "write");
    }
  }

  append(piece: Tape): void {
    this.guard(() => {
      this.pieces.push({ at: this.spooled, rows: piece.length });
      this.rows += piece.length;
      for (const column of TAPE_COLUMNS) {
        const bytes = columnBytes(piece, column);
        writeFully(this.spool, bytes, this.spooled);
        this.spooled += bytes.length;
      }
    });
  }

  /** Gathers the columns, writes footer and preamble, and gives the file its name. Returns the hash of the stream. */
  finish(loaded: Omit<Loaded, "tape" | "book">): string {
    return this.guard(() => {
      const out = openSync(this.outPath, "w");
      try {
        const { offsets, end } = columnOffsets(this.rows);
        const hash = createHash("sha256");
        for (let column = 0; column < TAPE_COLUMNS.length; column += 1) {
          this.gather(column, out, offsets[column] ?? 0, (bytes) => hash.update(bytes));
        }
        const tapeSha256 = hash.digest("hex");
        const { kind, instrument, sources, findings, clock, figures, trades, bookFigures } = loaded;
        const told = { kind, instrument, sources, findings, clock, figures, trades, bookFigures };
        const footer: PreparedFooter = { ...told, rows: this.rows, tapeSha256 };
        writeEnvelope(out, end, Buffer.from(encodeCanonical(footer), "utf8"));
        return tapeSha256;
      } finally {
        closeSync(out);
      }
    }, true);
  }

  /** Leaves nothing behind. */
  abort(): void {
    this.closeSpool();
    discardFile(this.outPath);
  }

  private closeSpool(): void {
    if (!this.open) return;
    this.open = false;
    closeSync(this.spool);
    discardFile(this.spoolPath);
  }

  private gather(column: number, out: number, start: number, observe: (bytes: Uint8Array) => void): void {
    let at = start;
    const before = TAPE_COLUMNS.slice(0, column).reduce((sum, name) => sum + COLUMN_WIDTH[name], 0);
    const name = TAPE_COLUMNS[column];
    const width = name === undefined ? 0 : COLUMN_WIDTH[name];
    for (const piece of this.pieces) {
      const bytes = new Uint8Array(piece.rows * width);
      let done = 0;
      while (done < bytes.length) {
        const got = readSync(this.spool, bytes, done, bytes.length - done, piece.at + before * piece.rows + done);
        if (got === 0) throw Object.assign(new Error("the spool ended early"), { code: "EIO" });
        done += got;
      }
      observe(bytes);
      writeFully(out, bytes, at);
      at += bytes.length;
    }
  }

  private guard<T>(work: () => T, last = false): T {
    let result: T;
    try {
      result = work();
    } catch (error) {
      this.abort();
      throw DataError.fromSystem(error, this.path, "write");
    }
    if (last) {
      this.closeSpool();
      commitFile(this.outPath, this.path);
    }
    return result;
  }
}

function writeEnvelope(out: number, footerAt: number, footer: Uint8Array): void {
  writeFully(out, footer, footerAt);
  const head = new Uint8Array(PREAMBLE_BYTES);
  head.set(PREPARED_MAGIC);
  const view = new DataView(head.buffer);
  view.setUint32(8, PREPARED_VERSION, true);
  view.setUint32(12, footer.length, true);
  view.setBigUint64(16, BigInt(footerAt), true);
  head.set(createHash("sha256").update(footer).digest(), 24);
  writeFully(out, head, 0);
}

function writeFully(file: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
