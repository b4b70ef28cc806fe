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
/** Fills kept by order; beyond it they are sorted anew from what the simulated exchange remembers. */
const FILLS_MAX = 300_000;

/** One fill with the sums up to and including it. */
export interface FillSums {
  readonly executed: number;
  readonly quote: bigint;
}

export class OrderRecords {
  private readonly world: EmulatorWorld;
  private readonly notes = new Map<string, OrderNote>();
  private readonly fillsByOrder = new Map<string, SimFill[]>();
  private readonly lastFill = new Map<string, number>();
  private fillsSorted = 0;

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

  /** `clientOrderId` where it is known: then it is found without a search. */
  byOrderId(
    account: EmulatedAccount,
    symbol: string,
    of: { readonly exchangeOrderId: string; readonly clientOrderId?: string | null },
  ): SimOrder | null {
    const { exchangeOrderId, clientOrderId = null } = of;
    const is = (order: SimOrder): boolean => order.exchangeOrderId === exchangeOrderId && order.symbol === symbol;
    const wallet = this.wallet(account);
    const likely = clientOrderId === null ? undefined : this.ledger.find(wallet, clientOrderId);
    if (likely !== undefined && is(likely)) return likely;
    for (const order of this.ledger.openOrders(wallet)) if (is(order)) return order;
    return this.ledger.endedSince(wallet, -1).findLast(is) ?? null;
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

  /** Whether every own trade from there on is still kept; the newest are, where no beginning is named. */
  reaches({ fromId, startMs }: { readonly fromId: number | null; readonly startMs: number | null }): boolean {
    if (fromId === null && startMs === null) return true;
    const sinceUs = fromId === null ? (startMs ?? 0) * 1000 : Number.NEGATIVE_INFINITY;
    return this.ledger.reaches({ n: Math.max(0, (fromId ?? 1) - 1), sinceUs });
  }

  fillsOf(order: SimOrder): readonly SimFill[] {
    this.takeInFills(order.account, order.symbol);
    return this.fillsByOrder.get(order.exchangeOrderId) ?? [];
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

  /** Sorts by order what was filled since the last look. */
  private takeInFills(wallet: string, symbol: string): void {
    if (this.fillsSorted > FILLS_MAX) {
      this.fillsByOrder.clear();
      this.lastFill.clear();
      this.fillsSorted = 0;
    }
    const name = `${wallet} ${symbol}`;
    const fresh = this.ledger.fillsSince(wallet, symbol, { n: this.lastFill.get(name) ?? 0, sinceUs: 0 });
    for (const each of fresh) {
      const { exchangeOrderId } = each.fill;
      const known = this.fillsByOrder.get(exchangeOrderId);
      if (known === undefined) this.fillsByOrder.set(exchangeOrderId, [each]);
      else known.push(each);
    }
    this.fillsSorted += fresh.length;
    const newest = fresh[fresh.length - 1];
    if (newest !== undefined) this.lastFill.set(name, newest.n);
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
