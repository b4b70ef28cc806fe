// No opening order while something blocks: killed, stopping, or not recovered yet (DUR-48). And the kill switch's report is
// true on the tape.

import type { Checker, Evidence } from "./checker.ts";

export function modes({ report }: Evidence): Checker {
  const name = "modes";
  let killed = false;
  let stopping = false;
  let recovered = false;
  return {
    name,
    onEvent(_record, event) {
      if (event.kind === "run-started") {
        recovered = false;
        stopping = false;
      } else if (event.kind === "recovered") recovered = true;
      else if (event.kind === "stop-requested") stopping = true;
      else if (event.kind === "command" && event.command.name === "stop") stopping = true;
      else if (event.kind === "command" && event.command.name === "kill") killed = true;
      else if (event.kind === "command" && event.command.name === "killReset") killed = false;
    },
    onEffect(record, effect) {
      if (effect.kind !== "place" || effect.order.reduceOnly) return;
      const why = killed ? "killed" : stopping ? "stopping" : recovered ? null : "recovering";
      if (why !== null) report(name, `${effect.clientOrderId} at event ${record.seq} opens while the bot is ${why}`);
    },
    onCut() {
      killed = false;
      stopping = false;
      recovered = false;
    },
  };
}

export function killProof({ tape, report }: Evidence): Checker {
  const name = "kill-proof";
  return {
    name,
    onEffect(record, effect) {
      if (effect.kind !== "alert" || effect.code !== "kill-proved") return;
      const open = tape.openOrders();
      if (open.length === 0) return;
      report(
        name,
        `the kill was proved at event ${record.seq}, while ${open[0]?.clientOrderId} is open on the exchange`,
      );
    },
  };
}

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
