// The bot's words to the exchange as the API speaks them: every request and every answer is encoded to bytes and
// decoded again by the production codecs (API-13, API-22), so that what a codec loses is lost here too. It decides nothing.

import { Instruments } from "../../src/exchange/connector/instruments.ts";
import { readOrderForm } from "../../src/exchange/connector/order-form.ts";
import { neverSent, noAnswer, rejection, unknownOutcome } from "../../src/exchange/connector/refusals.ts";
import type { CancelOutcome, ExchangePort, PortCapabilities, SendOutcome } from "../../src/exchange/port.ts";
import { cancelOutcomeOf, sendOutcomeOf } from "../../src/exchange/remote-outcomes.ts";
import { gridOf } from "../../src/exchange/wire/grid.ts";
import { wireSide } from "../../src/exchange/wire/order-view.ts";
import type { Instrument } from "../../src/market/instrument.ts";
import { callersApproval } from "../../src/risk/wire-approval.ts";
import { absent } from "../../src/rpc/fields.ts";
import {
  CancelOrderRequest,
  CancelOrderResponse,
  PlaceOrderRequest,
  PlaceOrderResponse,
} from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { OrderType, TimeInForce } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import type { RpcRefusal } from "../../src/rpc/refusal.ts";
import { fromWire, toWire } from "../../src/rpc/refusal-wire.ts";
import { foreignOrderId } from "../../src/trading/client-order-id.ts";
import { Coder } from "./wire-words.ts";

const EXCHANGE = "sim";

export class WirePort implements ExchangePort {
  readonly name: string;
  readonly capabilities: PortCapabilities;
  readonly requestExpiryMs: number;
  readonly lookupLagMs: number;
  private readonly inner: ExchangePort;
  private readonly instruments = new Instruments();
  private readonly coder: Coder;

  /** `instruments`: what the connector serves from its start. */
  constructor(inner: ExchangePort, instruments: readonly Instrument[]) {
    this.inner = inner;
    this.name = inner.name;
    this.capabilities = inner.capabilities;
    this.requestExpiryMs = inner.requestExpiryMs;
    this.lookupLagMs = inner.lookupLagMs;
    for (const instrument of instruments) this.instruments.set(instrument, 0);
    this.coder = new Coder(this.instruments);
  }

  instrument(...[symbol, done]: Parameters<ExchangePort["instrument"]>): void {
    this.inner.instrument(symbol, (result) => {
      done(result.result === "ok" ? { ...result, instrument: this.coder.instrument(result.instrument) } : result);
    });
  }

  place(...[{ clientOrderId, order }, done]: Parameters<ExchangePort["place"]>): void {
    const { instruments } = this;
    const known = instruments.traded("symbol", order.symbol);
    const request = PlaceOrderRequest.fromPartial({
      exchange: EXCHANGE,
      symbol: order.symbol,
      side: wireSide(order.side),
      type: OrderType.LIMIT,
      timeInForce: TimeInForce[order.timeInForce],
      quantity: { value: gridOf(known.lotSize).text(order.quantity) },
      price: { value: gridOf(known.tickSize).text(order.price) },
      reduceOnly: order.reduceOnly,
      postOnly: order.postOnly,
      clientOrderId,
      botId: "sim",
      epoch: 1,
    });
    const form = readOrderForm(PlaceOrderRequest.decode(PlaceOrderRequest.encode(request).finish()), instruments);
    this.inner.place({ clientOrderId: form.id, order: callersApproval(form.order) }, (outcome) =>
      done(placed(outcome, clientOrderId)),
    );
  }

  cancel(...[symbol, clientOrderId, done]: Parameters<ExchangePort["cancel"]>): void {
    const asked = CancelOrderRequest.fromPartial({ exchange: EXCHANGE, symbol, clientOrderId });
    const read = CancelOrderRequest.decode(CancelOrderRequest.encode(asked).finish());
    this.inner.cancel(read.symbol, foreignOrderId(read.clientOrderId), (outcome) => done(cancelled(outcome)));
  }

  lookup(...[symbol, clientOrderId, done]: Parameters<ExchangePort["lookup"]>): void {
    this.inner.lookup(symbol, clientOrderId, (answer) => {
      if (answer.result === "found") {
        const order = this.coder.order(answer.order, "lookup");
        done(order === null ? UNREADABLE : { result: "found", order });
      } else if (answer.result === "absent") {
        const refusal = overWire(absent(`no order ${clientOrderId}`));
        done(refusal.status === "NOT_FOUND" ? { result: "absent" } : UNREADABLE);
      } else done(unavailable(answer.text));
    });
  }

