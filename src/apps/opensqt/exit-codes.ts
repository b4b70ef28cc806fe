// The one table of exit codes of every command (design.md, "Where the files disagree"). Errors of journal, host, data,
// report and configuration carry one of these.

import { constants } from "node:os";

export const EXIT_CODES = {
  done: 0,
  unexpected: 1,
  usage: 2,
  refused: 3,
  checkFailed: 4,
  unreachable: 5,
  journal: 6,
  replayDiffers: 7,
  leaseHeld: 8,
  credentials: 9,
  safety: 10,
  ordersRemain: 12,
  cannotWrite: 13,
} as const;

/** Code of a process that a signal ended: 128 + n. */
export const signalCode = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** What each code means, for `--help` and the README. */
export const EXIT_MEANINGS: readonly (readonly [string, string])[] = [
  ["0", "done, or stopped cleanly"],
  ["1", "unexpected fault; a report file is written"],
  ["2", "usage"],
  ["3", "configuration or data refused"],
  ["4", "a check failed (safety, verify, preview, doctor, data check, health)"],
  ["5", "dependency not reached in time"],
  ["6", "journal damaged, behind, or newer than this release"],
  ["7", "replay differs"],
  ["8", "folder or journal held by another process, or fenced"],
  ["9", "credentials refused, or of a lower role"],
  ["10", "stopped by safety"],
  ["12", "own orders remain on the exchange"],
  ["13", "journal or report cannot be written"],
  ["128+n", "ended by signal n; 130 is Ctrl-C"],
];

/** Errors of the exchange's side by their code. They are below the table and do not know it. */
const BY_CODE: Readonly<Record<string, number>> = {
  INSTRUMENTS_CHANGED: EXIT_CODES.refused,
  ONE_INSTRUMENT: EXIT_CODES.refused,
  STEPS_DIFFER: EXIT_CODES.refused,
  START_PRICE: EXIT_CODES.refused,
  SAVED_EXCHANGE_UNREADABLE: EXIT_CODES.refused,
  EXCHANGE_SILENT: EXIT_CODES.unreachable,
  CONNECTOR_UNREACHABLE: EXIT_CODES.unreachable,
  // of a real exchange: CcxtPortError, HistoryError
  UNREACHABLE: EXIT_CODES.unreachable,
  REFUSED: EXIT_CODES.refused,
  UNSUPPORTED: EXIT_CODES.refused,
  CREDENTIALS: EXIT_CODES.credentials,
  HISTORY: EXIT_CODES.unreachable,
};

/** The exit code an error carries, or 1 for one of ours that we did not expect. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Error && "exitCode" in error && typeof error.exitCode === "number") return error.exitCode;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return (Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined) ?? EXIT_CODES.unexpected;
}

/** A short name a program can compare: the error's own code, or its exit code's. */
export function errorCodeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  const code = exitCodeOf(error);
  return Object.entries(EXIT_CODES).find(([, value]) => value === code)?.[0] ?? `exit ${code}`;
}
