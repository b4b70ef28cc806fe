// What clients that hand out Binance's own bodies have in common in the flow of EMU-38: calls in the exchange's names,
// and events as they came.

import type { FlowClient, FlowOrder, HeardOrder } from "./usdm-flow.ts";
import { BTCUSDT, type UsdmStage } from "./usdm-stage.ts";

export type Body = Readonly<Record<string, unknown>>;

/** An order in the exchange's names. SDKs want numbers where the exchange reads text. */
export interface WireOrder {
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly type: "LIMIT";
  readonly timeInForce: "GTC" | "GTX";
  readonly quantity: number;
  readonly price: number;
  readonly newClientOrderId: string;
}

export interface RawCalls {
  info(): Promise<Body>;
  balances(): Promise<readonly Body[]>;
  dual(): Promise<Body>;
  commission(): Promise<Body>;
  place(order: WireOrder): Promise<Body>;
  placeMany(orders: readonly WireOrder[]): Promise<readonly Body[]>;
  modify(change: {
    symbol: string;
    orderId: number;
    side: "BUY" | "SELL";
    quantity: number;
    price: number;
  }): Promise<unknown>;
  cancel(by: { symbol: string; origClientOrderId: string }): Promise<unknown>;
  cancelAll(): Promise<unknown>;
  positions(): Promise<readonly Body[]>;
  trades(): Promise<readonly Body[]>;
  income(): Promise<readonly Body[]>;
  query(by: { symbol: string; origClientOrderId: string }): Promise<Body>;
}

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

export abstract class RawFlow implements FlowClient {
  readonly heard = { books: 0, trades: 0, orders: new Map<string, HeardOrder>(), fills: 0 };
  readonly complaints: unknown[] = [];
  protected readonly stage: UsdmStage;
  private readonly calls: RawCalls;

  constructor(stage: UsdmStage, calls: RawCalls) {
    this.stage = stage;
    this.calls = calls;
  }

  abstract subscribe(): Promise<void>;

  get sockets(): number {
    return this.stage.emulator.control.sockets().filter(({ subscriptions }) => subscriptions.length > 0).length;
  }

  async markets(): Promise<readonly string[]> {
    const symbols = (await this.calls.info())["symbols"] as readonly Body[];
    return symbols.filter(({ status }) => status === "TRADING").map(({ symbol }) => text(symbol));
  }

  async balance(): Promise<{ total: string; free: string }> {
    const usdt = (await this.calls.balances()).find(({ asset }) => asset === "USDT");
    return { total: text(usdt?.["balance"]), free: text(usdt?.["availableBalance"]) };
  }

  async oneWay(): Promise<boolean> {
    return (await this.calls.dual())["dualSidePosition"] === false;
  }

  async makerFee(): Promise<string> {
    return text((await this.calls.commission())["makerCommissionRate"]);
  }

  async place(order: FlowOrder): Promise<{ id: string }> {
    return { id: text((await this.calls.place(wireOrder(order)))["orderId"]) };
  }

  async placeMany(orders: readonly FlowOrder[]): Promise<readonly (true | number)[]> {
    const results = await this.calls.placeMany(orders.map(wireOrder));
    return results.map(({ code }) => (typeof code === "number" ? code : true));
  }

  async amend(order: FlowOrder, orderId: string): Promise<void> {
    const { symbol, side, quantity, price } = wireOrder(order);
    await this.calls.modify({ symbol, side, quantity, price, orderId: Number(orderId) });
  }

  async cancel(id: string): Promise<void> {
    await this.calls.cancel({ symbol: BTCUSDT, origClientOrderId: id });
  }

  async cancelAll(): Promise<void> {
    await this.calls.cancelAll();
  }

  async position(): Promise<string> {
    const held = (await this.calls.positions()).find(({ symbol }) => symbol === BTCUSDT);
    return text(held?.["positionAmt"] ?? "0");
  }

  async fills(): Promise<readonly { price: string; quantity: string }[]> {
    return (await this.calls.trades()).map(({ price, qty }) => ({ price: text(price), quantity: text(qty) }));
  }

  async funding(): Promise<readonly string[]> {
    return (await this.calls.income()).map(({ income }) => text(income));
  }

  async lookUp(id: string): Promise<HeardOrder> {
    const order = await this.calls.query({ symbol: BTCUSDT, origClientOrderId: id });
    return { status: text(order["status"]), filled: text(order["executedQty"]) };
  }

  codeOf(error: unknown): number {
    const code = typeof error === "object" && error !== null ? (error as Body)["code"] : undefined;
    return typeof code === "number" ? code : 0;
  }

  /** One event of any stream. */
  protected hear(event: Body): void {
    if (event["e"] === "depthUpdate") this.heard.books += 1;
    else if (event["e"] === "aggTrade") this.heard.trades += 1;
    else if (event["e"] === "ORDER_TRADE_UPDATE") {
      const order = event["o"] as Body;
      this.heard.orders.set(text(order["c"]), { status: text(order["X"]), filled: text(order["z"]) });
      if (order["x"] === "TRADE") this.heard.fills += 1;
    }
  }
}

export const wireOrder = ({ id, side, price, quantity, postOnly = false }: FlowOrder): WireOrder => ({
  symbol: BTCUSDT,
  side: side === "buy" ? "BUY" : "SELL",
  type: "LIMIT",
  timeInForce: postOnly ? "GTX" : "GTC",
  quantity: Number(quantity),
  price: Number(price),
  newClientOrderId: id,
});
