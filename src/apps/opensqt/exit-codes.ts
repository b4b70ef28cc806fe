// The one table of exit codes of every command (design.md, "Where the files disagree"). Errors of journal, host, data and
// configuration carry one of these.

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

/** What each code means, for `--help` and the README. */
export const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [0, "done, or stopped cleanly"],
  [1, "unexpected fault"],
  [2, "usage"],
  [3, "configuration or data refused"],
  [4, "a check failed (safety, verify, preview, data check)"],
  [5, "dependency not reached in time"],
  [6, "journal damaged, behind, or newer than this release"],
  [7, "replay differs"],
  [8, "journal held by another process, or fenced"],
  [9, "credentials refused"],
  [10, "stopped by safety"],
  [12, "own orders remain on the exchange"],
  [13, "the journal cannot be written"],
];

/** The exit code an error carries, or 1 for one of ours that we did not expect. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Error && "exitCode" in error && typeof error.exitCode === "number") return error.exitCode;
  return EXIT_CODES.unexpected;
}
