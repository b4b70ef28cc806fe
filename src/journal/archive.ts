// An archive (DUR-28): the records of a prefix that left the journal, as `archive/<from>-<to>.jsonl.zst`. It proves
// itself: the first line says whose it is and the chain hash before and after, and every record continues the chain.
// A file that is not whole never has this name.

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { encodeCanonical } from "../base/canonical.ts";
import { Body, type Members } from "./body.ts";
import { ChainChecker } from "./chain.ts";
import { corrupt, JournalError, WAYS_OUT } from "./errors.ts";
import type { JournalMeta, JournalRecord, RecordType } from "./port.ts";

/** Folder beside the database. */
export const ARCHIVE_FOLDER = "archive";
const FORMAT = 1;
/** Of a journal that grew before archives were made, the first archive is as large as the journal was. */
const TEXT_BYTES_MAX = 2 ** 32;
const NEWLINE = 10;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const TYPES: Members<RecordType> = { event: true, effect: true, mark: true, anchor: true, seal: true };

/** What an archive holds: records `from` to `to`, chained between these hashes. */
export interface ArchiveRange {
  readonly from: number;
  readonly to: number;
  readonly hashBefore: string;
  readonly hashAfter: string;
}

export interface ArchiveHeader extends ArchiveRange {
  readonly format: number;
  readonly journalId: string;
  readonly bot: string;
}

const digits = (position: number): string => String(position).padStart(12, "0");

/** Where the archive of these positions lies in a bot's folder. */
export const archivePath = (dir: string, { from, to }: Pick<ArchiveRange, "from" | "to">): string =>
  join(dir, ARCHIVE_FOLDER, `${digits(from)}-${digits(to)}.jsonl.zst`);

const packed = (lines: readonly string[]): Buffer => zstdCompressSync(`${lines.join("\n")}\n`, LEVEL);

/** The frame an archive begins with. */
export function packHeader(owner: Pick<JournalMeta, "journalId" | "bot">, range: ArchiveRange): Buffer {
  const { from, to, hashBefore, hashAfter } = range;
  const { journalId, bot } = owner;
  return packed([encodeCanonical({ format: FORMAT, journalId, bot, from, to, hashBefore, hashAfter })]);
}

/** A frame that follows. */
export const packRecords = (records: readonly JournalRecord[]): Buffer => packed(records.map(lineOf));

/** Writes one archive into a folder, slice by slice; each is compressed by itself, so no slice waits for another. */
export class ArchiveWriter {
  private readonly path: string;
  private readonly file: number;
  private open = true;

  /** Begins anew whatever was begun before. Errors: those of the file system. */
  constructor(dir: string, owner: Pick<JournalMeta, "journalId" | "bot">, range: ArchiveRange) {
    this.path = archivePath(dir, range);
    mkdirSync(dirname(this.path), { recursive: true });
    this.file = openSync(`${this.path}.part`, "w", 0o600);
    try {
      this.write(packHeader(owner, range));
    } catch (error) {
      // nobody holds what could not be begun, and it is tried again and again
      this.abandon();
      throw error;
    }
  }

  append(records: readonly JournalRecord[]): void {
    this.write(packRecords(records));
    fsyncSync(this.file);
  }

  /** The file is whole, on the disk, and has its name. */
  finish(): void {
    fsyncSync(this.file);
    this.close();
    renameSync(`${this.path}.part`, this.path);
    const folder = openSync(dirname(this.path), "r");
    fsyncSync(folder);
    closeSync(folder);
  }

  abandon(): void {
    this.close();
    rmSync(`${this.path}.part`, { force: true });
  }

  private close(): void {
    if (this.open) closeSync(this.file);
    this.open = false;
  }

  private write(packed: Buffer): void {
    for (let at = 0; at < packed.length; ) at += writeSync(this.file, packed, at);
  }
}

/** The record in canonical form; by hand, because a slice has a thousand of them and a turn waits. */
const lineOf = (r: JournalRecord): string =>
  `{"atMs":${r.atMs},"body":${JSON.stringify(r.body)},"clientOrderId":${JSON.stringify(r.clientOrderId)},` +
  `"epoch":${r.epoch},"hash":"${r.hash}","index":${r.index},"kind":${JSON.stringify(r.kind)},` +
  `"position":${r.position},"seq":${r.seq},"type":"${r.type}","version":${r.version}}`;

