// One clock for several processes: the monotonic clock of the machine, which all of them read alike, run at a pace.

import type { Clock } from "../../src/base/clock.ts";
import { PacedClock } from "../../src/base/paced-clock.ts";
import { WALL_CLOCK } from "../../src/host/wall-clock.ts";

const MACHINE_CLOCK: Clock = {
  nowMs: () => WALL_CLOCK.nowMs(),
  monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  at: (atMs, wake) => WALL_CLOCK.at(atMs, wake),
};

/** When market time began: `startMs` was shown when the machine's monotonic clock stood at `machineMs`. */
export interface ClockStart {
  readonly startMs: number;
  readonly machineMs: number;
  readonly speed: number;
}

export const machineMs = (): number => MACHINE_CLOCK.monotonicMs();

/** The same time in every process that is given the same start, however long each stands still between two lines. */
export function sharedClock({ startMs, machineMs: innerStartMs, speed }: ClockStart): Clock {
  return PacedClock.since(MACHINE_CLOCK, { startMs, innerStartMs, speed });
}
