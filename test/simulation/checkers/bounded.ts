// Queues, timers, maps and connections stay within their maxima.

import type { Checker, Evidence } from "./checker.ts";

const BOUNDS = { timers: 64, orders: 220, ended: 4_000, recentFills: 10_000, blocks: 16, corrections: 10 };
const SIZES_MAX = { mailbox: 10_000, inFlight: 200, armedWakes: 400, subscriptions: 1, sessions: 6 };

export function bounded({ journal, report }: Evidence): Checker {
  const name = "bounded";
  return {
    name,
    onSizes(sizes) {
      for (const key of ["mailbox", "inFlight", "armedWakes", "subscriptions", "sessions"] as const) {
        if (sizes[key] > SIZES_MAX[key]) report(name, `${sizes[key]} ${key}, at most ${SIZES_MAX[key]}`);
      }
      const { timers, orders, ended, recentFills, blocks } = journal.shadow;
      const state = { timers, orders, ended, recentFills, blocks };
      for (const key of ["timers", "orders", "ended", "recentFills", "blocks"] as const) {
        if (state[key].size > BOUNDS[key])
          report(name, `${state[key].size} ${key} in the state, at most ${BOUNDS[key]}`);
      }
    },
  };
}
