// No opening order while something blocks: killed, stopping, or not recovered yet (DUR-48).

import { CLOSER_SLOT } from "../../../src/engine/names.ts";
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
      // and on spot, which has no reduce-only, the kill switch's own closing orders
      const mayClose = why === "stopping" || (why === "killed" && effect.order.slotKey === CLOSER_SLOT);
      if (why === null || (mayClose && effect.order.quantity <= closes)) return;
      report(name, `${effect.clientOrderId} at event ${seq} opens while the bot is ${why}`);
    },
    onCut() {
      killedFrom = Number.POSITIVE_INFINITY;
      stoppingFrom = Number.POSITIVE_INFINITY;
      recoveredFrom = Number.POSITIVE_INFINITY;
    },
  };
}
