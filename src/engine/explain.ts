// Why an order was placed or refused (DUR-69): the deciding step is run again on the state before it, and what it saw,
// what risk measured and what became of the order are put together. Pure; the caller reads the journal.

import { formatPrice, formatQuantity } from "../market/instrument.ts";
import type { CheckRecord } from "../risk/approve.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { Because, Effect } from "../trading/effect.ts";
import type { EngineEvent, FillEvent, OrderEvent } from "../trading/event.ts";
import { bookFill, emptyLedger, type Posting } from "../trading/ledger.ts";
import type { NewOrder } from "../trading/order.ts";
import type { BookState, BotState } from "./state.ts";
import { step } from "./step.ts";
import type { Asked } from "./turn.ts";

/** An event of the journal with its number. */
export interface NumberedEvent {
  readonly seq: number;
  readonly event: EngineEvent;
}

/** The decision: everything the step had before it. */
export interface Decision {
  readonly clientOrderId: ClientOrderId;
  readonly seq: number;
  readonly atMs: number;
  readonly configRevision: number;
  readonly configHash: string;
  readonly event: EngineEvent;
  readonly book: BookState | null;
  readonly position: number;
  readonly order: NewOrder;
  readonly because: Because;
  /** Every check of RISK-06 with what was measured against which limit. */
  readonly checks: readonly CheckRecord[];
  /** Risk said no: the first check that did not pass says why, and nothing was sent. */
  readonly refused: boolean;
}

/** Steps `state` (as of before the first event) through `events` up to the one that decided the order. */
export function explainDecision(
  state: BotState,
  events: Iterable<NumberedEvent>,
  target: { readonly clientOrderId: ClientOrderId; readonly seq: number },
): Decision | null {
  for (const { seq, event } of events) {
    if (seq < target.seq) {
      step(state, event);
      continue;
    }
    let found: { readonly asked: Asked; readonly checks: readonly CheckRecord[] } | null = null;
    const { effects } = step(state, event, (asked, explain) => {
      if (asked.clientOrderId === target.clientOrderId) found = { asked, checks: explain() };
    });
    return found === null ? null : decisionOf(state, { seq, event }, { found, effects });
  }
  return null;
}

interface Retaken {
  readonly found: { readonly asked: Asked; readonly checks: readonly CheckRecord[] };
  readonly effects: readonly Effect[];
}

function decisionOf(state: BotState, { seq, event }: NumberedEvent, { found, effects }: Retaken): Decision {
  const { configRevision, configHash, book, ledger } = state;
  const { clientOrderId } = found.asked;
  const placed = effects.some((effect) => effect.kind === "place" && effect.clientOrderId === clientOrderId);
  const seen = { seq, atMs: event.atMs, event, book, position: ledger.position, checks: found.checks };
  return { ...found.asked, ...seen, configRevision, configHash, refused: !placed };
}

/** An order risk refused: it is in no effect, so only taking the decisions again shows it. */
export interface RefusedOrder {
  readonly clientOrderId: ClientOrderId;
  readonly seq: number;
  readonly atMs: number;
  readonly order: NewOrder;
  readonly code: string;
  readonly text: string;
}

/** Every order risk refused in `events`, which begin where `state` stands; `max` of them at most, the newest. */
export function refusedOrders(state: BotState, events: Iterable<NumberedEvent>, max: number): readonly RefusedOrder[] {
  const refused: RefusedOrder[] = [];
  for (const { seq, event } of events) {
    step(state, event, ({ clientOrderId, order }, explain) => {
      const failed = explain().find((check) => !check.passed);
      if (failed === undefined) return;
      refused.push({ clientOrderId, seq, atMs: event.atMs, order, code: failed.code, text: failed.text });
      if (refused.length > max) refused.shift();
    });
  }
  return refused;
}

/** One line of what became of an order. */
export interface Happened {
  readonly seq: number;
  readonly atMs: number;
  readonly text: string;
  /** Ledger lines of a fill. */
  readonly postings: readonly Posting[];
}

/** What one event says about the order, or null when it says nothing. */
export function happenedTo(
  id: ClientOrderId,
  numbered: NumberedEvent,
  instrument: BotState["instrument"],
): Happened | null {
  const { seq, event } = numbered;
  const line = (text: string, postings: readonly Posting[] = []): Happened => ({
    seq,
    atMs: event.atMs,
    text,
    postings,
  });
  if (!("clientOrderId" in event) || event.clientOrderId !== id) return null;
  switch (event.kind) {
    case "outcome": {
      const why = event.reason === null ? event.text : `${event.reason} ${event.text}`.trim();
      return line(`${event.of} ${event.result}${why === "" ? "" : `: ${why}`}`);
    }
    case "order":
      return line(`${event.status}, executed ${executedText(event, instrument)} (${event.source})`);
    case "absent":
      return line(`proved absent (${event.note})`);
    case "fill":
      return line(fillText(event, instrument), instrument === null ? [] : bookFill(emptyLedger(), instrument, event));
  }
}

/** Of an instrument nobody knows, in lots and ticks. */
const executedText = ({ cumulative, quantity }: OrderEvent, instrument: BotState["instrument"]): string =>
  instrument === null
    ? `${cumulative} of ${quantity} lots`
    : `${formatQuantity(instrument, cumulative)} of ${formatQuantity(instrument, quantity)} ${instrument.base}`;

function fillText(fill: FillEvent, instrument: BotState["instrument"]): string {
  const { quantity, price, liquidity, tradeId } = fill;
  const end = `${liquidity}, trade ${tradeId}`;
  if (instrument === null) return `filled ${quantity} lots at ${price} ticks, ${end}`;
  const { base, quote } = instrument;
  return `filled ${formatQuantity(instrument, quantity)} ${base} at ${formatPrice(instrument, price)} ${quote}, ${end}`;
}
