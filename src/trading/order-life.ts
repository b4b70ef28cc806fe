// The life of a place effect: the total table of durability.md section 9 (DUR-34). Rows are states, columns what can
// happen. Nothing but evidence ends `unknown` (DUR-36); a time-out never means "rejected".

import type { PlaceState } from "./order.ts";

/** What can happen to a place effect. `shown`: a stream or a look-up shows the order. */
export type PlaceInput =
  | "send-starts"
  | "accepted"
  | "refused"
  | "not-sent"
  | "no-answer"
  | "shown"
  | "not-found-window-open"
  | "not-found-window-over"
  | "restart";

/** What a cell asks for besides the new state. */
export type PlaceAction =
  /** Late evidence: the order is adopted, cancelled and reported (footnote 5). */
  | "late-order"
  /** The exchange contradicts itself: keep the state, say so. */
  | "alert"
  /** An acknowledged order is not found: look closer before believing anything. */
  | "reconcile";

export type PlaceCell =
  | { readonly kind: "next"; readonly state: PlaceState; readonly action: PlaceAction | null }
  /** Our own bug: the input cannot happen in this state. */
  | { readonly kind: "bug" };

/** Facts the table's footnotes ask for. */
export interface PlaceFacts {
  /** Footnote 3: every send of this id so far was refused (true when it was sent once). */
  readonly everySendRefused: boolean;
  /** The decision is not older than `validMs`, so an unsent order may go out again. */
  readonly stillValid: boolean;
}

const bug: PlaceCell = { kind: "bug" };
const to = (state: PlaceState, action: PlaceAction | null = null): PlaceCell => ({ kind: "next", state, action });

/** The cell of the table. Total: every state × input has one. */
export function nextPlaceState(state: PlaceState, input: PlaceInput, facts: PlaceFacts): PlaceCell {
  switch (state) {
    case "recorded":
      return fromRecorded(input);
    case "sent":
      return fromSent(input, facts);
    case "unknown":
      return fromUnknown(input, facts);
    case "acknowledged":
      return fromAcknowledged(input);
    case "rejected":
    case "withdrawn":
    case "absent":
      return fromEnded(state, input);
  }
}

function fromRecorded(input: PlaceInput): PlaceCell {
  switch (input) {
    case "send-starts":
      return to("sent");
    case "not-sent":
      return to("withdrawn");
    case "shown":
      return to("acknowledged");
    case "not-found-window-open":
      return to("recorded");
    case "not-found-window-over":
      return to("absent");
    case "restart":
      return to("unknown");
    case "accepted":
    case "refused":
    case "no-answer":
      return bug;
  }
}

function fromSent(input: PlaceInput, facts: PlaceFacts): PlaceCell {
  switch (input) {
    case "accepted":
    case "shown":
      return to("acknowledged");
    case "refused":
      return to(facts.everySendRefused ? "rejected" : "unknown");
    case "not-sent":
      return to(facts.stillValid ? "recorded" : "withdrawn");
    case "no-answer":
    case "restart":
      return to("unknown");
    case "not-found-window-open":
    case "not-found-window-over":
      return to("sent");
    case "send-starts":
      return bug;
  }
}

function fromUnknown(input: PlaceInput, facts: PlaceFacts): PlaceCell {
  switch (input) {
    case "accepted":
    case "shown":
      return to("acknowledged");
    case "refused":
      return to(facts.everySendRefused ? "rejected" : "unknown");
    case "not-found-window-over":
      return to("absent");
    case "not-sent":
    case "no-answer":
    case "not-found-window-open":
    case "restart":
      return to("unknown");
    case "send-starts":
      return bug;
  }
}

function fromAcknowledged(input: PlaceInput): PlaceCell {
  switch (input) {
    case "refused":
      return to("acknowledged", "alert");
    case "not-found-window-over":
      return to("acknowledged", "reconcile");
    case "accepted":
    case "not-sent":
    case "no-answer":
    case "shown":
    case "not-found-window-open":
    case "restart":
      return to("acknowledged");
    case "send-starts":
      return bug;
  }
}

function fromEnded(state: PlaceState, input: PlaceInput): PlaceCell {
  switch (input) {
    case "accepted":
    case "shown":
      return to("acknowledged", "late-order");
    case "refused":
    case "not-sent":
    case "no-answer":
    case "not-found-window-open":
    case "not-found-window-over":
    case "restart":
      return to(state);
    case "send-starts":
      return bug;
  }
}
