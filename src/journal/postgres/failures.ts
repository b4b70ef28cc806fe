// What Postgres says → what the journal says. The only place of the main thread that knows SQLSTATEs.

import { corrupt, JournalError, WAYS_OUT } from "../errors.ts";
import { cannotWrite } from "../write-faults.ts";
import type { Failure } from "./protocol.ts";

/** Where: the database as a person knows it, without user and password. `goodTo`: last position known to be good. */
export interface Asking {
  readonly where: string;
  readonly goodTo: number;
}

/** No such table, column or schema; a value of another type. */
const TABLE_GONE = /^(?:42P01|42703|3F000|22)/;

/** A reading that failed, or an opening. */
export function readingFailed(failure: Failure, { where, goodTo }: Asking): JournalError {
  const { state, text } = failure;
  if (state !== null && TABLE_GONE.test(state)) {
    return new JournalError(
      "JOURNAL_CORRUPT",
      `JOURNAL_CORRUPT: the tables of ${where} are not as they were made (${text}). ${WAYS_OUT}`,
      { goodTo },
    );
  }
  if (state !== null && /^XX00[12]/.test(state))
    return corrupt(goodTo + 1, `a page of ${where} is destroyed (${text})`);
  return unreachable(where, text);
}

export const unreachable = (where: string, text: string): JournalError =>
  new JournalError(
    "STORE_UNREACHABLE",
    `STORE_UNREACHABLE: ${where} does not answer or does not let us in (${text}). Check that it runs, and the URL, ` +
      "user and password; then start again.",
  );

/** A write that failed: what it was refused for, or nobody knows. Unique keys are the caller's to explain. */
export function writingFailed(failure: Failure, asking: Asking): JournalError {
  const { state, text } = failure;
  const cause = new Error(text);
  const where = `${asking.where} (${text})`;
  if (state === null) return cannotWrite("lost", where, cause);
  switch (state.slice(0, 2)) {
    case "53":
      return cannotWrite(state === "53100" ? "full" : "busy", where, cause);
    case "25":
      return cannotWrite("read-only", where, cause);
    case "40":
    case "55":
      return cannotWrite(state === "55000" ? "failed" : "busy", where, cause);
    case "3F":
      return readingFailed(failure, asking);
    case "42":
      if (state === "42501") return cannotWrite("read-only", where, cause);
      return TABLE_GONE.test(state) ? readingFailed(failure, asking) : cannotWrite("failed", where, cause);
    case "58":
      return cannotWrite("failed", where, cause);
    case "22":
    case "23":
      return cannotWrite("failed", where, cause);
    default:
      return cannotWrite("lost", where, cause);
  }
}

/** A unique key was there already; null where it was something else. */
export const takenKey = ({ state, constraint }: Failure): string | null =>
  state === "23505" ? (constraint ?? "") : null;
