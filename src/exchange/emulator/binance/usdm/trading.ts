// Orders of the emulated USDⓈ-M market: placed, amended, cancelled, one by one and in batches. The simulated exchange
// decides; what is said here is how Binance words it, and which of the inner faults strike (EMU-28).

import { fail, ok, type Result } from "../../../../base/result.ts";
import { unitMoney } from "../../../../market/instrument.ts";
import type { MutationReply } from "../../../../sim/session.ts";
import type { WireTraits } from "../../protocol.ts";
import type { EmulatedAccount } from "../../world.ts";
import { objectParameters, type Parameters } from "../wire/parameters.ts";
import { type Refusal, refusal, refusals } from "../wire/refusals.ts";
import type { Answer } from "../wire/routes.ts";
import type { UsdmCore } from "./core.ts";
import { readLimit, readLots, readOrder, readSide, type WantedOrder } from "./order-form.ts";
import { isOpen, orderNumber, type UsdmOrder } from "./order-memory.ts";
import { orderRefusals, rejected } from "./order-refusals.ts";
import { mutatedBody } from "./shapes.ts";
import type { WalletDesk } from "./wallet-desk.ts";

/** Who asks, and what the request looks like to a fault. */
export interface Asking {
  readonly account: EmulatedAccount;
  readonly traits: WireTraits;
}

const BATCH_PLACE_MAX = 5;
const BATCH_CANCEL_MAX = 10;
const GOOD_TILL_LEAD_MS = 600_000;

export class Trading {
  private readonly core: UsdmCore;

  constructor(core: UsdmCore) {
    this.core = core;
  }

  place(from: Parameters, asking: Asking): Answer {
    const wanted = readOrder(from, this.core.formContext(asking.account));
    if (!wanted.ok) return wanted;
    const { form, request, instrument } = wanted.value;
    if (form.timeInForce === "GTD" && form.goodTillMs <= this.core.world.clock.nowMs() + GOOD_TILL_LEAD_MS) {
      return fail(refusal(-4227, "GoodTillDate timestamp must be greater than the current time plus 600 seconds."));
    }
    const traits = this.traitsOf(wanted.value, asking);
    const struck = this.struck(wanted.value, traits);
    if (struck !== null) return fail(struck);
    const desk = this.core.desk(asking.account);
    const { clientOrderId } = request;
    const thenCancel = request.postOnly ? this.core.world.strike("postOnlyReject", traits) : null;
    if (thenCancel !== null && thenCancel["thenCancel"] !== 1) return fail(orderRefusals.postOnly());
    const order = desk.expecting(clientOrderId, form, (): Result<UsdmOrder, Refusal> => {
      const reply = this.core.world.place(desk.wallet, request);
      if (reply.result !== "accepted") return fail(this.refusalOf(reply, wanted.value));
      const id = "exchangeOrderId" in reply ? orderNumber(reply.exchangeOrderId) : 0;
      const known = desk.memory.byId(id) ?? desk.learn(clientOrderId, form);
      return known === null ? fail(refusals.unknown()) : ok(known);
    });
    if (!order.ok) return order;
    if (thenCancel !== null) this.core.world.cancel(desk.wallet, instrument.instrument.symbol, clientOrderId);
    if (form.timeInForce === "GTD") this.endAt(desk, order.value);
    return ok(mutatedBody(order.value, !wanted.value.fullReply));
  }

  /** Judges an order without placing it. */
  test(from: Parameters, asking: Asking): Answer {
    const wanted = readOrder(from, this.core.formContext(asking.account));
    return wanted.ok ? ok({}) : wanted;
  }

  placeBatch(from: Parameters, asking: Asking): Answer {
    return this.batch(from, (each) => this.place(each, asking));
  }

  amendBatch(from: Parameters, asking: Asking): Answer {
    return this.batch(from, (each) => this.amend(each, asking));
  }

