// The clocks of the machine. The only place of the host that reads them.

import type { Clock } from "../base/clock.ts";

/** Longest delay a timer of Node keeps; longer ones are slept in pieces. */
const DELAY_MS_MAX = 2_000_000_000;

/** Unix time: what people set, and may set back. */
export const WALL_CLOCK: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now(), at: atOn(Date.now) };

/** Time since the process began, which nobody can set: what a paced market must run on. */
export const MONOTONIC_CLOCK: Clock = {
  nowMs: () => Math.ceil(performance.now()),
  monotonicMs: () => performance.now(),
  at: atOn(() => performance.now()),
};

function atOn(now: () => number): Clock["at"] {
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
        Math.min(left, DELAY_MS_MAX),
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
