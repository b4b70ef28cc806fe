// The matching engine's desk: orders arrive, are judged, trade, rest, are amended and end; every change is booked, told
// to the account and recorded, in that order. It knows no latency and no faults: it is the exchange as it truly is.

import { present } from "../base/assert.ts";
import { lots, type Side, ticks } from "../market/amounts.ts";
import { foreignOrderId } from "../trading/client-order-id.ts";
import type { FillEvent, OrderEvent } from "../trading/event.ts";
import type { OrderStatus, RejectReason } from "../trading/order.ts";
import type { Clearing, SimAccount } from "./clearing.ts";
import { feeOf } from "./fees.ts";
import type { SimMarket } from "./market.ts";
import { firstMeeting, reachable, takeLiquidity } from "./matching.ts";
import type { SimulationOptions } from "./options.ts";
import { leftOf, NO_PLACE, orderView, type SimOrder } from "./order.ts";
import { OrderLedger } from "./order-ledger.ts";
import {
  checkFilters,
  countOpen,
  hasFunds,
  type OrderRequest,
  type Refusal,
  reducibleLots,
  refuse,
} from "./order-rules.ts";
import type { RecordEntry } from "./record.ts";

export type PlaceReply =
  | { readonly result: "accepted"; readonly exchangeOrderId: string }
  | { readonly result: "duplicate"; readonly exchangeOrderId: string }
  | { readonly result: "rejected"; readonly reason: RejectReason; readonly text: string };
export type CancelReply = { readonly result: "accepted" } | { readonly result: "not-open"; readonly text: string };
export type AmendReply = PlaceReply | { readonly result: "not-open"; readonly text: string };

export type PrivateMessage = Omit<OrderEvent, "atMs"> | Omit<FillEvent, "atMs">;
type WithoutStamp<E> = E extends RecordEntry ? Omit<E, "n" | "atUs"> : never;
export type RecordBody = WithoutStamp<RecordEntry>;

export interface DeskOutlet {
  nowUs(): number;
  toAccount(account: string, message: PrivateMessage): void;
  record(entry: RecordBody): void;
  /** A position or balance changed: liquidation marks are to be computed again. */
  changed(account: SimAccount, market: SimMarket): void;
}

/** How a fill came about. */
interface Execution {
  readonly quantity: number;
  readonly price: number;
  readonly liquidity: "maker" | "taker";
  readonly counterparty: string;
}

export class OrderDesk {
  readonly ledger: OrderLedger;
  orderCount = 0;
  tradeCount = 0;
  priority = 0;
  private readonly options: SimulationOptions;
  private readonly markets: ReadonlyMap<string, SimMarket>;
  private readonly marketList: readonly SimMarket[];
  private readonly clearing: Clearing;
  private readonly out: DeskOutlet;
  private readonly recording: boolean;

  constructor(
    options: SimulationOptions,
    world: { readonly markets: ReadonlyMap<string, SimMarket>; readonly clearing: Clearing },
    out: DeskOutlet,
  ) {
    this.options = options;
    this.markets = world.markets;
    this.marketList = [...world.markets.values()];
    this.clearing = world.clearing;
    this.out = out;
    this.recording = options.record !== null;
    this.ledger = new OrderLedger({ orders: options.ordersKept, fills: options.fillsKept });
  }

  place(accountName: string, request: OrderRequest): PlaceReply {
    const account = this.clearing.account(accountName);
    const market = this.markets.get(request.symbol);
    if (market === undefined) return this.refused(accountName, request, refuse("OTHER", "no such instrument"));
    const twin = this.twin(accountName, request.clientOrderId);
    if (twin !== undefined) {
      this.refused(accountName, request, refuse("OTHER", "duplicate client order id"));
      return { result: "duplicate", exchangeOrderId: twin.exchangeOrderId };
    }
    const order = this.draft(accountName, request);
    const refusal = this.judge(account, market, order, request);
    if (refusal !== null) return this.refused(accountName, request, refusal);
    return this.accept(account, market, order);
  }

  cancel(accountName: string, symbol: string, clientOrderId: string): CancelReply {
    const order = this.ledger.openOrder(accountName, clientOrderId);
    if (order === undefined || order.symbol !== symbol) {
      return { result: "not-open", text: "the order is not open, or unknown" };
    }
    this.end(order, "canceled", "asked for");
    return { result: "accepted" };
  }

