// What `opensqt journal compact`, `backup`, `restore`, `adopt` and `dump` do. Those that write need the bot stopped;
// the journal's lock says so.

import { once } from "node:events";
import { hostname } from "node:os";
import { backupJournal } from "../../journal/backup.ts";
import { plainBody, type Steps, stepsIn } from "../../journal/plain-body.ts";
import type { Journal, JournalReader, JournalRecord, Retention } from "../../journal/port.ts";
import { RETENTION } from "../../journal/port.ts";
import { ownerOf } from "../../journal/put-in-place.ts";
import { openJournalReader } from "../../journal/reader.ts";
import { adoptJournal, restoreJournal } from "../../journal/restore.ts";
import { openSqliteJournal } from "../../journal/sqlite-open.ts";
import { folderOf, openReaderAt, refuseDatabase } from "./journal-at.ts";
import { adoptedInDatabase, isDatabase, restoredDatabase, withJournal } from "./journal-database.ts";
import { assertReaches, seqRange } from "./journal-run.ts";
import { note, print, printJson, usageError } from "./output.ts";
import { progressBar } from "./progress-bar.ts";

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
const NEXT =
  "Start the bot: it cancels its own open orders, fetches the fills of before, and books what stays unexplained as " +
  "an adjustment";

interface Json {
  readonly json?: true;
}

const holder = () => ({ host: hostname(), pid: process.pid, sinceMs: Date.now() });

/** A whole number of at least `min`, or the fallback. */
function wholeOption(
  text: string | undefined,
  name: string,
  { min, fallback }: { min: number; fallback: number },
): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number.parseInt(text, 10) : -1;
  if (value < min) throw usageError(`${name} ${text} is not allowed; give a whole number from ${min}`);
  return value;
}

export interface CompactFlags extends Json {
  readonly keepDays?: string;
  readonly keepMib?: string;
}

export async function compact(path: string, flags: CompactFlags): Promise<void> {
  const retention: Retention = {
    keepMs: wholeOption(flags.keepDays, "--keep-days", { min: 0, fallback: RETENTION.keepMs / DAY_MS }) * DAY_MS,
    bytesMax: wholeOption(flags.keepMib, "--keep-mib", { min: 1, fallback: RETENTION.bytesMax / MIB }) * MIB,
  };
  if (isDatabase(path)) return withJournal(path, (journal) => compacted(journal, retention, flags));
  const dir = folderOf(path);
  const reader = openJournalReader(dir);
  const { bot, tag } = reader.meta;
  reader.close();
  const journal = openSqliteJournal(dir, { bot, tag, sync: "all", holder: holder(), warn: note, reserveBytes: 0 });
  try {
    compacted(journal, retention, flags);
  } finally {
    journal.close();
  }
}

function compacted(journal: Journal, retention: Retention, { json }: Json): void {
  const { bot } = journal.meta;
  const bar = progressBar("compacting", "records", { json: json === true });
  let [archived, deleted] = [0, 0];
  // ends when a slice has nothing left to do
  for (;;) {
    const slice = journal.compact(retention, Date.now());
    archived += slice.archived;
    deleted += slice.deleted;
    bar.update({ done: archived, total: journal.position, simulatedUs: null, equity: null });
    if (slice.done) break;
  }
  journal.checkpoint();
  bar.stop();
  const { oldest, position } = journal;
  if (json === true) printJson({ bot, archived, deleted, oldest, position });
  else print(`${bot}: ${archived} records went to the archive; the journal begins after position ${oldest}`);
}

export async function backup(path: string, folder: string, { json }: Json): Promise<void> {
  const bar = progressBar("backup", "bytes", { json: json === true });
  const copied = await backupJournal(folderOf(path), folder, (done, total) =>
    bar.update({ done, total, simulatedUs: null, equity: null }),
  );
  bar.stop();
  const { meta, position, seq, chainHash, bytes } = copied;
  if (json === true)
    return printJson({ folder, bot: meta.bot, lineage: meta.lineage, position, seq, chainHash, bytes });
  print(`${meta.bot}: ${position} records up to event ${seq} are in ${folder}, checked; chain hash ${chainHash}`);
}

export interface PlaceFlags extends Json {
  readonly lineage?: string;
}

