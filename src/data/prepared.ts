// The prepared file `.osq` (BT-10), read side: a tape as aligned columns after a 64-byte preamble, a JSON footer behind
// them. Loading is one read into one buffer and a hash; columns are views of it. Little-endian.

import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { decodeCanonical } from "../base/canonical.ts";
import { toSafe } from "../base/integer.ts";
import type { Instrument } from "../market/instrument.ts";
import { RowFlag, type Tape, TapeBuilder } from "../market/tape.ts";
import { TAPE_COLUMNS } from "./digest.ts";
import { DataError } from "./error.ts";
import type { Loaded } from "./loaded.ts";

// As in PNG: a byte no text has, a name, and line ends that a transfer "as text" would change.
export const PREPARED_MAGIC: readonly number[] = [0x89, 0x4f, 0x53, 0x51, 0x0d, 0x0a, 0x1a, 0x0a];
export const PREPARED_VERSION = 1;
/** Magic 8, version u32, footer bytes u32, footer offset u64, SHA-256 of the footer 32, zero 8. */
export const PREAMBLE_BYTES = 64;
export const COLUMN_ALIGN = 64;
const PIECE_ROWS = 1 << 16;

/** Bytes of one value of a column. */
export const COLUMN_WIDTH: Readonly<Record<(typeof TAPE_COLUMNS)[number], 1 | 2 | 4 | 8>> = {
  kind: 1,
  flags: 1,
  localUs: 8,
  exchangeUs: 8,
  price: 8,
  quantity: 8,
  id: 8,
  line: 4,
  file: 2,
};

/** What the footer says, besides what every loader gives back. */
export interface PreparedFooter extends Omit<Loaded, "tape" | "book" | "instrument"> {
  readonly instrument: Instrument;
  /** SHA-256 of all columns in order: the hash of the stream. */
  readonly tapeSha256: string;
}

export const hasPreparedMagic = (head: Uint8Array): boolean => PREPARED_MAGIC.every((byte, i) => head[i] === byte);
export const aligned = (offset: number): number => Math.ceil(offset / COLUMN_ALIGN) * COLUMN_ALIGN;

/** Where each column of `rows` rows begins in the file, in the order of TAPE_COLUMNS, and where the last one ends. */
export function columnOffsets(rows: number): { readonly offsets: readonly number[]; readonly end: number } {
  let at = PREAMBLE_BYTES;
  const offsets = TAPE_COLUMNS.map((column) => {
    const offset = at;
    at = aligned(at + rows * COLUMN_WIDTH[column]);
    return offset;
  });
  return { offsets, end: at };
}

/** An open prepared file. Every method throws {@link DataError}: foreignFile, newerVersion, damaged, cannotRead. */
export class PreparedFile {
  readonly footer: PreparedFooter;
  private readonly name: string;
  private readonly descriptor: number;
  private readonly offsets: readonly number[];
  private readonly end: number;

  private constructor(name: string, descriptor: number, footer: PreparedFooter) {
    this.name = name;
    this.descriptor = descriptor;
    this.footer = footer;
    const { offsets, end } = columnOffsets(footer.rows);
    this.offsets = offsets;
    this.end = end;
  }