  /**
   * New price and quantity of an open order. Same price and no larger quantity keeps the place in the queue (BT-17),
   * unless the exchange is one where every amendment loses it (`requeue`).
   */
  amend(
    accountName: string,
    clientOrderId: string,
    to: { readonly price: number; readonly quantity: number; readonly requeue?: boolean },
  ): AmendReply {
    const order = this.ledger.openOrder(accountName, clientOrderId);
    if (order === undefined) return { result: "not-open", text: "the order is not open, or unknown" };
    const market = this.market(order.symbol);
    const account = this.clearing.account(accountName);
    const refusal = this.judgeAmendment(account, market, order, to);
    if (refusal !== null) return this.refused(accountName, { ...order, ...to }, refusal);
    const holding = this.clearing.holding(account, order.symbol);
    const keeps = to.requeue !== true && to.price === order.price && to.quantity <= order.quantity;
    countOpen(holding, order, -leftOf(order));
    if (!keeps) market.resting.remove(order);
    order.price = to.price;
    order.quantity = to.quantity;
    this.ledger.touched();
    countOpen(holding, order, leftOf(order));
    if (this.recording) {
      const { exchangeOrderId } = order;
      this.out.record({
        kind: "amended",
        account: accountName,
        symbol: order.symbol,
        clientOrderId,
        exchangeOrderId,
        price: to.price,
        quantity: to.quantity,
        keptPlace: keeps,
      });
    }
    this.out.toAccount(accountName, orderView(order, "stream"));
    if (!keeps) this.takeOrRest(account, market, order);
    return { result: "accepted", exchangeOrderId: order.exchangeOrderId };
  }

  /**
   * Gives an open order another client id, as Binance spot does when it amends one. False: it is not open, or the new
   * id is taken. Nothing is told: the amendment that follows tells it.
   */
  rename(accountName: string, clientOrderId: string, to: string): boolean {
    return this.ledger.rename(accountName, clientOrderId, to);
  }

  /** A resting order trades with the market. */
  fillResting(market: SimMarket, order: SimOrder, quantity: number, price: number): void {
    // an earlier fill of the same row may have ended it: nothing left to reduce, or liquidated
    if (order.status !== "open") return;
    const executable = this.executable(order, quantity);
    if (executable > 0)
      this.execute(market, order, { quantity: executable, price, liquidity: "maker", counterparty: "market" });
    if (order.status === "open" && executable < quantity) this.endUnreducible(order);
  }

  /** Ends every open order of an account in a market: liquidation, delisting. */
  cancelAll(accountName: string, symbol: string, why: string): void {
    for (const order of this.ledger.openOrders(accountName)) {
      if (order.symbol === symbol) this.end(order, "canceled", why);
    }
  }

  end(order: SimOrder, status: Exclude<OrderStatus, "open">, why: string, reason: RejectReason | null = null): void {
    const market = this.market(order.symbol);
    if (order.status === "open") {
      const holding = this.clearing.holding(this.clearing.account(order.account), order.symbol);
      countOpen(holding, order, -leftOf(order));
      holding.openOrders -= 1;
      if (holding.openOrders === 0) holding.openBuyValue = holding.openSellValue = 0;
      if (order.priority >= 0) market.resting.remove(order);
    }
    order.status = status;
    order.reason = reason;
    order.endedUs = this.out.nowUs();
    this.ledger.finish(order);
    this.out.toAccount(order.account, orderView(order, "stream"));
    if (!this.recording) return;
    const { account, symbol, clientOrderId, exchangeOrderId, filled } = order;
    this.out.record({
      kind: "ended",
      account,
      symbol,
      clientOrderId,
      exchangeOrderId,
      status,
      cumulative: filled,
      why,
    });
  }

  private market(symbol: string): SimMarket {
    return present(this.markets.get(symbol), `market ${symbol}`);
  }

  private twin(account: string, clientOrderId: string): SimOrder | undefined {
    if (this.options.profile.duplicateId === "always") return this.ledger.find(account, clientOrderId);
    return this.ledger.openOrder(account, clientOrderId);
  }

  private draft(account: string, request: OrderRequest): SimOrder {
    return {
      exchangeOrderId: "",
      account,
      symbol: request.symbol,
      clientOrderId: request.clientOrderId,
      side: request.side,
      timeInForce: request.timeInForce,
      postOnly: request.postOnly,
      reduceOnly: request.reduceOnly,
      price: request.price,
      quantity: request.quantity,
      filled: 0,
      status: "open",
      reason: null,
      priority: -1,
      ahead: NO_PLACE,
      traded: 0,
      acceptedUs: this.out.nowUs(),
      endedUs: 0,
    };
  }

