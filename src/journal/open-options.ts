// What every store is told when a bot's journal is opened, and how it says who holds it.

import { isoTime } from "../base/iso-time.ts";
import { behind, corrupt, JournalError } from "./errors.ts";
import type { Head } from "./head.ts";
import type { JournalMeta, SyncPolicy } from "./port.ts";

/** Shape of the store this release writes; a larger one is JOURNAL_TOO_NEW. */
export const JOURNAL_FORMAT = 1;

/** Lineage of a journal that never lost anything. It rises with every salvage (DUR-42). */
export const FIRST_LINEAGE = 1;

/** Who opens the journal, and how. */
export interface OpenOptions {
  readonly bot: string;
  /** Six characters 0-9a-z, unique per account (DUR-41). Must be the one the journal was made with. */
  readonly tag: string;
  readonly sync: SyncPolicy;
  /** The opener, as a refused second copy will name it (DUR-57). */
  readonly holder: Holder;
  /** Told what was skipped or restored on the way; nothing that stops the start. */
  readonly warn: (text: string) => void;
}

/** Who holds a journal. `sinceMs`: Unix ms. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly sinceMs: number;
}

/** DUR-57: says who holds it, where that is known. `freeInMs`: its process is gone and its lease ends by then. */
export function lockHeld(bot: string, holder: Holder | null, freeInMs: number | null = null): JournalError {
  const who =
    holder === null
      ? "another process (its name could not be read)"
      : `process ${holder.pid} on ${holder.host}, since ${isoTime(holder.sinceMs)}`;
  return new JournalError(
    "LOCK_HELD",
    `LOCK_HELD: the journal of bot ${bot} is held by ${who}. Stop that one first, or leave it running; this one stops.`,
    freeInMs === null ? {} : { freeInMs },
  );
}

/** The journal is the one that was asked for. Errors: JOURNAL_TOO_NEW, JOURNAL_FOREIGN, JOURNAL_CORRUPT. */
export function checkMeta(meta: JournalMeta, wanted: { readonly bot: string; readonly tag: string } | null): void {
  if (meta.format > JOURNAL_FORMAT) {
    throw new JournalError(
      "JOURNAL_TOO_NEW",
      `JOURNAL_TOO_NEW: the journal has format ${meta.format}, this release reads up to ${JOURNAL_FORMAT}. ` +
        "Run the release that wrote it, or a newer one.",
    );
  }
  if (wanted === null || (meta.bot === wanted.bot && meta.tag === wanted.tag)) return;
  throw new JournalError(
    "JOURNAL_FOREIGN",
    `JOURNAL_FOREIGN: this is the journal of bot ${meta.bot} (tag ${meta.tag}), not of ${wanted.bot} (tag ${wanted.tag}). ` +
      "Each bot has a folder of its own: check the bot's name and data folder.",
  );
}

/** What `head` saw written must be there (DUR-24). Errors: JOURNAL_BEHIND, JOURNAL_CORRUPT. */
export function checkHead(head: Head, position: number, hashAt: (position: number) => string | null): void {
  if (head.position > position) throw behind(position, head.position);
  const differs = headDiffers(head.position, hashAt(head.position), head.hash);
  if (differs !== null) throw differs;
}

/**
 * The newest posting `head` saw must be there too: the chain of records does not cover them, and replay meets those of
 * the tail alone. `goodTo`: records that are good. Errors: JOURNAL_CORRUPT.
 */
export function checkHeadPosting(
  { posting, postingHash }: Head,
  goodTo: number,
  last: { readonly id: number; readonly hashAt: (id: number) => string | null },
): void {
  if (posting === undefined || postingHash === undefined) return; // an earlier release did not say
  const { id, hashAt } = last;
  if (posting > id) throw corrupt(goodTo + 1, `${posting} postings were written, ${id} are there`);
  if (posting === 0 || hashAt(posting) === postingHash) return;
  throw corrupt(goodTo + 1, `posting ${posting} is not the one \`head\` saw written`);
}

/** What `head` says was written (DUR-24), against what is there. Errors: JOURNAL_BEHIND, JOURNAL_CORRUPT. */
function headDiffers(position: number, hashAt: string | null, headHash: string): JournalError | null {
  if (hashAt === headHash) return null;
  return corrupt(
    position,
    "the record is not the one `head` saw written (a copy of another day put back and continued?)",
  );
}
