// No opening order while something blocks: killed, stopping, not recovered yet (DUR-48), paused, or any other block
// that held before the event and after it (RISK-05).

import { CLOSER_SLOT } from "../../../src/engine/names.ts";
import type { Checker, Evidence } from "./checker.ts";

/** Events of which it is remembered how things stood; a turn has 256, and its effects are recorded after them. */
const REMEMBERED = 1_000;

interface Standing {
  readonly position: number;
  /** Name of a block of both sides through the whole event. */
  readonly blockedBy: string | null;
}

export function modes({ journal, report }: Evidence): Checker {
  const name = "modes";
  // event from which each has held; a turn's effects are recorded after all its events, so numbers are compared
  let killedFrom = Number.POSITIVE_INFINITY;
  let stoppingFrom = Number.POSITIVE_INFINITY;
  let recoveredFrom = Number.POSITIVE_INFINITY;
  let held: readonly string[] = [];
  const standing = new Map<number, Standing>();

  const remember = (seq: number): void => {
    const before = held;
    const { blocks, ledger, unbooked } = journal.shadow;
    // the word of a fill comes before the fill: what it bought may be sold
    let position: number = ledger.position;
    for (const missing of unbooked.values()) position += missing;
    held = blocks.size === 0 ? [] : [...blocks].filter(([, { leg }]) => leg === "both").map(([block]) => block);
    const blockedBy = held.find((block) => before.includes(block)) ?? null;
    standing.set(seq, { position, blockedBy });
    standing.delete(seq - REMEMBERED);
  };

  const whyNot = (seq: number): string | null => {
    if (seq >= killedFrom) return "killed";
    if (seq >= stoppingFrom) return "stopping";
    if (seq < recoveredFrom) return "recovering";
    const blockedBy = standing.get(seq)?.blockedBy ?? null;
    return blockedBy === null ? null : `blocked by ${blockedBy}`;
  };

  return {
    name,
    onEvent({ seq }, event) {
      remember(seq);
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
      if (why === null) return;
      // a neutral grid's exits are no reduce-only orders: those that close what is held may go out
      const { position } = standing.get(seq) ?? journal.shadow.ledger;
      const closes = effect.order.side === "buy" ? -position : position;
      // and on spot, which has no reduce-only, the kill switch's own closing orders
      const mayClose = why !== "recovering" && (why !== "killed" || effect.order.slotKey === CLOSER_SLOT);
      if (mayClose && effect.order.quantity <= closes) return;
      report(name, `${effect.clientOrderId} at event ${seq} opens while the bot is ${why}`);
    },
    onCut() {
      killedFrom = Number.POSITIVE_INFINITY;
      stoppingFrom = Number.POSITIVE_INFINITY;
      recoveredFrom = Number.POSITIVE_INFINITY;
      held = [];
      standing.clear();
    },
  };
}
