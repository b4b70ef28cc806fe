// The order calls of Binance spot, the same for REST and for the WebSocket API: place, test, cancel, cancel and
// replace, amend, and the look-ups. Matching is the simulated exchange's; here stand the exchange's words and the
// ids of cancels.

import { assert } from "../../../../base/assert.ts";
import { fail, ok, type Result } from "../../../../base/result.ts";
import { unitMoney } from "../../../../market/instrument.ts";
import type { SimOrder } from "../../../../sim/order.ts";
import type { MutationReply } from "../../../../sim/session.ts";
import type { EmulatedAccount, EmulatedInstrument, EmulatorWorld } from "../../world.ts";
import type { Parameters } from "../wire/parameters.ts";
import { type Refusal, refusalBody, refusals } from "../wire/refusals.ts";
import { type Answer, accountOf, type Call } from "../wire/routes.ts";
import { amountText, idOf, lotsOf, type OrderForm, orderForm } from "./order-form.ts";
import type { OrderRecords } from "./order-records.ts";
import { amended, canceled, placed, type Shown } from "./order-view.ts";
import { NO_FUNDS, NO_INCREASE, NOT_CHANGED, refusalOf, WOULD_TAKE } from "./refusals.ts";

/** Ids of the requests that ended or renamed an order: its events carry them. */
export interface RequestIds {
  canceledUnder(orderId: string, cancelId: string): void;
  renamed(orderId: string, was: string): void;
}

export class SpotDesk {
  private readonly world: EmulatorWorld;
  private readonly records: OrderRecords;
  private readonly ids: RequestIds;
  private made = 0;

  constructor(world: EmulatorWorld, records: OrderRecords, ids: RequestIds) {
    this.world = world;
    this.records = records;
    this.ids = ids;
  }

  /** The instrument a request names. Errors: −1102, −1121. */
  instrument(parameters: Parameters): Result<EmulatedInstrument, Refusal> {
    const symbol = parameters.required("symbol");
    if (!symbol.ok) return symbol;
    const found = this.world.instruments("binance-spot").find(({ wireName }) => wireName === symbol.value);
    return found === undefined ? fail(refusals.symbol()) : ok(found);
  }

  shown(account: EmulatedAccount, listed: EmulatedInstrument, order: SimOrder): Shown {
    const { wireName, instrument } = listed;
    return { order, instrument, wireName, records: this.records, skewMs: account.skewMs };
  }

  test(call: Call): Answer {
    const form = this.form(call.parameters);
    return form.ok ? ok({}) : form;
  }

  place(call: Call): Answer {
    const listed = this.instrument(call.parameters);
    if (!listed.ok) return listed;
    const form = this.form(call.parameters);
    return form.ok ? this.send(call, listed.value, form.value) : form;
  }

  cancel(call: Call): Answer {
    const account = accountOf(call);
    const found = this.named(call, account);
    if (!found.ok) return found;
    const cancelId = idOf(call.parameters, "newClientOrderId");
    if (!cancelId.ok) return cancelId;
    const { listed, order } = found.value;
    if (order === null) return fail(refusals.cancelUnknown());
    return this.cancelOne(call, { listed, order, cancelId: cancelId.value });
  }

  /** Every open order of an instrument; −2011 where there is none. */
  cancelAll(call: Call): Answer {
    const account = accountOf(call);
    const listed = this.instrument(call.parameters);
    if (!listed.ok) return listed;
    const orders = this.records.open(account, listed.value.instrument.symbol);
    if (orders.length === 0) return fail(refusals.cancelUnknown());
    const replies: unknown[] = [];
    for (const order of orders) {
      const reply = this.cancelOne(call, { listed: listed.value, order, cancelId: null });
      if (reply.ok) replies.push(reply.value);
    }
    return ok(replies);
  }