  private judge(account: SimAccount, market: SimMarket, order: SimOrder, request: OrderRequest): Refusal | null {
    const { profile } = this.options;
    const holding = this.clearing.holding(account, market.symbol);
    const limits = { openOrders: holding.openOrders, priceBandPpm: profile.priceBandPpm };
    const refusal = checkFilters(market, request, limits);
    if (refusal !== null) return refusal;
    if (order.reduceOnly && market.instrument.kind === "perpetual") {
      const reducible = reducibleLots(holding, order.side);
      if (reducible === 0) return refuse("REDUCE_ONLY_REJECTED", "there is no position the order would reduce");
      if (reducible < order.quantity) {
        if (profile.reduceOnly === "reject")
          return refuse("REDUCE_ONLY_REJECTED", "the order is larger than the position");
        order.quantity = reducible;
      }
    } else if (!this.funded(account, market, order, null)) {
      return refuse("INSUFFICIENT_FUNDS", "the account cannot carry this order");
    }
    if (order.postOnly && profile.postOnly === "reject" && firstMeeting(market, order) !== 0) {
      return refuse("POST_ONLY_WOULD_TAKE", "the post-only order would take");
    }
    const expires = market.instrument.kind === "spot" && profile.fokOnSpot === "expire";
    if (order.timeInForce === "FOK" && !expires && reachable(market, order) < order.quantity) {
      return refuse("FILL_OR_KILL", "the order cannot be filled at once");
    }
    return null;
  }

  private judgeAmendment(
    account: SimAccount,
    market: SimMarket,
    order: SimOrder,
    to: { readonly price: number; readonly quantity: number },
  ): Refusal | null {
    if (to.quantity <= order.filled) return refuse("OTHER", `${order.filled} lots are filled already`);
    const changed = { ...order, ...to };
    const refusal = checkFilters(market, changed, { openOrders: 0, priceBandPpm: this.options.profile.priceBandPpm });
    if (refusal !== null) return refusal;
    if (order.reduceOnly) {
      const reducible = reducibleLots(this.clearing.holding(account, market.symbol), order.side);
      if (leftOf(changed) > reducible) return refuse("REDUCE_ONLY_REJECTED", "the order is larger than the position");
    } else if (!this.funded(account, market, changed, order)) {
      return refuse("INSUFFICIENT_FUNDS", "the account cannot carry this order");
    }
    if (order.postOnly && firstMeeting(market, changed) !== 0) {
      return refuse("POST_ONLY_WOULD_TAKE", "the post-only order would take");
    }
    return null;
  }

  private funded(account: SimAccount, market: SimMarket, order: SimOrder, replaced: SimOrder | null): boolean {
    const { ledger, clearing } = this;
    const holding = clearing.holding(account, market.symbol);
    if (replaced !== null) countOpen(holding, replaced, -leftOf(replaced));
    const open = (): Iterable<SimOrder> => {
      const orders = ledger.openOrders(account.name);
      return replaced === null ? orders : [...orders].filter((each) => each !== replaced);
    };
    const { side, price } = order;
    const quantity = leftOf(order);
    const enough = hasFunds({ clearing, account, market, markets: this.marketList, side, price, quantity, open });
    if (replaced !== null) countOpen(holding, replaced, leftOf(replaced));
    return enough;
  }

  private accept(account: SimAccount, market: SimMarket, order: SimOrder): PlaceReply {
    this.orderCount += 1;
    order.exchangeOrderId = String(this.orderCount);
    const holding = this.clearing.holding(account, market.symbol);
    holding.openOrders += 1;
    countOpen(holding, order, leftOf(order));
    this.ledger.addOpen(order);
    if (this.recording) {
      const { clientOrderId, exchangeOrderId, side, price, quantity, reduceOnly, symbol } = order;
      const body = { clientOrderId, exchangeOrderId, side, price, quantity, reduceOnly, symbol };
      this.out.record({ kind: "accepted", account: account.name, ...body });
    }
    if (this.options.openOnStream) this.out.toAccount(account.name, orderView(order, "stream"));
    this.takeOrRest(account, market, order);
    return { result: "accepted", exchangeOrderId: order.exchangeOrderId };
  }

  private takeOrRest(account: SimAccount, market: SimMarket, order: SimOrder): void {
    order.priority = -1;
    const killed = order.timeInForce === "FOK" && reachable(market, order) < order.quantity;
    if (!killed && firstMeeting(market, order) !== 0) {
      if (order.postOnly) {
        this.end(order, "canceled", "post-only would take", "POST_ONLY_WOULD_TAKE");
        return;
      }
      this.take(account, market, order);
    }
    if (order.status !== "open") return;
    if (order.timeInForce !== "GTC") {
      this.end(order, "expired", "not filled at once");
      return;
    }
    this.priority += 1;
    order.priority = this.priority;
    market.enqueue(order);
    market.resting.add(order);
  }

