// What `opensqt export` does: reads journals row by row and writes them as text, as fast as the reader at the other end
// takes it. A file is whole or not there.

import { once } from "node:events";
import { createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Writable } from "node:stream";
import { makeFolder } from "../../config/make-folder.ts";
import { JOURNAL_FILE } from "../../journal/reader.ts";
import { botFolders } from "./bot-folders.ts";
import { EXIT_CODES, signalCode } from "./exit-codes.ts";
import { csvLine } from "./export/csv.ts";
import { SHEETS, type Sheet, type SheetName } from "./export/sheets.ts";
import { Interrupt } from "./interrupt.ts";
import { openReaderAt } from "./journal-at.ts";
import { CommandError, note, printJson, usageError } from "./output.ts";
import { progressBar } from "./progress-bar.ts";

export interface ExportFlags {
  readonly format: "csv" | "jsonl";
  readonly out?: string;
  readonly bot?: string;
  readonly journal?: string;
  readonly dataDir: string;
  readonly quiet?: true;
  readonly json?: true;
}

interface Exported {
  readonly rows: number;
  readonly bots: readonly string[];
}

/** Text is handed on in pieces of about this size. */
const PIECE_CHARACTERS = 64 * 1024;

/** Errors: CommandError 2, 3 (no journal, a file that is there), 13; those of the journal; 130 when interrupted. */
export async function exportSheet(what: string, flags: ExportFlags): Promise<void> {
  const sheet = sheetOf(what);
  const { out, json } = flags;
  if (json === true && out === undefined) throw usageError("--json tells of a file: name it with --out");
  if (out !== undefined && existsSync(out)) {
    throw new CommandError(EXIT_CODES.refused, `${out} is there already`, "Name another file with --out, or move it.");
  }
  const folders = foldersOf(flags);
  const half = out === undefined ? null : `${out}.half`;
  const target = half === null ? process.stdout : fileAt(half);
  const interrupt = new Interrupt();
  try {
    const done = await writeAll(sheet, { folders, flags, target, interrupt });
    if (half !== null) await ended(target, half);
    if (interrupt.signal !== null) {
      process.exitCode = signalCode(interrupt.signal);
      return;
    }
    if (half === null || out === undefined) return;
    renameSync(half, out);
    if (json === true) printJson({ out, ...done });
    else note(`${done.rows} rows of ${done.bots.join(", ")} are in ${out}`);
  } finally {
    interrupt.close();
    if (half !== null) rmSync(half, { force: true });
  }
}

function sheetOf(what: string): Sheet {
  // the words of the trade: many say trades for fills
  const name = what === "trades" ? "fills" : what;
  if (Object.hasOwn(SHEETS, name)) return SHEETS[name as SheetName];
  throw usageError(`${what} cannot be exported; give ${Object.keys(SHEETS).join(", ")}`);
}

function foldersOf({ journal, dataDir, bot }: ExportFlags): readonly string[] {
  const all = journal === undefined ? botFolders(dataDir, JOURNAL_FILE) : [journal];
  const named = bot === undefined ? all : all.filter((folder) => botOf(folder) === bot);
  if (named.length > 0) return named;
  const which = bot === undefined ? "" : ` of ${bot}`;
  const hint = "Name the folder with --data-dir, or one bot's with --journal.";
  throw new CommandError(EXIT_CODES.refused, `there is no journal${which} below ${journal ?? dataDir}`, hint);
}

function botOf(folder: string): string {
  const { reader: journal } = openReaderAt(folder);
  try {
    return journal.meta.bot;
  } finally {
    journal.close();
  }
}

interface Work {
  readonly folders: readonly string[];
  readonly flags: ExportFlags;
  readonly target: Writable;
  readonly interrupt: Interrupt;
}

async function writeAll(sheet: Sheet, { folders, flags, target, interrupt }: Work): Promise<Exported> {
  const isCsv = flags.format === "csv";
  const lineOf = isCsv ? csvLine : jsonLine(sheet.columns);
  const quiet = flags.quiet === true || flags.out === undefined;
  const bots: string[] = [];
  let rows = 0;
  let broken = false;
  // whoever reads may have had enough (| head): that is no failure
  target.on("error", (error: Error & { readonly code?: string }) => {
    broken = true;
    if (error.code !== "EPIPE") note(`the rest cannot be written: ${error.message}`);
  });
  let piece = isCsv ? csvLine(sheet.columns) : "";
  const hand = async (): Promise<void> => {
    if (!target.write(piece) && !broken) await Promise.race([once(target, "drain"), once(target, "close")]);
    piece = "";
  };
  for (const folder of folders) {
    const { reader: journal } = openReaderAt(folder);
    const bar = progressBar(journal.meta.bot, "events", { quiet, json: flags.json === true });
    try {
      bots.push(journal.meta.bot);
      const total = journal.seq;
      const onSeq = (done: number): void => bar.update({ done, total, simulatedUs: null, equity: null });
      for (const row of sheet.rows(journal, onSeq)) {
        piece += lineOf(row);
        rows += 1;
        if (piece.length >= PIECE_CHARACTERS) await hand();
        if (broken || interrupt.signal !== null) break;
      }
      if (!broken && interrupt.signal === null) onSeq(total);
    } finally {
      bar.stop();
      journal.close();
    }
    if (broken || interrupt.signal !== null) break;
  }
  if (!broken) await hand();
  return { rows, bots };
}

/** Errors: CommandError 13 where there can be no such file. */
function fileAt(path: string): Writable {
  try {
    makeFolder(dirname(path));
    rmSync(path, { force: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new CommandError(EXIT_CODES.cannotWrite, `${path} cannot be written: ${code}`);
  }
  return createWriteStream(path, { flags: "wx" });
}

/** Errors: CommandError 13 when not everything reached the file. */
async function ended(target: Writable, path: string): Promise<void> {
  if (target.errored === null) await new Promise<void>((resolve) => target.end(() => resolve()));
  if (target.errored !== null) throw new CommandError(EXIT_CODES.cannotWrite, `${path}: ${target.errored.message}`);
}

/** One object a line; what is empty is left out. Decimals stay text: no reader may round them. */
const jsonLine =
  (columns: readonly string[]) =>
  (row: readonly string[]): string => {
    const pairs = columns.flatMap((name, index) => {
      const value = row[index] ?? "";
      return value === "" ? [] : [[name, value]];
    });
    return `${JSON.stringify(Object.fromEntries(pairs))}\n`;
  };
