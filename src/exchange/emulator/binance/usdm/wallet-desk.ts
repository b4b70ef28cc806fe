// One wallet as Binance USDⓈ-M sees it: its orders and trades remembered, and everything the simulated exchange tells
// it turned into user events (EMU-16). It sends nothing itself and decides nothing about an order.

import type { Prng } from "../../../../base/prng.ts";
import { signOf } from "../../../../market/amounts.ts";
import { unitMoney } from "../../../../market/instrument.ts";
import type { SimAccount } from "../../../../sim/clearing.ts";
import type { SimOrder } from "../../../../sim/order.ts";
import type { SessionMessage } from "../../../../sim/session.ts";
import type { FillEvent, OrderEvent } from "../../../../trading/event.ts";
import { type EmulatedAccount, type EmulatedInstrument, type EmulatorWorld, walletOf } from "../../world.ts";
import { type AccountChange, accountUpdate } from "./account-events.ts";
import { QUOTE } from "./account-view.ts";
import { type MarginView, MarginWatch } from "./margin-watch.ts";
import { appearingOrder, endOf, formOf, isForced, keptOrder, orderOfFill } from "./order-making.ts";
import {
  isOpen,
  type OrderForm,
  OrderMemory,
  orderNumber,
  RunningPosition,
  type UsdmOrder,
  type UsdmTrade,
} from "./order-memory.ts";
import { type OrderEventFacts, orderEvent, tradeLiteEvent } from "./shapes.ts";

type OrderMessage = Omit<OrderEvent, "atMs">;
type FillMessage = Omit<FillEvent, "atMs">;

export interface DeskOptions {
  readonly world: EmulatorWorld;
  readonly account: EmulatedAccount;
  /** Decides which of a fill's two events goes first. */
  readonly prng: Prng;
  readonly instrumentOf: (symbol: string) => EmulatedInstrument | null;
  /** Tells the wallet's listeners. */
  readonly tell: (event: string, symbol: string | null, body: Record<string, unknown>) => void;
  /** Money and positions as they are now. */
  readonly margin: () => MarginView;
  /** A position was closed by force, for the public stream of liquidations. */
  readonly forced: (order: UsdmOrder, trade: UsdmTrade) => void;
}

export class WalletDesk {
  readonly memory = new OrderMemory();
  readonly wallet: string;
  readonly account: EmulatedAccount;
  private readonly options: DeskOptions;
  private readonly positions = new Map<string, RunningPosition>();
  private readonly unfollow: () => void;
  private readonly margin: MarginWatch;
  private expected: { readonly clientOrderId: string; readonly form: OrderForm } | null = null;

  constructor(options: DeskOptions) {
    this.options = options;
    this.account = options.account;
    this.wallet = walletOf(options.account.name, "binance-usdm");
    this.margin = new MarginWatch({
      clock: options.world.clock,
      view: options.margin,
      tell: (body) => options.tell("MARGIN_CALL", null, body),
    });
    this.recall();
    this.unfollow = options.world.follow(this.wallet, (symbol, message) => this.heard(symbol, message));
    this.margin.look();
  }

  get holdings(): SimAccount {
    return this.options.world.exchange.clearing.account(this.wallet);
  }

  /** While `act` runs, an order of that client id that appears was asked for like this. */
  expecting<T>(clientOrderId: string, form: OrderForm, act: () => T): T {
    this.expected = { clientOrderId, form };
    try {
      return act();
    } finally {
      this.expected = null;
    }
  }

  /** The order as the simulated exchange has it, should its message still be under way. */
  learn(clientOrderId: string, form: OrderForm): UsdmOrder | null {
    const known = this.kept(clientOrderId);
    if (known === undefined) return null;
    return this.memory.byId(orderNumber(known.exchangeOrderId)) ?? this.remember(known, form);
  }