  /** `POST /api/v3/order/cancelReplace`: 409 where one half failed, 400 where both did. */
  cancelReplace(call: Call): Answer {
    const { parameters } = call;
    const account = accountOf(call);
    const mode = parameters.required("cancelReplaceMode");
    if (!mode.ok) return mode;
    if (mode.value !== "STOP_ON_FAILURE" && mode.value !== "ALLOW_FAILURE") {
      return fail(refusals.invalid("cancelReplaceMode"));
    }
    const found = this.named(call, account, { id: "cancelOrderId", clientId: "cancelOrigClientOrderId" });
    if (!found.ok) return found;
    const form = this.form(parameters);
    if (!form.ok) return form;
    const { listed, order } = found.value;
    const cancelId = parameters.text("cancelNewClientOrderId");
    const first: Answer =
      order === null ? fail(refusals.cancelUnknown()) : this.cancelOne(call, { listed, order, cancelId });
    if (!first.ok && mode.value === "STOP_ON_FAILURE") return fail(halves(first, null));
    const second = this.send(call, listed, form.value);
    if (!first.ok || !second.ok) return fail(halves(first, second));
    return ok({
      cancelResult: "SUCCESS",
      newOrderResult: "SUCCESS",
      cancelResponse: first.value,
      newOrderResponse: second.value,
    });
  }

  /** Less of an open order, in its place. A request without an id gives it a new one, as the exchange does. */
  amendKeepPriority(call: Call): Answer {
    const account = accountOf(call);
    const found = this.named(call, account);
    if (!found.ok) return found;
    const { listed, order } = found.value;
    const text = amountText(call.parameters, "newQty");
    if (!text.ok) return text;
    const newId = idOf(call.parameters, "newClientOrderId");
    if (!newId.ok) return newId;
    if (order === null || order.status !== "open") return fail(refusals.orderUnknown());
    const quantity = lotsOf(this.world.exchange.market(order.symbol), text.value);
    if (!quantity.ok) return quantity;
    if (quantity.value === order.quantity) return fail(NOT_CHANGED);
    if (quantity.value > order.quantity) return fail(NO_INCREASE);
    const was = order.clientOrderId;
    const id = newId.value ?? this.freshId();
    const wallet = this.records.wallet(account);
    if (id !== was) {
      if (!this.world.exchange.desk.rename(wallet, was, id))
        return fail(refusalOf({ result: "duplicate", exchangeOrderId: "" }));
      this.ids.renamed(order.exchangeOrderId, was);
    }
    const to = { symbol: order.symbol, clientOrderId: id, price: order.price, quantity: quantity.value };
    const reply = this.world.amend(wallet, to);
    if (reply.result === "accepted") {
      return ok(amended(this.shown(account, listed, order), { clientOrderId: was, atMs: this.world.timeFor(account) }));
    }
    if (id !== was) this.world.exchange.desk.rename(wallet, id, was);
    return fail(refusalOf(reply));
  }

  /**
   * The order a request names by either id, null where there is none. Errors: −1102 where it names none, −1121.
   */
  named(
    call: Call,
    account: EmulatedAccount,
    names: { readonly id: string; readonly clientId: string } = { id: "orderId", clientId: "origClientOrderId" },
  ): Result<{ readonly listed: EmulatedInstrument; readonly order: SimOrder | null }, Refusal> {
    const listed = this.instrument(call.parameters);
    if (!listed.ok) return listed;
    const { symbol } = listed.value.instrument;
    const orderId = call.parameters.text(names.id);
    const clientId = call.parameters.text(names.clientId);
    if (orderId === null && clientId === null) return fail(refusals.oneOf(names.clientId, names.id));
    const order =
      orderId === null
        ? this.records.byClientId(account, symbol, clientId ?? "")
        : this.records.byOrderId(account, symbol, { exchangeOrderId: orderId });
    const other = orderId !== null && clientId !== null && order?.clientOrderId !== clientId;
    return ok({ listed: listed.value, order: other ? null : order });
  }

  private form(parameters: Parameters): Result<OrderForm, Refusal> {
    const listed = this.instrument(parameters);
    if (!listed.ok) return listed;
    const market = this.world.exchange.market(listed.value.instrument.symbol);
    const { priceBandPpm: bandPpm } = this.world.exchange.options.profile;
    return orderForm({ market, parameters, bandPpm, freshId: () => this.freshId() });
  }

