// What checkers may look at (TEST-14): the exchange's own record and the journal, read once each as they grow.
// Nothing of the running process is in here.

import type { BotState, Identity } from "../../src/engine/state.ts";
import { currentMark } from "../../src/engine/turn.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { decodeEffect, decodeEvent } from "../../src/journal/codec.ts";
import type { JournalRecord } from "../../src/journal/port.ts";
import type { RiskLimits } from "../../src/risk/limits.ts";
import type { RecordEntry } from "../../src/sim/record.ts";
import { type ClientOrderId, parseClientOrderId } from "../../src/trading/client-order-id.ts";
import type { Effect } from "../../src/trading/effect.ts";
import type { EngineEvent } from "../../src/trading/event.ts";
import type { NewOrder } from "../../src/trading/order.ts";

/** An order as the exchange recorded it. */
export interface TapeOrder {
  readonly clientOrderId: string;
  readonly side: "buy" | "sell";
  readonly price: number;
  readonly quantity: number;
  readonly reduceOnly: boolean;
  readonly atUs: number;
  filled: number;
  open: boolean;
}

export type TapeFill = Extract<RecordEntry, { kind: "fill" }>;

/** The exchange's side, for the bot's own orders (by their tag). */
export class Tape {
  readonly orders = new Map<string, TapeOrder>();
  /** Open orders of everybody else on the account. */
  readonly foreign = new Map<string, TapeOrder>();
  /** Own fills by trade id and side, forced ones too. */
  readonly fills = new Map<string, TapeFill>();
  readonly funding: Extract<RecordEntry, { kind: "funding" }>[] = [];
  /** Own fills only, signed. */
  position = 0;
  /** Lots traded by hand, signed. */
  byHand = 0;
  private readonly tag: string;

  constructor(tag: string) {
    this.tag = tag;
  }

  isOwn(clientOrderId: string | null): boolean {
    return clientOrderId !== null && parseClientOrderId(clientOrderId)?.tag === this.tag;
  }

  take(entry: RecordEntry): void {
    switch (entry.kind) {
      case "accepted": {
        const { clientOrderId, side, price, quantity, reduceOnly, atUs } = entry;
        const order = { clientOrderId, side, price, quantity, reduceOnly, atUs, filled: 0, open: true };
        (this.isOwn(clientOrderId) ? this.orders : this.foreign).set(clientOrderId, order);
        return;
      }
      case "fill": {
        const signed = entry.side === "buy" ? entry.quantity : -entry.quantity;
        const own = this.isOwn(entry.clientOrderId) || entry.origin !== "order";
        if (own) {
          this.fills.set(`${entry.tradeId}|${entry.side}`, entry);
          this.position += signed;
        } else this.byHand += signed;
        const order = this.find(entry.clientOrderId);
        if (order !== undefined) order.filled += entry.quantity;
        return;
      }
      case "ended": {
        const order = this.find(entry.clientOrderId);
        if (order !== undefined) order.open = false;
        return;
      }
      case "funding":
        this.funding.push(entry);
        return;
      case "request":
      case "refused":
      case "amended":
      case "liquidation":
      case "balance":
      case "fault":
        return;
    }
  }

  find(clientOrderId: string | null): TapeOrder | undefined {
    if (clientOrderId === null) return undefined;
    return this.orders.get(clientOrderId) ?? this.foreign.get(clientOrderId);
  }

  openOrders(): TapeOrder[] {
    return [...this.orders.values()].filter((order) => order.open);
  }
}

/** A recorded decision to place. */
export interface Placed {
  readonly clientOrderId: ClientOrderId;
  readonly order: NewOrder;
  readonly seq: number;
  readonly index: number;
  readonly position: number;
  readonly atMs: number;
  /** The limits that were in force, and the mark they were judged at. */
  readonly limits: RiskLimits | null;
  readonly mark: number | null;
}

/** Told what is new, in the journal's order. `shadow` is the state after the event the production engine computes. */
export interface JournalReaderOf {
  onEvent(record: JournalRecord, event: EngineEvent): void;
  onEffect(record: JournalRecord, effect: Effect): void;
  /** The journal lost its end: everything is read again from the beginning. */
  onCut(): void;
}

/** The journal's side, decoded once, with the production engine stepping beside it as an oracle of what it must say. */
export class JournalSide {
  readonly places = new Map<string, Placed>();
  readonly effects: { readonly record: JournalRecord; readonly effect: Effect }[] = [];
  shadow: BotState;
  /** Effects the shadow decided and the journal has not recorded yet. */
  expected: { readonly seq: number; readonly index: number; readonly effect: Effect }[] = [];
  events = 0;
  private readonly judgedBy = new Map<string, Pick<Placed, "limits" | "mark">>();
  private read = 0;
  private readonly disk: { readonly records: readonly JournalRecord[] };
  private readonly identity: Identity;

  constructor(disk: { readonly records: readonly JournalRecord[] }, identity: Identity) {
    this.disk = disk;
    this.identity = identity;
    this.shadow = productionEngine.initial(identity);
  }

  /** Reads what was appended. */
  catchUp(reader: JournalReaderOf): void {
    const { records } = this.disk;
    while (this.read < records.length) {
      const record = records[this.read];
      this.read += 1;
      if (record === undefined) return;
      if (record.type === "event") this.event(record, reader);
      else if (record.type === "effect") this.effect(record, reader);
    }
  }

  /** The disk lost records: forget everything and read again. */
  reset(reader: JournalReaderOf): void {
    this.places.clear();
    this.effects.length = 0;
    this.expected = [];
    this.events = 0;
    this.read = 0;
    this.shadow = productionEngine.initial(this.identity);
    reader.onCut();
    this.catchUp(reader);
  }

  private event(record: JournalRecord, reader: JournalReaderOf): void {
    const event = decodeEvent(record);
    this.events += 1;
    const { effects } = productionEngine.step(this.shadow, event);
    const { limits } = this.shadow;
    const judgedBy = { limits, mark: currentMark(this.shadow) };
    for (const [index, effect] of effects.entries()) {
      this.expected.push({ seq: record.seq, index, effect });
      // later events of the same turn may change the limits before this decision is recorded
      if (effect.kind === "place") this.judgedBy.set(effect.clientOrderId, judgedBy);
    }
    reader.onEvent(record, event);
  }

  private effect(record: JournalRecord, reader: JournalReaderOf): void {
    const effect = decodeEffect(record);
    this.effects.push({ record, effect });
    reader.onEffect(record, effect);
    if (effect.kind !== "place" || this.places.has(effect.clientOrderId)) return;
    this.places.set(effect.clientOrderId, {
      clientOrderId: effect.clientOrderId,
      order: effect.order,
      seq: record.seq,
      index: record.index,
      position: record.position,
      atMs: record.atMs,
      ...(this.judgedBy.get(effect.clientOrderId) ?? { limits: this.shadow.limits, mark: currentMark(this.shadow) }),
    });
  }
}