  /** Money came from outside, or went there. */
  deposited(asset: string, amount: bigint): void {
    if (asset === QUOTE) this.tellAccount([], { reason: amount < 0n ? "WITHDRAW" : "DEPOSIT", change: amount });
  }

  /** Tells an event of the account's own settings. */
  tellEvent(event: string, symbol: string | null, body: Record<string, unknown>): void {
    this.options.tell(event, symbol, body);
  }

  /** Time the account is shown. */
  nowMs(): number {
    return this.options.world.timeFor(this.account);
  }

  close(): void {
    this.unfollow();
    this.margin.end();
  }

  private heard(symbol: string, message: SessionMessage): void {
    const instrument = this.options.instrumentOf(symbol);
    if (instrument === null) return;
    if (message.kind === "order") this.orderChanged(instrument, message);
    else if (message.kind === "fill") this.filled(instrument, message);
    else if (message.kind === "funding-settled") {
      const isolated = this.account.marginMode.get(symbol) === "isolated";
      const why = { reason: "FUNDING_FEE", change: message.amount, fundingOf: instrument } as const;
      this.tellAccount(isolated ? [instrument] : [], why);
    }
  }

  private orderChanged(instrument: EmulatedInstrument, message: OrderMessage): void {
    const atMs = this.nowMs();
    const known = this.memory.byId(orderNumber(message.exchangeOrderId));
    const order = known ?? this.appear(instrument, message);
    if (known === null) this.tellOrder({ order, execution: "NEW", trade: null, atMs });
    if (!isOpen(order)) return;
    switch (message.status) {
      case "open":
        if (order.price === message.price && order.quantity === message.quantity) return;
        order.price = message.price;
        order.quantity = message.quantity;
        order.updatedMs = atMs;
        this.tellOrder({ order, execution: "AMENDMENT", trade: null, atMs });
        return;
      case "filled":
        // its last fill has told it
        return;
      case "canceled":
      case "expired": {
        const [execution, status] = endOf(message);
        this.memory.end(order, status, atMs);
        this.tellOrder({ order, execution, trade: null, atMs });
      }
    }
  }

  private filled(instrument: EmulatedInstrument, fill: FillMessage): void {
    const skewMs = this.nowMs() - this.options.world.clock.nowMs();
    const atMs = fill.exchangeAtMs + skewMs;
    const order = this.memory.byId(orderNumber(fill.exchangeOrderId)) ?? this.appearWith(instrument, fill, atMs);
    const trade = this.book(order, fill, atMs);
    const forced = isForced(fill);
    const execution = forced ? "CALCULATED" : "TRADE";
    const tellOrder = (): void => this.tellOrder({ order, execution, trade, atMs });
    const tellAccount = (): void => this.tellAccount([instrument], { reason: "ORDER", change: 0n }, atMs);
    if (!forced) this.options.tell("TRADE_LITE", instrument.instrument.symbol, tradeLiteEvent(trade, this.nowMs()));
    const accountFirst = this.options.prng.chance(0.5);
    if (accountFirst) tellAccount();
    tellOrder();
    if (!accountFirst) tellAccount();
    if (forced) this.options.forced(order, trade);
    this.margin.look();
  }

  /** A fill that happens now: the order goes on, or is done. */
  private book(order: UsdmOrder, fill: FillMessage, atMs: number): UsdmTrade {
    order.filled += fill.quantity;
    order.updatedMs = atMs;
    if (order.filled >= order.quantity) this.memory.end(order, "FILLED", atMs);
    else order.status = "PARTIALLY_FILLED";
    return this.note(order, fill, atMs);
  }

  /** Remembers a fill, what it was worth and what it realized. */
  private note(order: UsdmOrder, fill: FillMessage, atMs: number): UsdmTrade {
    const value = BigInt(fill.price) * BigInt(fill.quantity);
    order.filledValue += value;
    const signed = fill.quantity * signOf(fill.side);
    const realized = this.position(fill.symbol).book(signed, value * unitMoney(order.instrument));
    const trade = { id: Number.parseInt(fill.tradeId, 10), order, fill, realized, atMs };
    this.memory.addTrade(trade);
    return trade;
  }

