// The events of one account: hears what the simulated exchange tells its wallet, and makes of it what Binance spot
// sends. Starts with the first listener and ends with the last; what happened in between is asked for by REST, as on
// the exchange.

import type { SimOrder } from "../../../../sim/order.ts";
import type { SessionMessage } from "../../../../sim/session.ts";
import type { EmulatedAccount, EmulatedInstrument, EmulatorWorld } from "../../world.ts";
import type { AccountView } from "./account-view.ts";
import type { OrderRecords } from "./order-records.ts";
import { accountPosition, balanceUpdate, type Execution, executionReport } from "./user-events.ts";

/** Hears one event, as a value for JSON. `symbol` is ours; null of money that belongs to no instrument. */
export type UserListener = (event: Record<string, unknown>, symbol: string | null) => void;

/** Under which ids orders were cancelled or amended; shared by every feed of the market. */
export class EventIds {
  private readonly cancels = new Map<string, string>();
  private readonly names = new Map<string, string>();
  /** Counts reports. */
  executions = 0;

  canceledUnder(orderId: string, cancelId: string): void {
    this.cancels.set(orderId, cancelId);
  }

  renamed(orderId: string, was: string): void {
    this.names.set(orderId, was);
  }

  takeCancel(orderId: string): string | null {
    return taken(this.cancels, orderId);
  }

  takeName(orderId: string): string | null {
    return taken(this.names, orderId);
  }
}

function taken(map: Map<string, string>, key: string): string | null {
  const value = map.get(key) ?? null;
  map.delete(key);
  return value;
}

/** What is known of an open order from its events: its amendment is told by a change of these. */
interface Known {
  readonly price: number;
  readonly quantity: number;
}

type OrderMessage = Extract<SessionMessage, { kind: "order" }>;
type FillMessage = Extract<SessionMessage, { kind: "fill" }>;

export interface FeedParts {
  readonly world: EmulatorWorld;
  readonly records: OrderRecords;
  readonly accounts: AccountView;
  readonly ids: EventIds;
}

export class UserFeed {
  readonly account: EmulatedAccount;
  private readonly parts: FeedParts;
  private readonly listeners = new Set<UserListener>();
  private readonly known = new Map<string, Known>();
  private unfollow: (() => void) | null = null;

  constructor(account: EmulatedAccount, parts: FeedParts) {
    this.account = account;
    this.parts = parts;
  }

  get heard(): boolean {
    return this.listeners.size > 0;
  }