  private take(account: SimAccount, market: SimMarket, order: SimOrder): void {
    const how = takeLiquidity(market, order, this.options.profile.selfTrade, {
      withMarket: (quantity, price) => {
        this.execute(market, order, { quantity, price, liquidity: "taker", counterparty: "market" });
      },
      withResting: (maker, wanted) => {
        const quantity = this.executable(maker, wanted);
        const { price } = maker;
        if (quantity > 0) {
          this.execute(market, maker, { quantity, price, liquidity: "maker", counterparty: account.name });
          this.execute(market, order, { quantity, price, liquidity: "taker", counterparty: maker.account });
        }
        if (maker.status === "open" && quantity < wanted) this.endUnreducible(maker);
      },
      cancelMaker: (maker) => this.end(maker, "canceled", "self-trade prevention", "SELF_TRADE"),
    });
    if (how === "selfTrade" && order.status === "open") {
      this.end(order, "canceled", "self-trade prevention", "SELF_TRADE");
    }
  }

  /** Lots of the order that may trade: a reduce-only order never turns the position over. */
  private executable(order: SimOrder, quantity: number): number {
    const market = this.market(order.symbol);
    if (!order.reduceOnly || market.instrument.kind === "spot") return quantity;
    const holding = this.clearing.holding(this.clearing.account(order.account), order.symbol);
    return Math.min(quantity, reducibleLots(holding, order.side));
  }

  private endUnreducible(order: SimOrder): void {
    this.end(order, "canceled", "nothing left to reduce", "REDUCE_ONLY_REJECTED");
  }

  private execute(market: SimMarket, order: SimOrder, execution: Execution): void {
    const account = this.clearing.account(order.account);
    const holding = this.clearing.holding(account, order.symbol);
    const { quantity } = execution;
    countOpen(holding, order, -quantity);
    order.filled += quantity;
    const { symbol, clientOrderId, exchangeOrderId, side } = order;
    const id = { clientOrderId, exchangeOrderId };
    this.bookFill(account, market, { ...id, symbol, side, ...execution, origin: "order", extraPpm: 0 });
    if (leftOf(order) === 0) this.end(order, "filled", "filled");
    else this.out.toAccount(order.account, orderView(order, "stream"));
    if (holding.lots === 0 && holding.openOrders > 0) this.endReduceOnly(account, market);
    this.out.changed(account, market);
  }

  /** Books, tells and records one fill of an account: of an order of its own, or of its liquidation. */
  bookFill(
    account: SimAccount,
    market: SimMarket,
    fill: Execution & {
      readonly side: Side;
      readonly clientOrderId: string | null;
      readonly exchangeOrderId: string;
      readonly origin: "order" | "liquidation" | "adl";
      readonly extraPpm: number;
    } & { readonly symbol: string },
  ): void {
    const { instrument } = market;
    const { side, liquidity, origin, exchangeOrderId, clientOrderId, counterparty } = fill;
    const price = ticks(fill.price);
    const quantity = lots(fill.quantity);
    const question = { instrument, side, price, quantity, liquidity, extraPpm: fill.extraPpm };
    const fee = feeOf(account.fees ?? market.fees, question, (asset) => this.clearing.balance(account, asset));
    this.clearing.book(account, { market, side, price, quantity, fee });
    this.tradeCount += 1;
    const tradeId = String(this.tradeCount);
    const body: Omit<FillEvent, "atMs"> = {
      kind: "fill",
      symbol: market.symbol,
      tradeId,
      clientOrderId: clientOrderId === null ? null : foreignOrderId(clientOrderId),
      exchangeOrderId,
      side,
      price,
      quantity,
      feeAsset: fee.asset,
      fee: fee.amount,
      liquidity,
      origin,
      exchangeAtMs: Math.floor(this.out.nowUs() / 1000),
    };
    this.ledger.addFill({ n: this.tradeCount, account: account.name, atUs: this.out.nowUs(), fill: body });
    this.out.toAccount(account.name, body);
    if (!this.recording) return;
    const who = { account: account.name, symbol: market.symbol, clientOrderId, exchangeOrderId, tradeId };
    const what = { side, price: fill.price, quantity: fill.quantity, fee: String(fee.amount), feeAsset: fee.asset };
    this.out.record({ kind: "fill", ...who, ...what, liquidity, origin, counterparty });
    for (const asset of new Set([instrument.quote, fee.asset, instrument.base])) {
      const amount = String(this.clearing.balance(account, asset));
      this.out.record({ kind: "balance", account: account.name, symbol: market.symbol, asset, amount });
    }
  }

  /** A flat position leaves its reduce-only orders nothing to do. */
  private endReduceOnly(account: SimAccount, market: SimMarket): void {
    if (market.instrument.kind === "spot") return;
    for (const order of this.ledger.openOrders(account.name)) {
      if (order.reduceOnly && order.symbol === market.symbol) this.endUnreducible(order);
    }
  }

  private refused(account: string, request: OrderRequest, refusal: Refusal): PlaceReply {
    if (this.recording) {
      const { symbol, clientOrderId } = request;
      this.out.record({ kind: "refused", account, symbol, clientOrderId, ...refusal });
    }
    return { result: "rejected", ...refusal };
  }
}
