// From when on fills must be read again after a start (DUR step 7): the newest one booked, else the oldest order that
// may have been filled, else now.

import type { BotState } from "../engine/state.ts";
import type { JournalReader } from "../journal/port.ts";

/** Unix ms. The reader goes back a little further still. */
export function newestFillMs(state: BotState, journal: JournalReader | null, nowMs: number): number {
  let newest = 0;
  if (journal !== null && state.fillSeq > 0) {
    for (const { posting } of journal.postings(state.fillSeq - 1)) {
      if (posting.cause === "fill" && posting.atMs > newest) newest = posting.atMs;
    }
  }
  if (newest > 0) return newest;
  let oldest = nowMs;
  for (const orders of [state.orders, state.ended]) {
    for (const order of orders.values()) if (order.placedAtMs < oldest) oldest = order.placedAtMs;
  }
  return oldest;
}

/** When the bot's life began by its journal: now, where it has none. Unix ms. */
export function bornMs(journal: JournalReader | null, nowMs: number): number {
  const [first] = journal?.kept() ?? [];
  if (first !== undefined) return first.atMs;
  for (const { atMs } of journal?.records(0) ?? []) return atMs;
  return nowMs;
}