  /** Returns what ends it. */
  add(listener: UserListener): () => void {
    this.listeners.add(listener);
    if (this.unfollow === null) this.start();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.end();
    };
  }

  end(): void {
    this.unfollow?.();
    this.unfollow = null;
    this.known.clear();
  }

  private start(): void {
    const { world, records } = this.parts;
    for (const order of records.open(this.account, null)) this.known.set(order.exchangeOrderId, { ...order });
    const wallet = records.wallet(this.account);
    const ends = [
      world.follow(wallet, (symbol, message) => this.hear(symbol, message)),
      world.followDeposits((owner, asset, amount) => {
        if (owner === wallet) this.deposited(asset, amount);
      }),
    ];
    this.unfollow = () => {
      for (const end of ends) end();
    };
  }

  private deposited(asset: string, amount: bigint): void {
    this.emit(balanceUpdate(asset, amount, this.parts.world.timeFor(this.account)), null);
    this.position([asset], null);
  }

  private hear(symbol: string, message: SessionMessage): void {
    const listed = this.parts.world.instruments("binance-spot").find(({ instrument }) => instrument.symbol === symbol);
    if (listed === undefined) return;
    if (message.kind === "fill") this.filled(listed, message);
    else if (message.kind === "order") this.changed(listed, message);
  }

  private filled(listed: EmulatedInstrument, fill: FillMessage): void {
    const { records } = this.parts;
    const order = this.orderOf(listed, fill);
    if (order === null) return;
    const sums = records.sums(listed.instrument, order, Number.parseInt(fill.tradeId, 10));
    const status = sums.executed >= order.quantity ? "FILLED" : "PARTIALLY_FILLED";
    this.report(listed, order, { execution: "TRADE", status, ...sums, fill, tradeMs: fill.exchangeAtMs });
    this.moved(listed, fill);
  }

  private changed(listed: EmulatedInstrument, message: OrderMessage): void {
    const { records } = this.parts;
    const order = this.orderOf(listed, message);
    if (order === null) return;
    const known = this.known.get(order.exchangeOrderId);
    if (message.status !== "open") this.known.delete(order.exchangeOrderId);
    const execution = executionOf(message, known);
    if (execution === null) return;
    if (message.status === "open") {
      this.known.set(order.exchangeOrderId, { price: message.price, quantity: message.quantity });
    }
    const { quote } = records.sums(listed.instrument, order, null);
    const opened = execution === "NEW";
    this.report(listed, order, {
      execution,
      status: statusAfter(message),
      executed: opened ? 0 : message.cumulative,
      quote: opened ? 0n : quote,
      fill: null,
      tradeMs: Math.floor((message.status === "open" && !opened ? this.nowUs() : changedUs(order, opened)) / 1000),
    });
    this.position([listed.instrument.base, listed.instrument.quote], listed.instrument.symbol);
  }

  private orderOf({ instrument }: EmulatedInstrument, of: OrderMessage | FillMessage): SimOrder | null {
    return this.parts.records.byOrderId(this.account, instrument.symbol, of);
  }

  private report(
    listed: EmulatedInstrument,
    order: SimOrder,
    what: {
      readonly execution: Execution;
      readonly status: string;
      readonly executed: number;
      readonly quote: bigint;
      readonly fill: FillMessage | null;
      readonly tradeMs: number;
    },
  ): void {
    const { world, records, ids } = this.parts;
    const { skewMs } = this.account;
    const { wireName, instrument } = listed;
    ids.executions += 1;
    const canceledAs = what.execution === "CANCELED" ? ids.takeCancel(order.exchangeOrderId) : null;
    const renamedFrom = what.execution === "REPLACED" ? ids.takeName(order.exchangeOrderId) : null;
    const report = {
      shown: { order, instrument, wireName, records, skewMs },
      ...what,
      clientOrderId: canceledAs ?? order.clientOrderId,
      origClientOrderId: canceledAs === null ? (renamedFrom ?? "") : order.clientOrderId,
      tradeMs: what.tradeMs + skewMs,
      eventMs: world.timeFor(this.account),
      executionId: ids.executions,
    };
    this.emit(executionReport(report), instrument.symbol);
  }

  /** Balances after a fill; what else moved is told apart, as money from outside. */
  private moved(listed: EmulatedInstrument, fill: FillMessage): void {
    const { base, quote, symbol } = listed.instrument;
    this.position([...new Set([base, quote, fill.feeAsset])], symbol);
  }

  private position(assets: readonly string[], symbol: string | null): void {
    const { accounts, world } = this.parts;
    const shown = accounts.assets(this.account).filter(({ asset }) => assets.includes(asset));
    const nowMs = world.timeFor(this.account);
    this.emit(accountPosition(shown, { eventMs: nowMs, updateMs: nowMs }), symbol);
  }

  private emit(event: unknown, symbol: string | null): void {
    for (const listener of this.listeners) listener(event as Record<string, unknown>, symbol);
  }

  private nowUs(): number {
    return this.parts.world.exchange.nowUs();
  }
}

const changedUs = (order: SimOrder, opened: boolean): number => (opened ? order.acceptedUs : order.endedUs);

/** What happened to the order; null: nothing that its fill did not tell already. */
function executionOf(message: OrderMessage, known: Known | undefined): Execution | null {
  switch (message.status) {
    case "open":
      if (known === undefined) return message.cumulative === 0 ? "NEW" : null;
      return known.price === message.price && known.quantity === message.quantity ? null : "REPLACED";
    case "filled":
      return null;
    case "canceled":
      return message.reason === "SELF_TRADE" ? "TRADE_PREVENTION" : "CANCELED";
    case "expired":
      return "EXPIRED";
  }
}

function statusAfter(message: OrderMessage): string {
  if (message.reason === "SELF_TRADE") return "EXPIRED_IN_MATCH";
  if (message.status === "open") return message.cumulative === 0 ? "NEW" : "PARTIALLY_FILLED";
  return message.status === "canceled" ? "CANCELED" : "EXPIRED";
}
