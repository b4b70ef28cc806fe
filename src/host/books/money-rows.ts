// Every movement of lots and money of one bot as rows with running totals, so that the result of any range is the
// difference of two rows. Fees in coins count at the price of their fill; fees in a third asset are not valued.

import { bigNearestDiv } from "../../base/integer.ts";
import { lots, type Money, money, ZERO_MONEY } from "../../market/amounts.ts";
import { baseMoney, type Instrument, notionalMoney, unitMoney } from "../../market/instrument.ts";
import type { FillEvent } from "../../trading/event.ts";
import type { PostedEntry } from "../../trading/posting-fold.ts";
import { FifoLots } from "./fifo.ts";
import { Rows } from "./rows.ts";

/** Sums since the bot's first posting, in the quote asset. Fees and rebates are positive. */
export interface Totals {
  readonly gross: bigint;
  readonly grossFifo: bigint;
  readonly fees: bigint;
  readonly rebates: bigint;
  readonly funding: bigint;
  /** Closing orders, of them with a net gain, with a net loss. */
  readonly cycles: number;
  readonly winning: number;
  readonly losing: number;
}

export const NO_TOTALS: Totals = {
  gross: 0n,
  grossFifo: 0n,
  fees: 0n,
  rebates: 0n,
  funding: 0n,
  cycles: 0,
  winning: 0,
  losing: 0,
};

/** One entry of the ledger, with what it was. */
export interface MoneyRow {
  readonly seq: number;
  readonly atMs: number;
  readonly entry: PostedEntry;
  /** The fill that was booked; null for funding and corrections. */
  readonly fill: FillEvent | null;
  /** Realised by average cost and first in, first out, before fees. */
  readonly gross: Money;
  readonly grossFifo: Money;
  /** Fee in the quote asset; negative for a rebate. */
  readonly fee: Money;
  readonly totals: Totals;
}

/** Closing orders whose result is still open to more fills. */
const ORDERS_MAX = 2_000;
/** Rows kept in memory; older ones are in the journal. */
export const MONEY_ROWS_MAX = 20_000;

export class MoneyRows {
  readonly rows = new Rows<MoneyRow>(MONEY_ROWS_MAX);
  private readonly fifo = new FifoLots();
  /** Net result of closing orders so far, by order. */
  private readonly orders = new Map<string, bigint>();
  totals: Totals = NO_TOTALS;
  /**
   * Signed cost of the open lots in 10^−18, as exchanges keep it: with the cash it is the wallet of a perpetual. The
   * ledger's own cost is rounded to ticks × lots, and would differ by that.
   */
  openCost = 0n;
  private openLots = 0;
  /** Fees in assets that are neither quote nor base, paid > 0. */
  readonly otherFees = new Map<string, bigint>();

  add(
    entry: PostedEntry,
    instrument: Instrument,
    from: { readonly seq: number; readonly fill: FillEvent | null },
  ): MoneyRow {
    const { seq, fill } = from;
    const unit = unitMoney(instrument);
    const gross = money(entry.realised * unit);
    const matched = entry.price === null ? 0n : this.fifo.move(entry.price, entry.lots);
    const grossFifo = money(matched * unit);
    if (entry.price !== null) this.moveCost(entry.price, entry.lots, unit);
    const fee = this.feeOf(entry, instrument);
    const net = gross - fee;
    const cycle = fill === null || entry.closed === 0 ? NO_CYCLE : this.cycle(orderOf(fill), net);
    const { totals } = this;
    this.totals = {
      gross: totals.gross + gross,
      grossFifo: totals.grossFifo + grossFifo,
      fees: totals.fees + (fee > 0n ? fee : 0n),
      rebates: totals.rebates - (fee < 0n ? fee : 0n),
      funding: totals.funding + entry.funding,
      cycles: totals.cycles + cycle.cycles,
      winning: totals.winning + cycle.winning,
      losing: totals.losing + cycle.losing,
    };
    const row = { seq, atMs: entry.atMs, entry, fill, gross, grossFifo, fee, totals: this.totals };
    this.rows.push(row);
    return row;
  }

