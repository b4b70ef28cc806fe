// No opening order while something blocks: killed, stopping, or not recovered yet (DUR-48). And the kill switch's
// report is true on the tape.

import type { Checker, Evidence } from "./checker.ts";

export function modes({ journal, report }: Evidence): Checker {
  const name = "modes";
  // event from which each has held; a turn's effects are recorded after all its events, so numbers are compared
  let killedFrom = Number.POSITIVE_INFINITY;
  let stoppingFrom = Number.POSITIVE_INFINITY;
  let recoveredFrom = Number.POSITIVE_INFINITY;

  const whyNot = (seq: number): string | null => {
    if (seq >= killedFrom) return "killed";
    if (seq >= stoppingFrom) return "stopping";
    return seq >= recoveredFrom ? null : "recovering";
  };

  return {
    name,
    onEvent({ seq }, event) {
      if (event.kind === "run-started") {
        recoveredFrom = Number.POSITIVE_INFINITY;
        stoppingFrom = Number.POSITIVE_INFINITY;
      } else if (event.kind === "recovered") recoveredFrom = seq;
      else if (event.kind === "stop-requested") stoppingFrom = Math.min(stoppingFrom, seq);
      else if (event.kind !== "command") return;
      else if (event.command.name === "stop") stoppingFrom = Math.min(stoppingFrom, seq);
      else if (event.command.name === "kill") killedFrom = Math.min(killedFrom, seq);
      else if (event.command.name === "killReset") killedFrom = Number.POSITIVE_INFINITY;
    },
    onEffect({ seq }, effect) {
      if (effect.kind !== "place" || effect.order.reduceOnly) return;
      const why = whyNot(seq);
      // a neutral grid's exits are no reduce-only orders: while stopping, those that close what is held may go out
      const { position } = journal.shadow.ledger;
      const closes = effect.order.side === "buy" ? -position : position;
      if (why === null || (why === "stopping" && effect.order.quantity <= closes)) return;
      report(name, `${effect.clientOrderId} at event ${seq} opens while the bot is ${why}`);
    },
    onCut() {
      killedFrom = Number.POSITIVE_INFINITY;
      stoppingFrom = Number.POSITIVE_INFINITY;
      recoveredFrom = Number.POSITIVE_INFINITY;
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
