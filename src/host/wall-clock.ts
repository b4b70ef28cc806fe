// The clocks of the machine. The only place of the host that reads them.

import type { Clock } from "../base/clock.ts";

/** Longest delay a timer of Node keeps; longer ones are slept in pieces. */
const DELAY_MS_MAX = 2_000_000_000;

/**
 * Who waits for a time of a clock that people set looks at it again after so long: set back and put right, it would
 * keep a sleeper as long as it was wrong by.
 */
const LOOK_AGAIN_MS = 10_000;

/** Unix time: what people set, and may set back. */
export const WALL_CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  at: atOn(Date.now, LOOK_AGAIN_MS),
};

/** Time since the process began, which nobody can set: what a paced market must run on. */
export const MONOTONIC_CLOCK: Clock = {
  nowMs: () => Math.ceil(performance.now()),
  monotonicMs: () => performance.now(),
  at: atOn(() => performance.now(), DELAY_MS_MAX),
};

/** Wakes by the clock `now`, which is looked at once in `pieceMs` at least. */
export function atOn(now: () => number, pieceMs: number): Clock["at"] {
  return (atMs, wake) => {
    let cancelled = false;
    let cancel = (): void => {};
    const sleep = (): void => {
      const left = atMs - now();
      if (left <= 0) {
        const immediate = setImmediate(() => {
          if (!cancelled) wake();
        });
        cancel = () => clearImmediate(immediate);
        return;
      }
      const timeout = setTimeout(
        () => {
          if (cancelled) return;
          // Node may wake a little early, and the clock may have been set back: never early (TEST-P30)
          if (now() >= atMs) wake();
          else sleep();
        },
        Math.min(left, pieceMs),
      );
      cancel = () => clearTimeout(timeout);
    };
    sleep();
    return () => {
      cancelled = true;
      cancel();
    };
  };
}