/** Without a folder the first is a database whose own backup was put back. */
export async function restore(backupPath: string, path: string | undefined, flags: PlaceFlags): Promise<void> {
  const lineageMin = wholeOption(flags.lineage, "--lineage", { min: 1, fallback: 1 });
  if (path === undefined) {
    if (!isDatabase(backupPath)) throw usageError(`name the folder that ${backupPath} is to be put into`);
    const journals = await restoredDatabase(backupPath, lineageMin);
    if (flags.json === true) return printJson({ journals });
    for (const { name, lineage, position, seq } of journals)
      print(`${name} goes on after event ${seq} (position ${position}); it is lineage ${lineage}`);
    return print(`${NEXT}.`);
  }
  refuseDatabase(path);
  const restored = restoreJournal(folderOf(backupPath), path, holder(), lineageMin);
  const { lineage, aside, position, seq } = restored;
  if (flags.json === true) {
    printJson({ folder: path, lineage, aside, position, seq });
    return;
  }
  print(`${path} goes on after event ${seq} (position ${position}); it is lineage ${lineage}`);
  if (aside !== null) print(`what was there is kept in ${aside}`);
  print(`${NEXT}.`);
}

export interface AdoptFlags extends PlaceFlags {
  readonly bot?: string;
  readonly tag?: string;
}

export async function adopt(path: string, flags: AdoptFlags): Promise<void> {
  const lineageMin = wholeOption(flags.lineage, "--lineage", { min: 2, fallback: 2 });
  if (isDatabase(path))
    return adoptedSaid(path, await adoptedInDatabase(path, { ...ownerFlags(flags), lineageMin }), flags);
  const owner = ownerOf(path);
  const bot = flags.bot ?? owner?.bot;
  const tag = flags.tag ?? owner?.tag;
  if (bot === undefined || tag === undefined) {
    throw usageError(
      `the journal in ${path} does not say whose it is: give --bot and --tag, as the configuration has them`,
    );
  }
  if (!/^[0-9a-z]{6}$/.test(tag)) throw usageError(`--tag ${tag} is not allowed; give six of 0-9 and a-z`);
  const { lineage, aside } = adoptJournal(path, { bot, tag, lineageMin }, holder());
  adoptedSaid(path, { bot, tag, lineage, aside }, flags);
}

const ownerFlags = ({ bot, tag }: AdoptFlags) => ({ bot, tag });

interface AdoptedJournal {
  readonly bot: string;
  readonly tag: string;
  readonly lineage: number;
  readonly aside: string | null;
}

function adoptedSaid(path: string, { bot, tag, lineage, aside }: AdoptedJournal, { json }: Json): void {
  if (json === true) {
    printJson({ folder: path, bot, tag, lineage, aside });
    return;
  }
  print(`${path} has an empty journal of ${bot}; it is lineage ${lineage}`);
  if (aside !== null) print(`what was there is kept in ${aside}`);
  print(`${NEXT}.`);
}

export interface DumpFlags extends Json {
  readonly from?: string;
  readonly to?: string;
  readonly raw?: true;
}

/** One line of JSON a record, archived ones too; ends quietly when nobody reads any more. */
export async function dump(path: string, flags: DumpFlags): Promise<void> {
  const range = seqRange(flags, 0);
  const { reader } = openReaderAt(path);
  let gone = false;
  const leave = (): void => {
    gone = true;
  };
  process.stdout.once("error", leave);
  try {
    assertReaches(reader, range);
    const lineOf = flags.raw === true ? (record: JournalRecord) => lineIn(record, (body) => body) : plainLines(reader);
    for (const record of reader.records(0)) {
      const line = lineOf(record);
      if (record.seq < range.fromSeq) continue;
      if (record.seq > range.toSeq || gone) break;
      if (!process.stdout.write(`${line()}\n`))
        await Promise.race([once(process.stdout, "drain"), once(process.stdout, "error")]);
    }
  } finally {
    process.stdout.off("error", leave);
    reader.close();
  }
}

/** With decimal text, by the instrument that the records so far named. */
function plainLines(reader: JournalReader): (record: JournalRecord) => () => string {
  let steps: Steps | null = null;
  const look = ({ kind, body }: JournalRecord): void => {
    if (NAMES_INSTRUMENT.has(kind)) steps = stepsIn(JSON.parse(body)) ?? steps;
  };
  for (const kept of reader.kept()) if (kept.position <= reader.oldest) look(kept);
  return (record) => {
    look(record);
    const now = steps;
    return lineIn(record, (body) => plainBody(body, now));
  };
}

const NAMES_INSTRUMENT: ReadonlySet<string> = new Set(["configured", "instrument"]);

const lineIn =
  (record: JournalRecord, tell: (body: unknown) => unknown): (() => string) =>
  () => {
    const body: unknown = JSON.parse(record.body);
    return JSON.stringify({ ...record, at: new Date(record.atMs).toISOString(), body: tell(body) });
  };
