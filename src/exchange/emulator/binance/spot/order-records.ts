// Orders and fills of one wallet as the simulated exchange remembers them, found by the ids Binance knows them by, and
// the little it does not remember: which orders were market orders, and under which id a cancel was asked.

import { parseMoney } from "../../../../market/instrument.ts";
import type { SimOrder } from "../../../../sim/order.ts";
import type { SimFill } from "../../../../sim/order-ledger.ts";
import { type EmulatedAccount, type EmulatedInstrument, type EmulatorWorld, walletOf } from "../../world.ts";
import { quoteOf } from "./amounts.ts";

/** What an order was asked with, beyond what the simulated exchange keeps. */
export interface OrderNote {
  readonly market: boolean;
  /** Decimal text of the quote asset to spend; null where a quantity was given. */
  readonly quoteOrderQty: string | null;
}

const PLAIN: OrderNote = { market: false, quoteOrderQty: null };
/** Notes kept; beyond it the oldest are forgotten. */
const NOTES_MAX = 10_000;

/** One fill with the sums up to and including it. */
export interface FillSums {
  readonly executed: number;
  readonly quote: bigint;
}

export class OrderRecords {
  private readonly world: EmulatorWorld;
  private readonly notes = new Map<string, OrderNote>();

  constructor(world: EmulatorWorld) {
    this.world = world;
  }

  wallet(account: EmulatedAccount): string {
    return walletOf(account.name, "binance-spot");
  }

  note(orderId: string, note: OrderNote): void {
    if (this.notes.size >= NOTES_MAX) {
      const [oldest] = this.notes.keys();
      if (oldest !== undefined) this.notes.delete(oldest);
    }
    this.notes.set(orderId, note);
  }

  noteOf(orderId: string): OrderNote {
    return this.notes.get(orderId) ?? PLAIN;
  }

  /** Newest order of that client id on the instrument, open or finished. */
  byClientId(account: EmulatedAccount, symbol: string, clientOrderId: string): SimOrder | null {
    const order = this.ledger.find(this.wallet(account), clientOrderId);
    return order?.symbol === symbol ? order : null;
  }

  byOrderId(account: EmulatedAccount, symbol: string, orderId: string): SimOrder | null {
    for (const order of this.all(account, symbol)) if (order.exchangeOrderId === orderId) return order;
    return null;
  }

  /** Open orders, oldest first; of every instrument of the protocol where none is named. */
  open(account: EmulatedAccount, symbol: string | null): SimOrder[] {
    const orders = [...this.ledger.openOrders(this.wallet(account))];
    return orders.filter((order) => symbol === null || order.symbol === symbol).sort(byId);
  }

  /** Every order that is remembered, oldest first. */
  all(account: EmulatedAccount, symbol: string): SimOrder[] {
    const ended = this.ledger.endedSince(this.wallet(account), -1).filter((order) => order.symbol === symbol);
    return [...ended, ...this.open(account, symbol)].sort(byId);
  }

  /** Own trades on an instrument, oldest first. */
  fills(account: EmulatedAccount, symbol: string): SimFill[] {
    return this.ledger.fillsSince(this.wallet(account), symbol, { n: 0, sinceUs: 0 });
  }

  fillsOf(order: SimOrder): SimFill[] {
    const since = { n: 0, sinceUs: order.acceptedUs };
    return this.ledger
      .fillsSince(order.account, order.symbol, since)
      .filter(({ fill }) => fill.exchangeOrderId === order.exchangeOrderId);
  }

  /** Executed lots and quote of an order, up to and including one fill; of all its fills where none is named. */
  sums(instrument: EmulatedInstrument["instrument"], order: SimOrder, upTo: number | null): FillSums {
    let executed = 0;
    let quote = 0n;
    for (const { n, fill } of this.fillsOf(order)) {
      if (upTo !== null && n > upTo) break;
      executed += fill.quantity;
      quote += quoteOf(instrument, fill.price, fill.quantity);
    }
    return { executed, quote };
  }

  private get ledger(): EmulatorWorld["exchange"]["desk"]["ledger"] {
    return this.world.exchange.desk.ledger;
  }
}

const byId = (a: SimOrder, b: SimOrder): number => orderNumber(a) - orderNumber(b);

/** The exchange's number of an order: a whole number on Binance. */
export const orderNumber = (order: Pick<SimOrder, "exchangeOrderId">): number =>
  Number.parseInt(order.exchangeOrderId, 10);

/** Money of decimal text; 0 where it is none. */
export function moneyOf(text: string): bigint {
  const parsed = parseMoney(text, "down");
  return parsed.ok ? parsed.value : 0n;
}
