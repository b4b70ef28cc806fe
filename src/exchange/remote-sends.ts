// Sends orders through a connector: what a turn places at once travels in one call. Nothing is ever sent twice here.

import type { Instrument } from "../market/instrument.ts";
import type { PlaceOrderRequest } from "../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { OrderType, TimeInForce } from "../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../rpc/refusal.ts";
import type { PlaceRequest, SendOutcome } from "./port.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { saidBy, sendOutcomeOf } from "./remote-outcomes.ts";
import { gridOf } from "./wire/grid.ts";
import { wireSide } from "./wire/order-view.ts";

/** Elements the API takes at once. */
const BATCH_MAX = 50;

/** Who places: the fence and the audit trail know bots by it. */
export interface Placer {
  readonly botId: string;
  /** The run's number; asked each time, since it is known only when the journal is open. 0: none. */
  readonly epoch: () => number;
}

interface Waiting {
  readonly request: PlaceOrderRequest;
  readonly done: (outcome: SendOutcome) => void;
}

export class RemoteSends {
  private readonly connection: RemoteConnection;
  private readonly placer: Placer;
  private waiting: Waiting[] = [];

  constructor(connection: RemoteConnection, placer: Placer) {
    this.connection = connection;
    this.placer = placer;
  }

  /** `sendByMs`: the connector may send it until then, by the exchange's clock. */
  place(
    request: PlaceRequest & { readonly sendByMs: number },
    instrument: Instrument,
    done: (outcome: SendOutcome) => void,
  ): void {
    if (this.waiting.length === 0) queueMicrotask(() => this.flush());
    this.waiting.push({ request: this.worded(request, instrument), done });
  }

  private flush(): void {
    const { waiting } = this;
    this.waiting = [];
    for (let from = 0; from < waiting.length; from += BATCH_MAX) {
      const chunk = waiting.slice(from, from + BATCH_MAX);
      const [only] = chunk;
      if (chunk.length === 1 && only !== undefined) void this.one(only);
      else void this.many(chunk);
    }
  }

  private async one({ request, done }: Waiting): Promise<void> {
    done(
      await this.connection.client.placeOrder(request).then(
        ({ outcome }): SendOutcome => acceptedOr(outcome?.order?.orderId),
        (error: unknown) => sendOutcomeOf(refusalOf(error)),
      ),
    );
  }

  private async many(chunk: readonly Waiting[]): Promise<void> {
    const { client, exchange } = this.connection;
    const outcomes = await client.batchPlaceOrders({ exchange, orders: chunk.map(({ request }) => request) }).then(
      (answer) => this.matched(chunk, answer.outcomes),
      (error: unknown) => chunk.map(() => sendOutcomeOf(refusalOf(error))),
    );
    for (const [i, { done }] of chunk.entries()) done(outcomes[i] ?? NOT_TOLD);
  }

  /** EXCH-12: results are matched by client id, never by position alone. */
  private matched(
    chunk: readonly Waiting[],
    outcomes: readonly {
      readonly clientOrderId: string;
      readonly order?: { readonly orderId: string } | undefined;
      readonly error?: Parameters<typeof saidBy>[0] | undefined;
    }[],
  ): SendOutcome[] {
    const byId = new Map(outcomes.map((outcome) => [outcome.clientOrderId, outcome]));
    return chunk.map(({ request }) => {
      const outcome = byId.get(request.clientOrderId);
      if (outcome === undefined) return NOT_TOLD;
      return outcome.error === undefined ? acceptedOr(outcome.order?.orderId) : sendOutcomeOf(saidBy(outcome.error));
    });
  }

  private worded(
    { clientOrderId, order, sendByMs }: PlaceRequest & { readonly sendByMs: number },
    instrument: Instrument,
  ): PlaceOrderRequest {
    const { connection, placer } = this;
    return {
      exchange: connection.exchange,
      symbol: order.symbol,
      side: wireSide(order.side),
      type: OrderType.LIMIT,
      timeInForce: TimeInForce[order.timeInForce],
      quantity: { value: gridOf(instrument.lotSize).text(order.quantity) },
      price: { value: gridOf(instrument.tickSize).text(order.price) },
      reduceOnly: order.reduceOnly,
      postOnly: order.postOnly,
      clientOrderId,
      useMargin: false,
      borrowMode: "",
      botId: placer.botId,
      epoch: placer.epoch(),
      effectId: "",
      sendByMs,
    };
  }
}

const NOT_TOLD: SendOutcome = { result: "unknown", text: "the connector's answer does not speak of this order" };

const acceptedOr = (orderId: string | undefined): SendOutcome =>
  orderId === undefined || orderId === ""
    ? { result: "unknown", text: "the connector's answer names no order" }
    : { result: "accepted", exchangeOrderId: orderId };
