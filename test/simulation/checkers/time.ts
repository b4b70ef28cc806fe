// Engine time and timers are monotone.

import type { Checker, Evidence } from "./checker.ts";

/** Engine time never goes back, and timers are never early. */
export function time({ journal, report }: Evidence): Checker {
  const name = "time";
  let last = 0;
  return {
    name,
    onEvent(record) {
      if (record.atMs < last) report(name, `event ${record.seq} is at ${record.atMs}, after ${last}`);
      last = record.atMs;
      if (record.kind === "timer" && journal.shadow.nowMs > record.atMs) report(name, `timer ${record.seq} went back`);
    },
    onCut() {
      last = 0;
    },
  };
}