  /** LIMIT only, both price and quantity. What would make a post-only order take, cancels it. */
  amend(from: Parameters, asking: Asking): Answer {
    const desk = this.core.desk(asking.account);
    const found = this.openOrder(from, desk);
    if (!found.ok) return found;
    const order = found.value;
    const { instrument } = this.core.named(order.wireName) ?? order;
    const side = readSide(from);
    if (!side.ok) return side;
    const { grid } = this.core.world.exchange.market(instrument.symbol);
    const quantity = readLots(from, instrument, grid);
    if (!quantity.ok) return quantity;
    const price = readLimit(from, instrument, grid);
    if (!price.ok) return price;
    if (order.type !== "LIMIT" || side.value !== order.side) return fail(refusals.orderType());
    if (price.value === order.price && quantity.value === order.quantity) return fail(orderRefusals.unchanged());
    if (quantity.value <= order.filled) return this.endAmended(desk, order);
    const { symbol } = instrument;
    const { clientOrderId } = order;
    const to = { symbol, clientOrderId, price: price.value, quantity: quantity.value, requeue: true };
    const reply = this.core.world.amend(desk.wallet, to);
    if (reply.result === "accepted") return ok({ ...mutatedBody(order), pair: order.wireName });
    if (reply.result === "rejected" && reply.reason === "POST_ONLY_WOULD_TAKE") return this.endAmended(desk, order);
    if (reply.result === "not-open") return fail(refusals.orderUnknown());
    return fail(this.refusalOf(reply, { request: { side: order.side }, instrument: { instrument } }));
  }

  cancel(from: Parameters, asking: Asking): Answer {
    const desk = this.core.desk(asking.account);
    const found = this.openOrder(from, desk);
    if (!found.ok) return found;
    return this.cancelOrder(desk, found.value, asking);
  }

  cancelBatch(from: Parameters, asking: Asking): Answer {
    const symbol = this.symbolOf(from);
    if (!symbol.ok) return symbol;
    const ids = from.list("orderIdList", "orderidlist");
    if (!ids.ok) return ids;
    const names = from.list("origClientOrderIdList", "origclientorderidlist");
    if (!names.ok) return names;
    const wanted = [
      ...(ids.value ?? []).map((orderId) => ({ symbol: symbol.value, orderId })),
      ...(names.value ?? []).map((origClientOrderId) => ({ symbol: symbol.value, origClientOrderId })),
    ];
    if (wanted.length === 0) return fail(refusals.oneOf("orderIdList", "origClientOrderIdList"));
    if (wanted.length > BATCH_CANCEL_MAX) return fail(orderRefusals.batchCancelSize());
    return ok(wanted.map((each) => elementOf(this.cancel(objectParameters(each), asking))));
  }

  cancelAll(from: Parameters, asking: Asking): Answer {
    const symbol = this.symbolOf(from);
    if (!symbol.ok) return symbol;
    const desk = this.core.desk(asking.account);
    this.cancelEverything(desk, symbol.value);
    return ok({ code: 200, msg: "The operation of cancel all open order is done." });
  }

  /** Every open order of one instrument. */
  cancelEverything(desk: WalletDesk, wireName: string): void {
    for (const order of desk.memory.openOrders()) {
      if (order.wireName === wireName)
        this.core.world.cancel(desk.wallet, order.instrument.symbol, order.clientOrderId);
    }
  }

  /** The name of a listed instrument. */
  symbolOf(from: Parameters): Result<string, Refusal> {
    const symbol = from.required("symbol");
    if (!symbol.ok) return symbol;
    return this.core.named(symbol.value) === null ? fail(refusals.symbol()) : symbol;
  }

  private batch(from: Parameters, act: (each: Parameters) => Answer): Answer {
    const list = from.list("batchOrders");
    if (!list.ok) return list;
    if (list.value === null) return fail(refusals.missing("batchOrders"));
    if (list.value.length === 0 || list.value.length > BATCH_PLACE_MAX) return fail(orderRefusals.batchSize());
    return ok(list.value.map((each) => elementOf(act(objectParameters(each)))));
  }

