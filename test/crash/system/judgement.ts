// What the system stage's witness says of the bot: how it stands by its journal alone, and the verdict in figures.

import { sha256 } from "../../../src/base/canonical.ts";
import { ownedLots } from "../../../src/engine/owned.ts";
import type { BotState } from "../../../src/engine/state.ts";
import { productionEngine } from "../../../src/host/engine.ts";
import { JournalError } from "../../../src/journal/errors.ts";
import { KILL_LIMITS_MS } from "../../../src/risk/kill.ts";
import { isLive } from "../../../src/trading/order.ts";
import type { Standing } from "../bot-process.ts";
import type { Verdict } from "../stage.ts";
import type { Sides, Witness } from "../witness.ts";

export function standingOf(witness: Witness): Standing {
  const state = witness.journal.shadow;
  const live = [...state.orders.values()].filter(isLive);
  const open = live.filter(({ place, cancelAsked }) => place === "acknowledged" && !cancelAsked);
  return {
    kind: "standing",
    seq: state.seq,
    epoch: witness.runEpoch,
    stateHash: sha256(productionEngine.encode(state)),
    phase: state.phase,
    position: state.ledger.position,
    fills: state.ledger.fills,
    open: open.map(({ clientOrderId }) => clientOrderId),
    unsettled: live.length - open.length,
    blocks: [...state.blocks.keys()],
  };
}

/** Takes the violations found so far with it. */
export function verdictOf(witness: Witness, { truth, standing }: Sides): Verdict {
  const all = witness.violations.splice(0);
  const count = (checker: string): number => all.filter((violation) => violation.checker === checker).length;
  return {
    duplicates: count("duplicate-orders"),
    lostFills: count("lost-fills"),
    positionDifference: standing.position - truth.position,
    ledgerDifference: count("ledger"),
    texts: all.map(({ checker, text }) => `${checker}: ${text}`),
  };
}

/** The switch has reported, nothing of ours is open, and no lot is left that an order could close. */
export function isKillOver(state: BotState): boolean {
  const { phase, flatten } = state.kill;
  const left = ownedLots(state);
  return (
    phase === "killed" &&
    ![...state.orders.values()].some(isLive) &&
    (!flatten || left === 0 || left === state.closedDust)
  );
}

/**
 * What is wrong with the report of a switch that {@link isKillOver}, or null. One of who was dead for longer than the
 * proof may take, or whose market took too little in the minute that closing has, says that it failed (RISK-22): the
 * closer goes on by itself.
 */
export function killWrong({ kill: { flatten, report } }: BotState): string | null {
  const { cancel, prove } = KILL_LIMITS_MS;
  const flatAfterMs = report?.flatAfterMs ?? null;
  const isLate = flatAfterMs === null ? flatten && report !== null : flatAfterMs >= cancel + prove;
  return report?.proved === true || isLate ? null : `the switch ended with ${JSON.stringify(report)}`;
}

/** No journal yet, or not all of it: the market-maker is about to make it. */
export const isNotThere = (error: unknown): boolean =>
  error instanceof JournalError && ["JOURNAL_MISSING", "STORE_UNREACHABLE", "JOURNAL_CORRUPT"].includes(error.code);