export const hasArchive = (dir: string, range: Pick<ArchiveRange, "from" | "to">): boolean =>
  existsSync(archivePath(dir, range));

/** Errors: JOURNAL_MISSING, and those of {@link unpackArchive}. */
export function readArchive(dir: string, range: ArchiveRange, journalId: string): readonly JournalRecord[] {
  const where = archivePath(dir, range);
  return unpackArchive(bytesOf(where, range), { where, range, journalId });
}

/** What an archive should be. `where`: for people. */
export interface Expected {
  readonly where: string;
  readonly range: ArchiveRange;
  readonly journalId: string;
}

/**
 * Records of an archive, every one checked against the chain. Errors: JOURNAL_CORRUPT with the first position that is
 * not what was written.
 */
export function unpackArchive(bytes: Buffer, { where, range, journalId }: Expected): readonly JournalRecord[] {
  const lines = linesOf(unpacked(bytes, where, range.from));
  const header = headerOf(lines.next().value ?? "", range.from);
  const same = header.from === range.from && header.to === range.to && header.hashBefore === range.hashBefore;
  if (header.journalId !== journalId || !same || header.hashAfter !== range.hashAfter) {
    throw damaged(where, range.from, "it is the archive of another journal or of other records");
  }
  const checker = new ChainChecker({ position: range.from - 1, hash: range.hashBefore });
  const records: JournalRecord[] = [];
  for (const line of lines) {
    const record = recordOfLine(line, range.from + records.length);
    checker.check(record);
    records.push(record);
  }
  if (checker.goodTo === range.to && checker.hash === range.hashAfter) return records;
  throw damaged(where, checker.goodTo + 1, "its end is missing");
}

/** Line by line: all of them may be more than one string can hold. */
function* linesOf(text: Buffer): Generator<string, undefined> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf(NEWLINE, at);
    yield text.toString("utf8", at, end === -1 ? text.length : end);
    at = end === -1 ? text.length : end + 1;
  }
}

function bytesOf(path: string, { from, to }: ArchiveRange): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw archiveMissing({ from, to }, `${path} cannot be read. Put the file back`, cause);
  }
}

/** Records that went to an archive which is not there. */
export const archiveMissing = (range: Pick<ArchiveRange, "from" | "to">, what: string, cause?: unknown): JournalError =>
  new JournalError(
    "JOURNAL_MISSING",
    `JOURNAL_MISSING: records ${range.from} to ${range.to} were archived, and ${what}, or ask for what came later.`,
    { cause },
  );

function unpacked(bytes: Buffer, where: string, position: number): Buffer {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: TEXT_BYTES_MAX });
  } catch (cause) {
    throw damaged(where, position, "its bytes cannot be unpacked", cause);
  }
}

function headerOf(line: string, position: number): ArchiveHeader {
  const body = new Body(parsed(line, position), { position, what: "archive header" });
  const header = {
    format: body.integer("format"),
    journalId: body.text("journalId"),
    bot: body.text("bot"),
    from: body.integer("from"),
    to: body.integer("to"),
    hashBefore: body.text("hashBefore"),
    hashAfter: body.text("hashAfter"),
  };
  if (header.format <= FORMAT) return header;
  throw new JournalError(
    "JOURNAL_TOO_NEW",
    `JOURNAL_TOO_NEW: an archive has format ${header.format}, this release reads up to ${FORMAT}. Run a newer one.`,
  );
}

function recordOfLine(line: string, position: number): JournalRecord {
  const body = new Body(parsed(line, position), { position, what: "archived record" });
  const record = {
    position: body.integer("position"),
    type: body.oneOf("type", TYPES),
    seq: body.integer("seq"),
    index: body.integer("index"),
    epoch: body.integer("epoch"),
    atMs: body.integer("atMs"),
    kind: body.text("kind"),
    version: body.integer("version"),
    clientOrderId: body.textOrNull("clientOrderId"),
    body: body.text("body"),
    hash: body.text("hash"),
  };
  body.end();
  return record;
}

function parsed(line: string, position: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw corrupt(position, "a line of its archive is not JSON", cause);
  }
}

const damaged = (where: string, position: number, what: string, cause?: unknown): JournalError =>
  new JournalError(
    "JOURNAL_CORRUPT",
    `JOURNAL_CORRUPT at position ${position}: archive ${where}: ${what}. ${WAYS_OUT}`,
    {
      goodTo: position - 1,
      position,
      cause,
    },
  );
