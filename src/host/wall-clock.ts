// The clock of the machine. The only place of the host that reads it.

import type { Clock } from "../base/clock.ts";

/** Longest delay a timer of Node keeps; longer ones are slept in pieces. */
const DELAY_MS_MAX = 2_000_000_000;

export const WALL_CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  at(atMs, wake) {
    let cancelled = false;
    let cancel = (): void => {};
    const sleep = (): void => {
      const left = atMs - Date.now();
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
          if (Date.now() >= atMs) wake();
          else sleep();
        },
        Math.min(left, DELAY_MS_MAX),
      );
      cancel = () => clearTimeout(timeout);
    };
    sleep();
    return () => {
      cancelled = true;
      cancel();
    };
  },
};