  openOrders(...[symbol, done]: Parameters<ExchangePort["openOrders"]>): void {
    this.inner.openOrders(symbol, (answer) => {
      if (answer.result !== "ok") return done(unavailable(answer.text));
      const orders = answer.orders.map((order) => this.coder.order(order, "open-orders"));
      if (orders.includes(null)) return done(UNREADABLE);
      done({ result: "ok", orders: orders.flatMap((order) => order ?? []) });
    });
  }

  fills(...[symbol, since, done]: Parameters<ExchangePort["fills"]>): void {
    this.inner.fills(symbol, since, (answer) => {
      if (answer.result !== "ok") return done(unavailable(answer.text));
      const fills = answer.fills.map((fill) => this.coder.fill(fill));
      if (fills.includes(null)) return done(UNREADABLE);
      done({ ...answer, fills: fills.flatMap((fill) => fill ?? []) });
    });
  }

  account(...[symbol, done]: Parameters<ExchangePort["account"]>): void {
    this.inner.account(symbol, (answer) => {
      done(answer.result === "ok" ? this.coder.account(symbol, answer) : unavailable(answer.text));
    });
  }

  funding(...[symbol, sinceMs, done]: Parameters<NonNullable<ExchangePort["funding"]>>): void {
    this.inner.funding?.(symbol, sinceMs, (answer) => {
      if (answer.result !== "ok") return done(unavailable(answer.text));
      done({ result: "ok", settlements: answer.settlements.map((each) => this.coder.payment(each)) });
    });
  }

  candles(...[request, done]: Parameters<ExchangePort["candles"]>): void {
    this.inner.candles(request, (answer) => {
      if (answer.result !== "ok") return done(unavailable(answer.text));
      const candles = answer.candles.map((candle) => this.coder.candle(candle));
      if (candles.includes(null)) return done(UNREADABLE);
      done({ result: "ok", candles: candles.flatMap((candle) => candle ?? []) });
    });
  }

  subscribe(...[request, listener]: Parameters<ExchangePort["subscribe"]>): () => void {
    return this.inner.subscribe(request, (message) => {
      const heard = this.coder.heard(message);
      if (heard !== null) listener(heard);
    });
  }

  close(): void {
    this.inner.close();
  }
}

const UNREADABLE = { result: "unavailable", text: "the connector's answer is unreadable" } as const;

/** A refusal as it comes out of the trailer. */
const overWire = (refusal: RpcRefusal): RpcRefusal => fromWire(toWire(refusal));

const unavailable = (text: string): { readonly result: "unavailable"; readonly text: string } => ({
  result: "unavailable",
  text: overWire(noAnswer(EXCHANGE, text)).message,
});

function placed(outcome: SendOutcome, clientOrderId: string): SendOutcome {
  switch (outcome.result) {
    case "accepted": {
      const order = { clientOrderId, orderId: outcome.exchangeOrderId };
      const told = PlaceOrderResponse.fromPartial({ outcome: { clientOrderId, order } });
      const { outcome: read } = PlaceOrderResponse.decode(PlaceOrderResponse.encode(told).finish());
      return { result: "accepted", exchangeOrderId: read?.order?.orderId ?? "" };
    }
    case "rejected":
      return sendOutcomeOf(overWire(rejection(EXCHANGE, outcome)));
    case "unknown":
      return sendOutcomeOf(overWire(unknownOutcome(EXCHANGE, outcome.text)));
    case "not-sent":
      return sendOutcomeOf(overWire(neverSent(EXCHANGE, outcome.text)));
  }
}

function cancelled(outcome: CancelOutcome): CancelOutcome {
  switch (outcome.result) {
    case "accepted":
    case "not-open": {
      const told = CancelOrderResponse.fromPartial({ result: outcome.result === "accepted" ? "accepted" : "not_open" });
      const { result } = CancelOrderResponse.decode(CancelOrderResponse.encode(told).finish());
      return result === "accepted" ? { result } : { result: "not-open", text: "the exchange says it is not open" };
    }
    case "rejected":
      return cancelOutcomeOf(overWire(rejection(EXCHANGE, { reason: "OTHER", text: outcome.text })));
    case "unknown":
      return cancelOutcomeOf(overWire(unknownOutcome(EXCHANGE, outcome.text)));
    case "not-sent":
      return cancelOutcomeOf(overWire(neverSent(EXCHANGE, outcome.text)));
  }
}