  static open(path: string): PreparedFile {
    const name = basename(path);
    let descriptor: number;
    try {
      descriptor = openSync(path, "r");
    } catch (error) {
      throw DataError.fromSystem(error, name, "read");
    }
    try {
      return new PreparedFile(name, descriptor, readFooter(name, descriptor));
    } catch (error) {
      closeSync(descriptor);
      throw DataError.fromSystem(error, name, "read");
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** The whole tape, its hash verified. `shared` puts it into memory that worker threads can share. */
  load(shared = false): Loaded {
    const bytes = this.end - PREAMBLE_BYTES;
    const buffer = shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
    readFully(this.descriptor, new Uint8Array(buffer), PREAMBLE_BYTES);
    const rows = this.footer.rows;
    const hash = createHash("sha256");
    for (const [i, column] of TAPE_COLUMNS.entries()) {
      const offset = (this.offsets[i] ?? 0) - PREAMBLE_BYTES;
      hash.update(new Uint8Array(buffer, offset, rows * COLUMN_WIDTH[column]));
    }
    this.compare(hash.digest("hex"));
    return { ...this.describe(), tape: tapeOver(buffer, this.offsets, rows) };
  }

  /** What the footer tells, without rows. */
  describe(): Loaded {
    return { ...this.footer, tape: new TapeBuilder(1).finish(), book: null };
  }

  /** Reads all columns once in flat memory and compares their hash. */
  verify(): void {
    const hash = createHash("sha256");
    const chunk = new Uint8Array(1 << 20);
    for (const [i, column] of TAPE_COLUMNS.entries()) {
      let left = this.footer.rows * COLUMN_WIDTH[column];
      let at = this.offsets[i] ?? 0;
      while (left > 0) {
        const part = chunk.subarray(0, Math.min(left, chunk.length));
        readFully(this.descriptor, part, at);
        hash.update(part);
        at += part.length;
        left -= part.length;
      }
    }
    this.compare(hash.digest("hex"));
  }

  /** The tape in pieces of about `rows` rows that end with a frame: memory stays flat. Verify first. */
  *pieces(rows = PIECE_ROWS): Generator<Tape> {
    let from = 0;
    let wanted = rows;
    while (from < this.footer.rows) {
      const count = Math.min(wanted, this.footer.rows - from);
      const piece = this.read(from, count);
      let last = count - 1;
      while (last >= 0 && ((piece.flags[last] ?? 0) & RowFlag.frameEnd) === 0) last -= 1;
      if (last < 0 && from + count < this.footer.rows) {
        wanted *= 2; // one frame is longer than the piece
        continue;
      }
      const used = last < 0 ? count : last + 1;
      yield used === count ? piece : cutTape(piece, used);
      from += used;
      wanted = rows;
    }
  }

  private read(from: number, count: number): Tape {
    const { offsets, end } = columnOffsets(count);
    const buffer = new ArrayBuffer(end - PREAMBLE_BYTES);
    for (const [i, column] of TAPE_COLUMNS.entries()) {
      const width = COLUMN_WIDTH[column];
      const target = new Uint8Array(buffer, (offsets[i] ?? 0) - PREAMBLE_BYTES, count * width);
      readFully(this.descriptor, target, (this.offsets[i] ?? 0) + from * width);
    }
    return tapeOver(buffer, offsets, count);
  }

  private compare(sha256: string): void {
    if (sha256 === this.footer.tapeSha256) return;
    throw damaged(this.name, "its rows do not match their SHA-256");
  }
}

function damaged(file: string, what: string): DataError {
  return new DataError("damaged", {
    file,
    what,
    expected: "an intact prepared file",
    advice: "Make it again with `opensqt data prepare`",
  });
}

function readFooter(name: string, descriptor: number): PreparedFooter {
  const size = fstatSync(descriptor).size;
  const head = new Uint8Array(PREAMBLE_BYTES);
  const got = readSync(descriptor, head, 0, PREAMBLE_BYTES, 0);
  if (!hasPreparedMagic(head)) {
    throw new DataError("foreignFile", {
      file: name,
      what: "this is no prepared file",
      expected: "a file made by `opensqt data prepare`",
      advice: "Prepare the data first, or name the raw file",
    });
  }
  if (got < PREAMBLE_BYTES) throw damaged(name, "it ends inside its first 64 bytes");
  const view = new DataView(head.buffer);
  const version = view.getUint32(8, true);
  if (version !== PREPARED_VERSION) {
    throw new DataError("newerVersion", {
      file: name,
      what: `its format is version ${version}`,
      expected: `version ${PREPARED_VERSION}`,
      advice: version > PREPARED_VERSION ? "Update OpenSQT, or prepare the data again" : "Prepare the data again",
    });
  }
  const footerBytes = view.getUint32(12, true);
  const offset = view.getBigUint64(16, true);
  if (offset > BigInt(size)) throw damaged(name, `it has ${size} bytes, and its footer begins at ${offset}: cut short`);
  const footerAt = toSafe(offset);
  if (footerAt + footerBytes !== size) {
    throw damaged(name, `it has ${size} bytes instead of ${footerAt + footerBytes}: cut short, or added to`);
  }
  const footer = new Uint8Array(footerBytes);
  readFully(descriptor, footer, footerAt);
  const sha256 = createHash("sha256").update(footer).digest();
  if (!sha256.equals(head.subarray(24, 56))) throw damaged(name, "its footer does not match its SHA-256");
  // The hash holds: these are the bytes our writer made of a PreparedFooter.
  const parsed = footerOf(name, footer);
  if (columnOffsets(parsed.rows).end !== footerAt) throw damaged(name, "its footer contradicts its size");
  return parsed;
}

function footerOf(name: string, bytes: Uint8Array): PreparedFooter {
  let footer: unknown;
  try {
    footer = decodeCanonical(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw damaged(name, "its footer cannot be read");
  }
  if (typeof footer !== "object" || footer === null) throw damaged(name, "its footer is empty");
  return footer as PreparedFooter;
}

function readFully(descriptor: number, target: Uint8Array, position: number): void {
  let done = 0;
  while (done < target.length) {
    const bytes = readSync(descriptor, target, done, target.length - done, position + done);
    if (bytes === 0) throw damaged("prepared file", "it ended while it was read");
    done += bytes;
  }
}

function tapeOver(buffer: ArrayBufferLike, offsets: readonly number[], rows: number): Tape {
  const [kind = 0, flags = 0, localUs = 0, exchangeUs = 0, price = 0, quantity = 0, id = 0, line = 0, file = 0] =
    offsets.map((offset) => offset - PREAMBLE_BYTES);
  return {
    length: rows,
    kind: new Uint8Array(buffer, kind, rows),
    flags: new Uint8Array(buffer, flags, rows),
    localUs: new Float64Array(buffer, localUs, rows),
    exchangeUs: new Float64Array(buffer, exchangeUs, rows),
    price: new Float64Array(buffer, price, rows),
    quantity: new Float64Array(buffer, quantity, rows),
    id: new Float64Array(buffer, id, rows),
    line: new Uint32Array(buffer, line, rows),
    file: new Uint16Array(buffer, file, rows),
  };
}

function cutTape(tape: Tape, rows: number): Tape {
  return {
    length: rows,
    kind: tape.kind.subarray(0, rows),
    flags: tape.flags.subarray(0, rows),
    localUs: tape.localUs.subarray(0, rows),
    exchangeUs: tape.exchangeUs.subarray(0, rows),
    price: tape.price.subarray(0, rows),
    quantity: tape.quantity.subarray(0, rows),
    id: tape.id.subarray(0, rows),
    line: tape.line.subarray(0, rows),
    file: tape.file.subarray(0, rows),
  };
}
