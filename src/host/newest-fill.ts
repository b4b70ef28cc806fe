// From when on fills must be read again after a start (DUR step 7): the newest one booked, else the oldest order that
// may have been filled, else now.

import type { BotState } from "../engine/state.ts";
import { FIRST_LINEAGE } from "../journal/open-options.ts";
import type { JournalReader } from "../journal/port.ts";

/** How far back a bot that begins anew from the exchange asks for its fills. */
const ADOPTED_MS = 30 * 86_400_000;

/** A run that never got to read what it had missed may have booked what a stream told: that is no mark of the past. */
const UNREAD_MS = 86_400_000;

/** A journal further ahead of the clock than measuring it errs by: somebody set it. */
const SET_BACK_MS = 10_000;

/**
 * How much later than the exchange's time records may be stamped, where the journal is ahead of the clock by so much:
 * the clock was set back since, and how long nobody ran before it was, no clock tells.
 */
export const stampedLateMs = (aheadMs: number): number =>
  aheadMs > SET_BACK_MS ? aheadMs + UNREAD_MS : Math.max(0, aheadMs);

/** Unix ms. The reader goes back a little further still. */
export function newestFillMs(state: BotState, journal: JournalReader | null, nowMs: number): number {
  let newest = 0;
  if (journal !== null && state.fillSeq > 0) {
    for (const { posting } of journal.postings(state.fillSeq - 1)) {
      if (posting.cause === "fill" && posting.atMs > newest) newest = posting.atMs;
    }
  }
  if (newest > 0) return state.phase === "recovering" ? Math.max(0, newest - UNREAD_MS) : newest;
  // the end of the journal may be lost, and all of its orders and fills with it (DUR-27)
  const mayLack = journal !== null && journal.meta.lineage > FIRST_LINEAGE;
  let oldest = mayLack ? (state.nowMs > 0 ? state.nowMs : nowMs - ADOPTED_MS) : nowMs;
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
