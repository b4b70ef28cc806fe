// The outbox of the bench: what the grid decides becomes little texts, and orders get ids. For tests only.

import assert from "node:assert/strict";
import type { Lots, Side, Ticks } from "../../src/market/amounts.ts";
import {
  formatPrice,
  formatQuantity,
  type Instrument,
  parsePrice,
  parseQuantity,
} from "../../src/market/instrument.ts";
import type { Outbox } from "../../src/strategy/contract.ts";
import { type ClientOrderId, makeClientOrderId } from "../../src/trading/client-order-id.ts";
import type { Because } from "../../src/trading/effect.ts";
import type { NewOrder } from "../../src/trading/order.ts";

export interface PlacedOrder {
  readonly id: ClientOrderId;
  readonly order: NewOrder;
  readonly because: Because;
}

export class EffectTexts implements Outbox {
  instrument: Instrument;
  readonly placed: PlacedOrder[] = [];
  readonly becauses: Because[] = [];
  /** Alerts whole: severity and facts beside the text. */
  readonly alerts: { code: string; severity: string; text: string; facts: object }[] = [];
  /** Why the ledger, the closer or the reconciler were asked for something. */
  readonly asked: Because[] = [];
  protected seq = 0;
  protected index = 0;
  protected lines: string[] = [];

  constructor(instrument: Instrument) {
    this.instrument = instrument;
  }

  place(order: NewOrder, because: Because): ClientOrderId {
    const id = makeClientOrderId({ tag: "gridaa", lineage: 1, seq: this.seq, index: this.index });
    this.index += 1;
    this.placed.push({ id, order, because });
    this.becauses.push(because);
    const flags = `${order.postOnly ? " post-only" : ""}${order.reduceOnly ? " reduce-only" : ""}`;
    this.lines.push(`${this.orderText(order)}${flags}`);
    return id;
  }

  cancel(clientOrderId: ClientOrderId, because: Because): void {
    this.becauses.push(because);
    const order = this.placed.find(({ id }) => id === clientOrderId)?.order;
    assert.ok(order !== undefined, "a cancel of an order that was never placed");
    this.lines.push(`CANCEL ${this.orderText(order)} ${because.code}`);
  }

  timer(_name: string, atMs: number | null): void {
    this.lines.push(atMs === null ? "TIMER off" : `TIMER ${atMs}`);
  }

  alert(code: string, severity: string, text: string, facts: object): void {
    this.alerts.push({ code, severity, text, facts });
    this.lines.push(`ALERT ${code}: ${text}`);
  }

  reconcile(because: Because): void {
    this.asked.push(because);
    this.lines.push(`RECONCILE ${because.code}`);
  }

  reloadCandles(interval: string, count: number): void {
    this.lines.push(`CANDLES ${count} x ${interval}`);
  }

  flatten(because: Because): void {
    this.asked.push(because);
    this.lines.push(`FLATTEN ${because.code}`);
  }

  adjustLedger(quantity: Lots, price: Ticks, because: Because): void {
    this.asked.push(because);
    this.lines.push(`ADJUST ${formatQuantity(this.instrument, quantity)} at ${formatPrice(this.instrument, price)}`);
  }

  acceptConfig(): void {
    this.lines.push("CONFIG accepted");
  }

  protected orderText(order: { readonly side: Side; readonly price: Ticks; readonly quantity: Lots }): string {
    const price = formatPrice(this.instrument, order.price);
    return `${order.side.toUpperCase()} ${price} x ${formatQuantity(this.instrument, order.quantity)}`;
  }

  price(text: string): Ticks {
    const price = parsePrice(this.instrument, text);
    assert.ok(price.ok, text);
    return price.value;
  }

  quantity(text: string): Lots {
    const quantity = parseQuantity(this.instrument, text);
    assert.ok(quantity.ok, text);
    return quantity.value;
  }
}