  private send(call: Call, listed: EmulatedInstrument, form: OrderForm): Answer {
    const account = accountOf(call);
    const { request } = form;
    const short = this.world.strike("insufficientMargin", call.traits);
    const notional = BigInt(request.price) * BigInt(request.quantity) * unitMoney(listed.instrument);
    if (short !== null && notional >= BigInt(short["fromNotional"] ?? 0) * 10n ** 18n) return fail(NO_FUNDS);
    const late = request.postOnly ? this.world.strike("postOnlyReject", call.traits) : null;
    if (late !== null && late["thenCancel"] !== 1) return fail(WOULD_TAKE);
    const reply = this.world.place(this.records.wallet(account), request);
    if (reply.result !== "accepted") return fail(refusalOf(reply));
    const orderId = exchangeIdOf(reply);
    this.records.note(orderId, form.note);
    const order = this.records.byOrderId(account, request.symbol, {
      exchangeOrderId: orderId,
      clientOrderId: request.clientOrderId,
    });
    assert(order !== null, () => `order ${orderId} was accepted and is not known`);
    const answer = ok(placed(this.shown(account, listed, order), form.respond));
    if (late !== null) this.world.cancel(this.records.wallet(account), request.symbol, request.clientOrderId);
    return answer;
  }

  private cancelOne(
    call: Call,
    of: { readonly listed: EmulatedInstrument; readonly order: SimOrder; readonly cancelId: string | null },
  ): Answer {
    const account = accountOf(call);
    const { listed, order } = of;
    if (order.status !== "open") return fail(refusals.cancelUnknown());
    const cancelId = of.cancelId ?? this.freshId();
    if (this.world.strike("cancelLost", call.traits) !== null) {
      const told = { ...order, status: "canceled" as const, endedUs: this.world.exchange.nowUs() };
      return ok(canceled(this.shown(account, listed, told), cancelId));
    }
    this.fillFirst(call, order);
    if (order.quantity > order.filled) this.ids.canceledUnder(order.exchangeOrderId, cancelId);
    const reply = this.world.cancel(this.records.wallet(account), order.symbol, order.clientOrderId);
    if (reply.result !== "accepted") return fail(refusalOf(reply));
    return ok(canceled(this.shown(account, listed, order), cancelId));
  }

  /** The fault by which an order trades between the request to cancel it and its effect, a part of it or all. */
  private fillFirst(call: Call, order: SimOrder): void {
    const race = this.world.strike("partialThenCancelRace", call.traits);
    if (race === null) return;
    const left = order.quantity - order.filled;
    const lots = race["cancelLoses"] === 1 ? left : Math.min(left, race["lots"] ?? 1);
    const { desk } = this.world.exchange;
    desk.fillResting(this.world.exchange.market(order.symbol), order, lots, order.price);
  }

  /** An id in the exchange's manner, for what was sent without one: 22 letters and digits. */
  private freshId(): string {
    this.made += 1;
    const { seed } = this.world;
    return `e${seed.replace(/[^A-Za-z0-9]/g, "").slice(0, 9)}${String(this.made).padStart(12, "0")}`;
  }
}

function exchangeIdOf(reply: MutationReply): string {
  const id = "exchangeOrderId" in reply ? reply.exchangeOrderId : undefined;
  assert(id !== undefined, "an accepted order has an id");
  return id;
}

/** Why a cancel-and-replace did not do both; null: the second half was not tried. */
function halves(first: Answer, second: Answer | null): Refusal {
  const some = first.ok || second?.ok === true;
  const data = {
    cancelResult: first.ok ? "SUCCESS" : "FAILURE",
    newOrderResult: second === null ? "NOT_ATTEMPTED" : second.ok ? "SUCCESS" : "FAILURE",
    cancelResponse: first.ok ? first.value : refusalBody(first.error),
    newOrderResponse: second === null ? null : second.ok ? second.value : refusalBody(second.error),
  };
  return some
    ? { status: 409, code: -2021, msg: "Order cancel-replace partially failed.", data }
    : { status: 400, code: -2022, msg: "Order cancel-replace failed.", data };
}
