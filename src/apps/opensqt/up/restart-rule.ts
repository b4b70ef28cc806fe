// What becomes of a process of `opensqt up` that ended though nobody asked: started again with growing waits, or, where
// its exit code says that another start would end the same way, left down.

import { EXIT_CODES } from "../exit-codes.ts";

export interface Death {
  /** Monotonic ms. */
  readonly atMs: number;
  /** Null where a signal ended it. */
  readonly code: number | null;
}

export type AfterDeath =
  | { readonly kind: "again"; readonly waitMs: number; readonly deaths: number; readonly keepsDying: boolean }
  | { readonly kind: "final"; readonly exitCode: number };

/** Codes a second start does not change (the systemd unit's RestartPreventExitStatus), and an end of its own will. */
const FINAL: ReadonlySet<number> = new Set<number>([
  EXIT_CODES.done,
  EXIT_CODES.usage,
  EXIT_CODES.refused,
  EXIT_CODES.checkFailed,
  EXIT_CODES.journal,
  EXIT_CODES.replayDiffers,
  EXIT_CODES.leaseHeld,
  EXIT_CODES.credentials,
  EXIT_CODES.safety,
  EXIT_CODES.ordersRemain,
  EXIT_CODES.cannotWrite,
]);
/** Deaths further back do not count. */
const WINDOW_MS = 300_000;
const FIRST_WAIT_MS = 250;
const WAIT_MS_MAX = 30_000;
/** From this many on it "keeps dying". */
const MANY = 5;

/** `deaths`: all so far, this one last. */
export function afterDeath(deaths: readonly Death[]): AfterDeath {
  const last = deaths.at(-1);
  if (last?.code != null && FINAL.has(last.code)) return { kind: "final", exitCode: last.code };
  const recent = deaths.filter(({ atMs }) => (last?.atMs ?? 0) - atMs < WINDOW_MS).length;
  const waitMs = Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** Math.max(0, recent - 1));
  return { kind: "again", waitMs, deaths: recent, keepsDying: recent >= MANY };
}
