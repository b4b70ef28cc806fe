// How a bot ends that is stopped before it could ask the exchange anything (DUR-58): what its journal leaves open may
// still be there, and nobody has proved that it is not. Reads only.

import type { BotState } from "../../engine/state.ts";
import { FIRST_LINEAGE } from "../../journal/open-options.ts";
import type { JournalReader } from "../../journal/port.ts";
import { isLive } from "../../trading/order.ts";
import { type HostEnd, stopEnd } from "../host-error.ts";
import { isKept } from "../stop.ts";

/** What is known of a bot that opens. */
export interface Opening {
  readonly hasJournal: boolean;
  /** Its thread replays the journal: the state is not known here. */
  readonly opensInThread: boolean;
  readonly state: BotState | null;
  openReader(): JournalReader & { close(): void };
}

export function openingEnd(bot: Opening): HostEnd {
  if (!bot.hasJournal) return stopEnd([], true);
  const state = bot.opensInThread ? null : bot.state;
  return state === null ? endByRecords(() => bot.openReader()) : endByState(state);
}

/** By the state its journal gives. */
function endByState(state: BotState): HostEnd {
  const policy = state.config?.cancelOnExit ?? "all";
  const left = [...state.orders.values()].filter((order) => isLive(order) && !isKept(order, policy));
  // a journal begun anew that has not looked yet does not know what the one before left
  const hasLooked = state.identity.lineage === FIRST_LINEAGE || (state.started && state.tailLost !== true);
  return stopEnd(
    left.map(({ clientOrderId }) => clientOrderId),
    left.length === 0 && hasLooked,
  );
}

/** Where its state is not known: a run that ended in order has said what it left. */
function endByRecords(open: Opening["openReader"]): HostEnd {
  try {
    const reader = open();
    try {
      const [last] = reader.records(Math.max(0, reader.position - 1));
      return stopEnd([], last?.type === "seal" || reader.position === 0);
    } finally {
      reader.close();
    }
  } catch {
    return stopEnd([], false);
  }
}
