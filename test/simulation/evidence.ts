// What checkers may look at (TEST-14): the exchange's own record and the journal, read once each as they grow.
// Nothing of the running process is in here.

import { toSafe } from "../../src/base/integer.ts";
import type { BotState, Identity } from "../../src/engine/state.ts";
import { currentMark } from "../../src/engine/turn.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { decodeEffect, decodeEvent } from "../../src/journal/codec.ts";
import type { JournalRecord } from "../../src/journal/port.ts";
import { lots } from "../../src/market/amounts.ts";
import { baseMoney } from "../../src/market/instrument.ts";
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
  /** When it ended; null while it is open. */
  endedUs: number | null;
}

export type TapeFill = Extract<RecordEntry, { kind: "fill" }>;

/** The exchange's side, for the bot's own orders (by their tag). */
export class Tape {
  readonly orders = new Map<string, TapeOrder>();
  /** Those of them that have not ended: a day has a hundred thousand that have. */
  private readonly standing = new Map<string, TapeOrder>();
  /** Open orders of everybody else on the account. */
  readonly foreign = new Map<string, TapeOrder>();
  /** Own fills by trade id and side, forced ones too. */
  readonly fills = new Map<string, TapeFill>();
  readonly funding: Extract<RecordEntry, { kind: "funding" }>[] = [];
  /** Own fills only, signed. */
  position = 0;
  /** Lots traded by hand, signed. */
  byHand = 0;
  /** Somebody traded by hand, whatever it came to. */
  wasTradedByHand = false;
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
        const order = { clientOrderId, side, price, quantity, reduceOnly, atUs, filled: 0, open: true, endedUs: null };
        (this.isOwn(clientOrderId) ? this.orders : this.foreign).set(clientOrderId, order);
        if (this.isOwn(clientOrderId)) this.standing.set(clientOrderId, order);
        return;
      }
      case "fill": {
        const signed = entry.side === "buy" ? entry.quantity : -entry.quantity;
        const own = this.isOwn(entry.clientOrderId) || entry.origin !== "order";
        if (own) {
          this.fills.set(`${entry.tradeId}|${entry.side}`, entry);
          this.position += signed;
        } else {
          this.byHand += signed;
          this.wasTradedByHand = true;
        }
        const order = this.find(entry.clientOrderId);
        if (order !== undefined) order.filled += entry.quantity;
        return;
      }
      case "ended": {
        const order = this.find(entry.clientOrderId);
        if (order === undefined) return;
        order.open = false;
        order.endedUs = entry.atUs;
        this.standing.delete(order.clientOrderId);
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
    return [...this.standing.values()].filter((order) => order.open);
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
  /** Lots that had come into the books without a fill of ours (adopted, accepted by a person, corrected), signed. */
  readonly adjusted: number;
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
  /** Fills by trade id and side, settlements of funding by their ms. */
  readonly booked = new Set<string | number>();
  shadow: BotState;
  /** Effects the shadow decided and the journal has not recorded yet. */
  expected: { readonly seq: number; readonly index: number; readonly effect: Effect }[] = [];
  events = 0;
  private readonly judgedBy = new Map<string, Pick<Placed, "limits" | "mark" | "adjusted">>();
  /** Of the base asset, booked without a fill of ours, 10^−18. */
  private adjustedBase = 0n;
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
    this.booked.clear();
    this.expected = [];
    this.events = 0;
    this.read = 0;
    this.adjustedBase = 0n;
    this.shadow = productionEngine.initial(this.identity);
    reader.onCut();
    this.catchUp(reader);
  }

  private event(record: JournalRecord, reader: JournalReaderOf): void {
    const event = decodeEvent(record);
    this.events += 1;
    if (event.kind === "fill") this.booked.add(`${event.tradeId}|${event.side}`);
    else if (event.kind === "funding-settled") this.booked.add(event.settledAtMs);
    const { effects, postings } = productionEngine.step(this.shadow, event);
    for (const { cause, account, amount } of postings)
      if ((cause === "adjustment" || cause === "adoption") && account === "holding") this.adjustedBase += amount;
    const judgedBy = this.judges();
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
      ...(this.judgedBy.get(effect.clientOrderId) ?? this.judges()),
    });
  }

  /** Lots in the books that no fill of ours brought: adjustments and adoptions, signed. */
  get adjusted(): number {
    const { instrument } = this.shadow;
    return instrument === null ? 0 : toSafe(this.adjustedBase / baseMoney(instrument, lots(1)));
  }

  /** What a decision of now is judged by. */
  private judges(): Pick<Placed, "limits" | "mark" | "adjusted"> {
    return { limits: this.shadow.limits, mark: currentMark(this.shadow), adjusted: this.adjusted };
  }
}
