// Places orders (API-12…14). Everything that can be refused is refused before the first byte leaves; what left and was
// not answered is unknown, and stays so until a look-up or a stream says more.

import { crashPoint } from "../../base/crash-point.ts";
import { lots } from "../../market/amounts.ts";
import { callersApproval } from "../../risk/wire-approval.ts";
import type { PlaceOrderRequest } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { Order } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import { RpcRefusal, refusalOf } from "../../rpc/refusal.ts";
import type { OrderEvent } from "../../trading/event.ts";
import type { SendOutcome, Unstamped } from "../port.ts";
import { absenceProvenAfterMs } from "../proven-absence.ts";
import type { ConnectorCore } from "./core.ts";
import { type OrderForm, readOrderForm } from "./order-form.ts";
import { RecentSends, type Send, type Settled } from "./recent-sends.ts";
import { neverSent, rejection, unknownOutcome } from "./refusals.ts";

/** A placed order; `duplicate`: the call found it and sent nothing. */
export interface Placed {
  readonly order: Order;
  readonly duplicate: boolean;
}

export class OrderDesk {
  private readonly core: ConnectorCore;
  private readonly sends: RecentSends<Order>;

  constructor(core: ConnectorCore) {
    this.core = core;
    this.sends = new RecentSends(() => core.machine.monotonicMs());
  }

  /** The form of a request, and whether its sender may. Nothing is remembered. Throws refusals. */
  read(request: PlaceOrderRequest, mayActFor: (botId: string) => void, at = ""): OrderForm {
    const form = readOrderForm(request, this.core.instruments, at);
    mayActFor(form.botId);
    return form;
  }

  /** Throws refusals that say what is known of the order. */
  async place(form: OrderForm): Promise<Placed> {
    const known = this.sends.find(form.id);
    if (known !== undefined) return this.repeat(form, known);
    this.admit(form);
    if (this.sends.wasSentLongAgo(form.id)) {
      const found = await this.lookup(form);
      if (found !== null) return { order: found, duplicate: true };
      // the look-up took its time: another repeat may have been sent meanwhile, or this one's time be over
      const meanwhile = this.sends.find(form.id);
      if (meanwhile !== undefined) return this.repeat(form, meanwhile);
      this.admit(form);
    }
    return { order: await this.send(form, 0), duplicate: false };
  }

  private async repeat(form: OrderForm, known: Send<Order>): Promise<Placed> {
    if (known.body !== form.body) throw otherBody(form);
    const settled = await known.answer;
    if (settled.ok) return { order: this.newest(form) ?? settled.value, duplicate: true };
    if (settled.outcome !== "unknown") throw refusalOf(settled.error);
    const agoMs = this.core.machine.monotonicMs() - known.startedMs;
    const found = await this.lookup(form);
    if (found !== null) return { order: found, duplicate: true };
    // asked late enough, "not there" proves that it was never accepted; and only once may that be believed (EXCH-10)
    const provenAfterMs = absenceProvenAfterMs(this.core.upstream.port);
    if (known.again > 0 || agoMs < provenAfterMs || this.sends.find(form.id) !== known) throw refusalOf(settled.error);
    this.admit(form);
    return { order: await this.send(form, known.again + 1), duplicate: false };
  }

  /** API-12: the last gate before the wire. */
  private admit(form: OrderForm): void {
    this.core.fence.pass(form.botId, form.epoch);
    const nowMs = this.core.clock.nowMs();
    if (form.sendByMs === 0 || nowMs <= form.sendByMs) return;
    this.core.metrics.outcome("not_sent");
    throw new RpcRefusal({
      status: "DEADLINE_EXCEEDED",
      reason: "SEND_BY_PASSED",
      message: `it had to be sent by ${form.sendByMs} and it is ${nowMs}: decide again`,
      outcome: "not_sent",
    });
  }

  private async send(form: OrderForm, again: number): Promise<Order> {
    const send = this.sends.begin(form.id, form.body, () => this.sendNow(form), again);
    const settled = await send.answer;
    if (settled.ok) return settled.value;
    throw refusalOf(settled.error);
  }

  private async sendNow(form: OrderForm): Promise<Settled<Order>> {
    const { core } = this;
    const { id, order, botId, timeInForce } = form;
    core.orders.asked(id, { order, botId, timeInForce, atMs: core.clock.nowMs() });
    const outcome = await core.upstream.place({ clientOrderId: id, order: callersApproval(order) });
    if (outcome.result === "accepted") crashPoint("connector.after-exchange-ack");
    return this.settle(form, outcome);
  }

  private settle(form: OrderForm, outcome: SendOutcome): Settled<Order> {
    const { exchange, metrics, orders } = this.core;
    const word = outcome.result === "not-sent" ? "not_sent" : outcome.result;
    metrics.outcome(word);
    switch (outcome.result) {
      case "accepted":
        return { ok: true, value: this.accepted(form, outcome.exchangeOrderId) };
      case "rejected":
        orders.forget(form.id);
        return { ok: false, outcome: "rejected", error: rejection(exchange, outcome) };
      case "not-sent":
        orders.forget(form.id);
        return { ok: false, outcome: "not_sent", error: neverSent(exchange, outcome.text) };
      case "unknown":
        return { ok: false, outcome: "unknown", error: unknownOutcome(exchange, outcome.text) };
    }
  }

  /** The order now: as the stream has told it already, or as it was asked for and taken. */
  private accepted(form: OrderForm, exchangeOrderId: string): Order {
    const { id, order } = form;
    const taken: Unstamped<OrderEvent> = {
      kind: "order",
      symbol: order.symbol,
      clientOrderId: id,
      exchangeOrderId,
      side: order.side,
      price: order.price,
      quantity: order.quantity,
      status: "open",
      cumulative: ZERO,
      reason: null,
      source: "stream",
    };
    if (this.core.orders.seen(id) === null) this.core.orders.told(taken, this.core.clock.nowMs());
    const newest = this.newest(form);
    if (newest === null) throw unknownOutcome(this.core.exchange, "the order was taken and its instrument is gone");
    return newest;
  }

  private newest(form: OrderForm): Order | null {
    const seen = this.core.orders.seen(form.id);
    return seen === null ? null : this.core.orders.view(seen);
  }

  /** Null: the exchange says there is none. Throws where it does not say. */
  private async lookup(form: OrderForm): Promise<Order | null> {
    const { upstream, exchange, orders, clock } = this.core;
    const result = await upstream.lookup(form.order.symbol, form.id);
    if (result.result === "unavailable") throw unknownOutcome(exchange, result.text);
    if (result.result === "absent") return null;
    const { order } = result;
    const same = order.side === form.order.side && order.price === form.order.price;
    if (!same || order.quantity !== form.order.quantity) throw otherBody(form);
    orders.told(order, clock.nowMs());
    return orders.view(orders.seen(form.id) ?? order);
  }
}

const ZERO = lots(0);

const otherBody = ({ id }: OrderForm): RpcRefusal =>
  new RpcRefusal({
    status: "ALREADY_EXISTS",
    reason: "DUPLICATE_ID",
    message: `client_order_id ${id} names another order: an id is never used twice`,
    outcome: "not_sent",
  });