  private openOrder(from: Parameters, desk: WalletDesk): Result<UsdmOrder, Refusal> {
    const symbol = this.symbolOf(from);
    if (!symbol.ok) return symbol;
    const orderId = from.integer("orderId");
    if (!orderId.ok) return orderId;
    const clientOrderId = from.text("origClientOrderId");
    if (orderId.value === null && clientOrderId === null) return fail(refusals.oneOf("orderId", "origClientOrderId"));
    const order = desk.memory.find({ orderId: orderId.value, clientOrderId }, this.core.world.clock.nowMs());
    if (order === null || !isOpen(order) || order.wireName !== symbol.value) return fail(refusals.cancelUnknown());
    return ok(order);
  }

  private cancelOrder(desk: WalletDesk, order: UsdmOrder, asking: Asking): Answer {
    const { world } = this.core;
    const { symbol } = order.instrument;
    const traits = { ...asking.traits, symbol, side: order.side, clientOrderId: order.clientOrderId };
    if (world.strike("cancelLost", traits) !== null) return ok({ ...mutatedBody(order), status: "CANCELED" });
    const race = world.strike("partialThenCancelRace", traits);
    if (race !== null) this.fillBefore(desk, order, race);
    const reply = world.cancel(desk.wallet, symbol, order.clientOrderId);
    if (reply.result === "accepted") return ok(mutatedBody(order));
    if (reply.result === "unknown" || reply.result === "not-sent") return fail(refusals.disconnected());
    return fail(refusals.cancelUnknown());
  }

  /** Somebody trades with the order between the request to cancel it and its effect. */
  private fillBefore(desk: WalletDesk, order: UsdmOrder, race: Readonly<Record<string, number>>): void {
    const { exchange } = this.core.world;
    const open = exchange.desk.ledger.openOrder(desk.wallet, order.clientOrderId);
    if (open === undefined) return;
    const left = open.quantity - open.filled;
    const wanted = race["cancelLoses"] === 1 ? left : Math.min(race["lots"] ?? 1, left);
    exchange.desk.fillResting(exchange.market(open.symbol), open, wanted, open.price);
  }

  /** A change that leaves nothing to trade, or that a post-only order may not have, ends the order. */
  private endAmended(desk: WalletDesk, order: UsdmOrder): Answer {
    const reply = this.core.world.cancel(desk.wallet, order.instrument.symbol, order.clientOrderId);
    return reply.result === "accepted" ? ok(mutatedBody(order)) : fail(refusals.orderUnknown());
  }

  private endAt(desk: WalletDesk, order: UsdmOrder): void {
    this.core.world.clock.at(order.goodTillMs, () => {
      if (isOpen(order)) this.core.world.cancel(desk.wallet, order.instrument.symbol, order.clientOrderId);
    });
  }

  private traitsOf(wanted: WantedOrder, asking: Asking): WireTraits {
    const { symbol, side, clientOrderId } = wanted.request;
    return { ...asking.traits, symbol, side, clientOrderId };
  }

  /** What an inner fault answers instead of the exchange. */
  private struck({ request, instrument }: WantedOrder, traits: WireTraits): Refusal | null {
    const { world } = this.core;
    if (request.reduceOnly && world.strike("reduceOnlyConflict", traits) !== null) return orderRefusals.reduceOnly();
    if (request.reduceOnly) return null;
    const value = BigInt(request.price) * BigInt(request.quantity) * unitMoney(instrument.instrument);
    const strike = world.strike("insufficientMargin", traits);
    if (strike === null) return null;
    return value >= BigInt(strike["fromNotional"] ?? 0) * 10n ** 18n ? orderRefusals.margin() : null;
  }

  private refusalOf(
    reply: MutationReply,
    of: {
      readonly request: Pick<WantedOrder["request"], "side">;
      readonly instrument: Pick<WantedOrder["instrument"], "instrument">;
    },
  ): Refusal {
    const { instrument } = of.instrument;
    switch (reply.result) {
      case "duplicate":
        return orderRefusals.duplicateId();
      case "rejected":
        return rejected(reply.reason, { instrument, side: of.request.side }, this.core.band(instrument.symbol));
      case "accepted":
      case "not-open":
        return refusals.cancelUnknown();
      case "unknown":
      case "not-sent":
        return refusals.disconnected();
    }
  }
}

/** An element of a batch: the order, or why not. */
const elementOf = (answer: Answer): unknown =>
  answer.ok ? answer.value : { code: answer.error.code, msg: answer.error.msg };