  /**
   * What `[fromMs, toMs)` brought; 0 is an open end. Null when the range begins before what memory holds.
   */
  between(fromMs: number, toMs: number): Totals | null {
    const { rows } = this;
    const first = fromMs === 0 ? 0 : rows.firstFrom(fromMs);
    if (rows.dropped > 0 && first === 0 && fromMs !== 0) return null;
    const end = toMs === 0 ? rows.length : rows.firstFrom(toMs);
    if (rows.dropped > 0 && end === 0) return null;
    const before = fromMs === 0 || first === 0 ? NO_TOTALS : (rows.at(first - 1)?.totals ?? NO_TOTALS);
    const after = end === 0 ? NO_TOTALS : (rows.at(end - 1)?.totals ?? NO_TOTALS);
    return end <= first ? NO_TOTALS : differenceOf(after, before);
  }

  private moveCost(price: number, quantity: number, unit: bigint): void {
    let signed = quantity;
    if (Math.sign(signed) === -Math.sign(this.openLots)) {
      const closing = Math.min(Math.abs(signed), Math.abs(this.openLots));
      this.openCost -= (this.openCost * BigInt(closing)) / BigInt(Math.abs(this.openLots));
      this.openLots += closing * Math.sign(signed);
      signed -= closing * Math.sign(signed);
    }
    this.openLots += signed;
    this.openCost += BigInt(signed) * BigInt(price) * unit;
  }

  private feeOf(entry: PostedEntry, instrument: Instrument): Money {
    let sum = 0n;
    for (const [asset, amount] of entry.fees) {
      if (asset === instrument.quote) sum += amount;
      else if (asset === instrument.base && entry.price !== null) {
        sum += bigNearestDiv(notionalMoney(instrument, entry.price, lots(1)) * amount, baseMoney(instrument, lots(1)));
      } else this.otherFees.set(asset, (this.otherFees.get(asset) ?? 0n) + amount);
    }
    return sum === 0n ? ZERO_MONEY : money(sum);
  }

  /** A closing order is one cycle; its later fills may turn a gain into a loss. */
  private cycle(order: string, net: bigint): Pick<Totals, "cycles" | "winning" | "losing"> {
    const before = this.orders.get(order);
    const after = (before ?? 0n) + net;
    this.orders.set(order, after);
    if (this.orders.size > ORDERS_MAX) {
      for (const oldest of this.orders.keys()) {
        this.orders.delete(oldest);
        break;
      }
    }
    const was = before ?? 0n;
    return {
      cycles: before === undefined ? 1 : 0,
      winning: (after > 0n ? 1 : 0) - (was > 0n ? 1 : 0),
      losing: (after < 0n ? 1 : 0) - (was < 0n ? 1 : 0),
    };
  }
}

const NO_CYCLE = { cycles: 0, winning: 0, losing: 0 };

const orderOf = ({ clientOrderId, exchangeOrderId }: FillEvent): string => clientOrderId ?? exchangeOrderId;

function differenceOf(after: Totals, before: Totals): Totals {
  return {
    gross: after.gross - before.gross,
    grossFifo: after.grossFifo - before.grossFifo,
    fees: after.fees - before.fees,
    rebates: after.rebates - before.rebates,
    funding: after.funding - before.funding,
    cycles: after.cycles - before.cycles,
    winning: after.winning - before.winning,
    losing: after.losing - before.losing,
  };
}

/** Totals added up, for several bots. */
export function sumOf(all: readonly Totals[]): Totals {
  let sum = NO_TOTALS;
  for (const each of all) {
    sum = {
      gross: sum.gross + each.gross,
      grossFifo: sum.grossFifo + each.grossFifo,
      fees: sum.fees + each.fees,
      rebates: sum.rebates + each.rebates,
      funding: sum.funding + each.funding,
      cycles: sum.cycles + each.cycles,
      winning: sum.winning + each.winning,
      losing: sum.losing + each.losing,
    };
  }
  return sum;
}
