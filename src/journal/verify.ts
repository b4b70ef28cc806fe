// `opensqt journal verify`: the whole journal looked at without changing it (DUR-26): chain, bodies, postings,
// snapshots and `head`. Works beside a live bot.

import { join } from "node:path";
import { ChainChecker } from "./chain.ts";
import { checkBody } from "./codec.ts";
import { JournalError } from "./errors.ts";
import { type Head, readHead } from "./head.ts";
import { checkHead } from "./open-options.ts";
import type { JournalMeta, JournalReader, Snapshot } from "./port.ts";
import { openJournalReader, type SqliteReader } from "./reader.ts";
import { snapshotProblem } from "./snapshot-check.ts";

export interface JournalReport {
  readonly meta: JournalMeta;
  /** Position before the first record there is, in the journal or its archives; 0 when all are there. */
  readonly start: number;
  /** Records up to `goodTo` are the ones that were written, and this release can read them. */
  readonly goodTo: number;
  /** Hash of the last good record; genesis when none is. */
  readonly hash: string;
  /** Position of the last row, good or not; null where it cannot be read. */
  readonly lastPosition: number | null;
  /** Newest first; `problem` is null for a valid one. What cannot be unpacked comes last, its position in the text. */
  readonly snapshots: readonly { readonly position: number | null; readonly problem: string | null }[];
  /** False: a shortened journal would not be noticed. */
  readonly headFound: boolean;
  /** The first thing that is wrong, or null. Its exit code is the command's. */
  readonly damage: JournalError | null;
}

/** Errors: those of opening, where not even the owner can be read. Damage found later is in the report. */
export function verifyJournal(dir: string): JournalReport {
  return verifyReader(openJournalReader(dir, { archives: true }), readHead(join(dir, "head")));
}

/** What may be verified of a journal, whatever it is kept in. */
export type VerifiedReader = JournalReader & Pick<SqliteReader, "start" | "checkPages" | "checkPostings" | "snapshots">;

/** Looks at everything and closes the reader. `head`: where its writer left it, by its own word. */
export function verifyReader(reader: VerifiedReader, head: Head | null): JournalReport {
  try {
    const { meta, start } = reader;
    const checker = new ChainChecker(start);
    const hashes = new Map([[start.position, start.hash]]);
    const unread: string[] = [];
    let snapshots: readonly Snapshot[] = [];
    const unreadable = damageOf(() => {
      snapshots = reader.snapshots((text) => void unread.push(text));
    });
    const wanted = new Set(snapshots.map(({ position }) => position));
    if (head !== null) wanted.add(head.position);
    const damage =
      damageOf(() => {
        for (const record of reader.records(0)) {
          checker.check(record);
          checkBody(record);
          if (wanted.has(record.position)) hashes.set(record.position, record.hash);
        }
      }) ??
      damageOf(() => {
        reader.verify(0); // the postings too
        reader.checkPages();
      }) ??
      damageOf(() => {
        const hashAt = (position: number): string | null => hashes.get(position) ?? null;
        if (head !== null && head.position >= start.position) checkHead(head, checker.goodTo, hashAt);
        if (head !== null) reader.checkPostings(head, checker.goodTo);
      }) ??
      unreadable;
    return {
      meta,
      start: start.position,
      goodTo: (damage === unreadable ? null : damage?.facts.goodTo) ?? checker.goodTo,
      hash: checker.hash,
      lastPosition: attempt(() => reader.position),
      snapshots: [
        ...snapshots.map((snapshot) => ({
          position: snapshot.position,
          problem: snapshotProblem(snapshot, hashes.get(snapshot.position) ?? null),
        })),
        ...unread.map((problem) => ({ position: null, problem })),
      ],
      headFound: head !== null,
      damage,
    };
  } finally {
    reader.close();
  }
}

/** What stops the work, or null. What is not the journal's error is not swallowed. */
export function damageOf(work: () => void): JournalError | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof JournalError) return error;
    throw error;
  }
}

function attempt<T>(work: () => T): T | null {
  let result: T | null = null;
  damageOf(() => {
    result = work();
  });
  return result;
}
