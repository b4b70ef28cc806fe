// The one error class of the journal's boundary. Its message tells a person what happened, what is good up to where,
// and what to do; its code decides the exit code of the process.

/** Exit code of each journal error (the table of design.md). The only place where the two meet. */
export const JOURNAL_EXIT_CODES = {
  /** A record, page or file is not what was written (DUR-22, DUR-23). */
  JOURNAL_CORRUPT: 6,
  /** The journal ends before what `head` says was written (DUR-24). */
  JOURNAL_BEHIND: 6,
  /** Written by a newer release (DUR-32). */
  JOURNAL_TOO_NEW: 6,
  /** Tables of an older release, which only `opensqt journal migrate` changes (OPS-60). */
  JOURNAL_OLD: 6,
  /** Neither a valid snapshot nor the first record is there to replay from (DUR-20). */
  JOURNAL_NO_BASE: 6,
  /** The journal of another bot. */
  JOURNAL_FOREIGN: 6,
  /** There is no journal where one was expected. */
  JOURNAL_MISSING: 3,
  /** There is a journal where a new one was to be made. */
  JOURNAL_EXISTS: 2,
  /**
   * Recomputed effects, postings or marks are not the recorded ones (DUR-48, DUR-68). Raised by recovery and replay.
   */
  JOURNAL_DIFFERS: 7,
  /** The same, where another release wrote the journal: that one must close it first (DUR-33). */
  JOURNAL_NEEDS_RELEASE: 7,
  /** Another process holds the journal (DUR-54). */
  LOCK_HELD: 8,
  /** Another writer opened the journal after us (DUR-55). */
  FENCED: 8,
  /** Disk full, read-only, or failing (DUR-61); or a database that did not answer in time. */
  CANNOT_WRITE: 13,
  /** The database of the journals cannot be reached, or does not let us in. */
  STORE_UNREACHABLE: 5,
  /** The folder lies on a file system that cannot lock (DUR-54). */
  UNSUPPORTED_DISK: 3,
  /** A second place of one client order id, or a second posting of one cause: a bug above the journal. */
  DUPLICATE: 1,
} as const;

export type JournalErrorCode = keyof typeof JOURNAL_EXIT_CODES;

/** What a caller may act on without reading the message. */
export interface JournalErrorFacts {
  /** Last position known to be good. */
  readonly goodTo?: number;
  /** First position that is not. */
  readonly position?: number;
  /** CANNOT_WRITE: what the disk said. `full` and `busy` may be tried again; the others are final (DUR-16). */
  readonly disk?: "full" | "busy" | "read-only" | "failed" | "lost";
  /** LOCK_HELD: the holder is gone and nothing but time stands in the way: so long, ms. */
  readonly freeInMs?: number;
  readonly cause?: unknown;
}

export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly code: JournalErrorCode;
  readonly exitCode: number;
  readonly facts: JournalErrorFacts;

  constructor(code: JournalErrorCode, message: string, facts: JournalErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.exitCode = JOURNAL_EXIT_CODES[code];
    this.facts = facts;
  }
}

/** The ways out of a damaged journal that exist (DUR-27). Nothing is repaired silently. */
export const WAYS_OUT =
  "Nothing was changed. Own orders may still be open on the exchange: look there first. " +
  "`opensqt journal verify` shows the whole damage. Ways out: `opensqt journal restore` puts a backup in its place; " +
  "`opensqt journal salvage` copies all good records to a new journal; `opensqt journal adopt` begins anew from the " +
  "exchange. Each lets the bot cancel its own orders, fetch the fills of before and book what stays unexplained.";

/** DUR-22, 23: what is good up to where, and what to do. */
export function corrupt(position: number, what: string, cause?: unknown): JournalError {
  const goodTo = position - 1;
  const good = ["no record is good", "record 1 is good"][goodTo] ?? `records 1 to ${goodTo} are good`;
  return new JournalError("JOURNAL_CORRUPT", `JOURNAL_CORRUPT at position ${position}: ${what}; ${good}. ${WAYS_OUT}`, {
    goodTo,
    position,
    cause,
  });
}

/** DUR-24: fewer records than were written. */
export function behind(position: number, headPosition: number): JournalError {
  const missing = headPosition - position;
  return new JournalError(
    "JOURNAL_BEHIND",
    `JOURNAL_BEHIND by ${missing} record${missing === 1 ? "" : "s"}: the journal ends at position ${position}, but ` +
      `position ${headPosition} was written (a deleted write-ahead log, or an old copy put back?). ` +
      `Records 1 to ${position} are good. ${WAYS_OUT}`,
    { goodTo: position, position: position + 1 },
  );
}

/** DUR-55. */
export function fenced(mine: number, found: number): JournalError {
  return new JournalError(
    "FENCED",
    `FENCED: this process writes with epoch ${mine}, the journal is at epoch ${found}: another copy of the bot took over. ` +
      "This copy stops and sends nothing.",
  );
}
