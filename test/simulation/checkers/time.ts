// Engine time and timers are monotone.

import type { Checker, Evidence } from "./checker.ts";

/** Engine time never goes back, and timers are never early. */
export function time({ journal, report }: Evidence): Checker {
  const name = "time";
  let last = 0;
  /** By name: what the decisions armed it for. */
  const armed = new Map<string, number>();
  return {
    name,
    onEvent(record, event) {
      if (record.atMs < last) report(name, `event ${record.seq} is at ${record.atMs}, after ${last}`);
      last = record.atMs;
      if (event.kind !== "timer") return;
      if (journal.shadow.nowMs > record.atMs) report(name, `timer ${record.seq} went back`);
      const dueMs = armed.get(event.name) ?? 0;
      if (record.atMs < dueMs) report(name, `${event.name} rang at ${record.atMs}, ${dueMs - record.atMs} ms early`);
      armed.delete(event.name);
    },
    onEffect(_record, effect) {
      if (effect.kind !== "timer") return;
      if (effect.atMs === null) armed.delete(effect.name);
      else armed.set(effect.name, effect.atMs);
    },
    onCut() {
      last = 0;
      armed.clear();
    },
  };
}
