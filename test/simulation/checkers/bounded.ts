// Queues, timers, maps and connections stay within their maxima.

import type { Checker, Evidence } from "./checker.ts";

const BOUNDS = { timers: 64, orders: 220, ended: 4_000, recentFills: 10_000, blocks: 16, corrections: 10 };
/** Events of one timer within a second of engine time: a timer that is always due fills the disk. */
const WAKES_MAX = 20;
const SIZES_MAX = { mailbox: 10_000, inFlight: 200, armedWakes: 400, subscriptions: 2, sessions: 6 };

export function bounded({ journal, report }: Evidence): Checker {
  const name = "bounded";
  const wakes = new Map<string, number[]>();
  return {
    name,
    onEvent({ seq, atMs }, event) {
      if (event.kind !== "timer") return;
      const times = wakes.get(event.name) ?? [];
      wakes.set(event.name, times);
      times.push(atMs);
      while ((times[0] ?? atMs) <= atMs - 1_000) times.shift();
      if (times.length === WAKES_MAX + 1)
        report(name, `timer ${event.name} woke the bot ${times.length} times within a second, event ${seq}`);
    },
    onCut() {
      wakes.clear();
    },
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
