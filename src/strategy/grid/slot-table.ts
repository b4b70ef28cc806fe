// The slot machine of grid.md section 6 as a table: every event in every column has a cell. The texts are those of the
// specification; slots.ts carries them out.

import { present } from "../../base/assert.ts";
import type { OrderChange } from "../contract.ts";
import type { SlotOrderState } from "./state.ts";

export const SLOT_COLUMNS = ["EMPTY", "HELD", "SENT", "LIVE", "CANCEL", "UNKNOWN"] as const;
export type SlotColumn = (typeof SLOT_COLUMNS)[number];

/**
 * Words of a cell: a column name = new order state; `settle` = drop the order; `B` = book executed lots; `late` = to a
 * slot the order no longer owns; `P` place, `X` cancel, `R` reconcile, `!` alert, `!5` alert at the 5th in a row;
 * `cool1` `cool5` seconds, `backoff` 1, 2, 4 … 60 s, `rejects` post-only count and `lock` margin lock (section 8);
 * `-` = no change, counted.
 */
const TABLE = {
  "plan.entry": ["SENT P", "SENT P", "-", "-", "-", "-"],
  "plan.exit": ["-", "SENT P", "-", "-", "-", "-"],
  "plan.cancel": ["-", "-", "-", "CANCEL X", "-", "-"],
  open: ["- !", "- !", "LIVE", "LIVE", "CANCEL", "LIVE"],
  exec: ["B late", "B late", "LIVE B", "LIVE B", "CANCEL B", "LIVE B"],
  filled: ["B late", "B late", "B settle", "B settle", "B settle", "B settle"],
  canceled: ["B late", "B late", "B settle cool5 !", "B settle cool5 !", "B settle", "B settle cool5 !"],
  "reject.postOnly": ["B late", "B late", "B settle rejects", "B settle rejects", "B settle", "B settle rejects"],
  "reject.funds": ["-", "-", "settle lock", "settle lock", "settle lock", "settle lock"],
  "reject.reduceOnly": ["-", "-", "settle cool5 R !", "settle cool5 R !", "settle R !", "settle cool5 R !"],
  "reject.other": ["-", "-", "settle backoff !5", "settle backoff !5", "settle", "settle backoff !5"],
  refused: ["-", "-", "settle cool5", "-", "-", "-"],
  withdrawn: ["-", "-", "settle cool1", "-", "settle", "settle cool1"],
  unknown: ["-", "-", "UNKNOWN", "-", "-", "-"],
  absent: ["-", "-", "-", "settle R !", "settle", "settle"],
  "cancel.failed": ["-", "-", "-", "-", "CANCEL", "-"],
} as const;

export type SlotEvent = keyof typeof TABLE;
export const SLOT_EVENTS = Object.keys(TABLE) as readonly SlotEvent[];

/** A cell, read once. */
export interface SlotCell {
  readonly next: SlotOrderState | "settle" | null;
  readonly book: boolean;
  readonly coolMs: number;
  readonly backoff: boolean;
  readonly rejects: boolean;
  readonly lock: boolean;
  readonly reconcile: boolean;
  readonly alert: "never" | "always" | "fifth";
  /** `-`: nothing changes, the event is counted. */
  readonly idle: boolean;
}

function readCell(text: string): SlotCell {
  const words = text.split(" ");
  const has = (word: string): boolean => words.includes(word);
  const states: readonly SlotOrderState[] = ["SENT", "LIVE", "CANCEL", "UNKNOWN"];
  return {
    next: has("settle") ? "settle" : (states.find(has) ?? null),
    book: has("B"),
    coolMs: has("cool5") ? 5000 : has("cool1") ? 1000 : 0,
    backoff: has("backoff"),
    rejects: has("rejects"),
    lock: has("lock"),
    reconcile: has("R"),
    alert: has("!") ? "always" : has("!5") ? "fifth" : "never",
    idle: has("-"),
  };
}

const CELLS = new Map<string, SlotCell>();
for (const event of SLOT_EVENTS) {
  SLOT_COLUMNS.forEach((column, index) => {
    CELLS.set(`${event}/${column}`, readCell(present(TABLE[event][index], `cell ${event}/${column}`)));
  });
}

/** What an event does in a column. Total. */
export const slotCell = (event: SlotEvent, column: SlotColumn): SlotCell =>
  present(CELLS.get(`${event}/${column}`), "slot cell");

/** Row of the table for what became of an order (GRID-27, GRID-32). */
export function slotEventOf(change: OrderChange, booked: number): SlotEvent {
  switch (change.change) {
    case "open":
      return "open";
    case "executed":
      return "exec";
    case "filled":
      return "filled";
    case "canceled":
    case "expired":
      return "canceled";
    case "rejected":
      return rejectEvent(change.reason);
    case "refused":
      return "refused";
    case "withdrawn":
      return "withdrawn";
    case "unknown":
      return "unknown";
    case "absent":
      return booked > 0 ? "canceled" : "absent";
    case "cancel-failed":
      return "cancel.failed";
  }
}

function rejectEvent(reason: Extract<OrderChange, { change: "rejected" }>["reason"]): SlotEvent {
  switch (reason) {
    case "POST_ONLY_WOULD_TAKE":
      return "reject.postOnly";
    case "INSUFFICIENT_FUNDS":
      return "reject.funds";
    case "REDUCE_ONLY_REJECTED":
      return "reject.reduceOnly";
    case "PRICE_OUT_OF_BAND":
    case "OFF_GRID":
    case "BELOW_MINIMUM":
    case "TOO_MANY_ORDERS":
    case "RATE_LIMITED":
    case "INSTRUMENT_NOT_TRADING":
    case "SELF_TRADE":
    case "FILL_OR_KILL":
    case "OTHER":
      return "reject.other";
  }
}
