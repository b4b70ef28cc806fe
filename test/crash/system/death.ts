// Where a process of the system stage dies, and who goes with it.

import type { CrashPoint } from "../../../src/base/crash-point.ts";

/** At the `nth` passage of the point these processes get SIGKILL, the own one (0) last. */
export interface Death {
  readonly point: CrashPoint;
  readonly nth: number;
  readonly pids: readonly number[];
  /** Passages count from the first one of this. */
  readonly after?: CrashPoint;
}

/** What such a process says to its parent: it has heard where to die, or is there. */
export interface Told {
  readonly told: "armed" | "passed";
}

/** Variable in which a process finds its death at the start. */
export const DEATH = "OPENSQT_CRASH_TEST_AT";

/** What a death may take, from what leads to it. */
export const HIT_MS = 120_000;