  private appear(instrument: EmulatedInstrument, message: OrderMessage): UsdmOrder {
    const asked = this.expected?.clientOrderId === message.clientOrderId ? this.expected.form : null;
    const form = asked ?? formOf(this.kept(message.clientOrderId));
    const order = appearingOrder(instrument, message, { form, atMs: this.nowMs() });
    this.memory.add(order);
    return order;
  }

  private appearWith(instrument: EmulatedInstrument, fill: FillMessage, atMs: number): UsdmOrder {
    const order = orderOfFill(instrument, fill, { kept: this.kept(fill.clientOrderId), atMs });
    this.memory.add(order);
    return order;
  }

  private kept(clientOrderId: string | null): SimOrder | undefined {
    if (clientOrderId === null) return undefined;
    return this.options.world.exchange.desk.ledger.find(this.wallet, clientOrderId);
  }

  private position(symbol: string): RunningPosition {
    const known = this.positions.get(symbol);
    if (known !== undefined) return known;
    const made = new RunningPosition({ lots: 0, cost: 0n });
    this.positions.set(symbol, made);
    return made;
  }

  /** What happened before anybody asked for this wallet here: after a restore, or by the control API. */
  private recall(): void {
    const { exchange } = this.options.world;
    const { ledger } = exchange.desk;
    for (const order of [...ledger.openOrders(this.wallet), ...ledger.endedSince(this.wallet, -1)]) {
      if (this.options.instrumentOf(order.symbol) !== null) this.remember(order, formOf(order));
    }
    for (const symbol of exchange.markets.keys()) {
      const instrument = this.options.instrumentOf(symbol);
      if (instrument === null) continue;
      for (const { fill, atUs } of ledger.fillsSince(this.wallet, symbol, { n: 0, sinceUs: 0 })) {
        const atMs = Math.floor(atUs / 1000);
        const order = this.memory.byId(orderNumber(fill.exchangeOrderId)) ?? this.appearWith(instrument, fill, atMs);
        // a kept order was remembered with what it filled; that of a liquidation is whole with its one fill
        if (order.type === "LIQUIDATION") this.book(order, fill, atMs);
        else this.note(order, fill, atMs);
      }
      const { lots, cost } = exchange.clearing.holding(this.holdings, symbol);
      const { realized } = this.position(symbol);
      this.positions.set(symbol, Object.assign(new RunningPosition({ lots, cost }), { realized }));
    }
  }

  private remember(kept: SimOrder, form: OrderForm): UsdmOrder | null {
    const instrument = this.options.instrumentOf(kept.symbol);
    if (instrument === null) return null;
    const order = keptOrder(instrument, kept, form);
    this.memory.add(order);
    return order;
  }

  private tellOrder(facts: Omit<OrderEventFacts, "eventMs">): void {
    const body = orderEvent({ ...facts, eventMs: this.nowMs() });
    this.options.tell("ORDER_TRADE_UPDATE", facts.order.instrument.symbol, body);
  }

  private tellAccount(
    instruments: readonly EmulatedInstrument[],
    why: Pick<AccountChange, "reason" | "change"> & { readonly fundingOf?: EmulatedInstrument },
    atMs = this.nowMs(),
  ): void {
    const { world, account } = this.options;
    const body = accountUpdate(world.exchange, {
      wallet: this.wallet,
      account,
      reason: why.reason,
      change: why.change,
      fundingOf: why.fundingOf?.wireName ?? null,
      instruments,
      realizedOf: (symbol) => this.position(symbol).realized,
      atMs,
      eventMs: this.nowMs(),
    });
    this.options.tell("ACCOUNT_UPDATE", (why.fundingOf ?? instruments[0])?.instrument.symbol ?? null, body);
  }
}
