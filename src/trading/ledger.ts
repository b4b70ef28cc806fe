// Money is a ledger: double-entry postings derived from fills, funding and adjustments. PnL is a query over postings,
// never a running guess. Every entry sums to zero per asset over its accounts (TEST-P7). A perpetual is booked like a
// spot trade at its notional, so equity change = cash + holding at mark, to the last unit, whatever the average cost.

import { assert } from "../base/assert.ts";
import { bigNearestDiv, toSafe } from "../base/integer.ts";
import {
  type Lots,
  lots,
  type MilliTicks,
  type Money,
  money,
  signOf,
  type Ticks,
  ticks,
  ZERO_MONEY,
} from "../market/amounts.ts";
import { baseMoney, type Instrument, markMoney, notionalMoney, unitMoney } from "../market/instrument.ts";
import type { FillEvent, FundingSettled } from "./event.ts";

/**
 * Where value sits. `cash` is the quote we spend and earn; `market` is the counterparty that makes each entry balance.
 */
export type Account = "cash" | "holding" | "market" | "fee" | "funding" | "adjustment";

/** Why a posting exists. */
export type PostingCause = "fill" | "funding" | "adjustment" | "adoption";

/** One line: `amount` of `asset` onto `account`. `cause` + `causeId` + `account` + `asset` is unique. */
export interface Posting {
  readonly cause: PostingCause;
  /** Fill identity `exchange|symbol|tradeId|side`, settlement `symbol|settledAtMs`, or `adjustment|seq`. */
  readonly causeId: string;
  readonly account: Account;
  readonly asset: string;
  readonly amount: Money;
  readonly atMs: number;
}

/** What the ledger keeps as state: sums per account and asset, and the open lots' cost. Plain data. */
export interface LedgerState {
  position: Lots;
  /** Signed cost of the open position in value units (price ticks × lots); average entry = cost / position. */
  cost: bigint;
  /** `account|asset` → Money. */
  balances: Map<string, bigint>;
  /** Realised PnL before fees, value units, by average cost. */
  realised: bigint;
  fills: number;
  /** Σ price × quantity of all fills, value units. */
  volume: bigint;
  lastFillPrice: Ticks | null;
}

export const emptyLedger = (): LedgerState => ({
  position: lots(0),
  cost: 0n,
  balances: new Map(),
  realised: 0n,
  fills: 0,
  volume: 0n,
  lastFillPrice: null,
});

/** Identity of a fill (DUR-06): exchange, instrument, the exchange's trade id, side. */
export const fillIdentity = (exchange: string, fill: Pick<FillEvent, "symbol" | "tradeId" | "side">): string =>
  `${exchange}|${fill.symbol}|${fill.tradeId}|${fill.side}`;

/** Books one fill; returns its postings. The caller has made sure that it is booked once. */
export function bookFill(ledger: LedgerState, instrument: Instrument, fill: FillEvent): Posting[] {
  const sign = signOf(fill.side);
  const entry = new Entry(ledger, { cause: "fill", causeId: fillIdentity(instrument.exchange, fill), atMs: fill.atMs });
  moveLots(ledger, fill.price, lots(sign * fill.quantity));
  ledger.fills += 1;
  ledger.volume += BigInt(fill.price) * BigInt(fill.quantity);
  ledger.lastFillPrice = fill.price;
  const notional = notionalMoney(instrument, fill.price, fill.quantity);
  entry.move(instrument.quote, "market", "cash", money(BigInt(-sign) * notional));
  entry.move(instrument.base, "market", "holding", money(BigInt(sign) * baseMoney(instrument, fill.quantity)));
  if (fill.fee !== ZERO_MONEY) {
    entry.move(fill.feeAsset, "fee", fill.feeAsset === instrument.base ? "holding" : "cash", money(-fill.fee));
  }
  return entry.postings;
}

/** Books one funding settlement as the exchange paid it, in the asset it was paid in. */
export function bookFunding(ledger: LedgerState, instrument: Instrument, event: FundingSettled): Posting[] {
  const causeId = `${event.symbol}|${event.settledAtMs}`;
  const entry = new Entry(ledger, { cause: "funding", causeId, atMs: event.atMs });
  if (event.amount !== ZERO_MONEY) entry.move(event.asset ?? instrument.quote, "funding", "cash", event.amount);
  return entry.postings;
}

/** Lots that came or went without a fill of ours: adopted, written off, or corrected by the reconciler. */
export interface AdjustmentEntry {
  readonly cause: "adoption" | "adjustment";
  readonly causeId: string;
  /** Signed. */
  readonly quantity: Lots;
  readonly price: Ticks;
  readonly atMs: number;
}

/** Books an adoption or adjustment at a price; the counter-account is `adjustment`. */
export function bookAdjustment(ledger: LedgerState, instrument: Instrument, adjustment: AdjustmentEntry): Posting[] {
  const entry = new Entry(ledger, adjustment);
  moveLots(ledger, adjustment.price, adjustment.quantity);
  const notional = notionalMoney(instrument, adjustment.price, adjustment.quantity);
  entry.move(instrument.quote, "adjustment", "cash", money(-notional));
  entry.move(instrument.base, "adjustment", "holding", baseMoney(instrument, adjustment.quantity));
  return entry.postings;
}

/** Changes position and average cost; closing realises against the average, rounded to the nearest value unit. */
export function moveLots(ledger: LedgerState, price: Ticks, quantity: Lots): void {
  const before = ledger.position;
  const after = lots(before + quantity);
  const value = BigInt(price) * BigInt(quantity);
  if (before === 0 || before > 0 === quantity > 0) {
    ledger.cost += value;
  } else if (after === 0 || before > 0 === after > 0) {
    const costOfClosed = bigNearestDiv(ledger.cost * BigInt(quantity), BigInt(before));
    ledger.realised += costOfClosed - value;
    ledger.cost += costOfClosed;
  } else {
    ledger.realised += -ledger.cost - BigInt(price) * BigInt(-before);
    ledger.cost = BigInt(price) * BigInt(after);
  }
  ledger.position = after;
  if (after === 0) assert(ledger.cost === 0n, "a flat position has no cost");
}

/**
 * Says the same money in ticks, lots and value units of another grid of the instrument. Lots that are no whole ones
 * any more are cut toward zero; what was paid for them stays in the cost, and is realised when nothing else is left.
 */
export function regridLedger(ledger: LedgerState, before: Instrument, after: Instrument): void {
  const [from, to] = [unitMoney(before), unitMoney(after)];
  const unitsAfter = (units: bigint): bigint => bigNearestDiv(units * from, to);
  const cost = unitsAfter(ledger.cost);
  const held = BigInt(ledger.position) * baseMoney(before, lots(1));
  ledger.position = lots(toSafe(held / baseMoney(after, lots(1))));
  ledger.cost = ledger.position === 0 ? 0n : cost;
  ledger.realised = unitsAfter(ledger.realised) - (ledger.position === 0 ? cost : 0n);
  ledger.volume = unitsAfter(ledger.volume);
  if (ledger.lastFillPrice === null) return;
  const one = (instrument: Instrument): bigint => unitMoney({ tickSize: instrument.tickSize, lotSize: "1" });
  const price = toSafe(bigNearestDiv(BigInt(ledger.lastFillPrice) * one(before), one(after)));
  ledger.lastFillPrice = ticks(Math.max(1, price));
}

/** Collects the two sides of each movement, so an entry cannot fail to balance. */
class Entry {
  readonly postings: Posting[] = [];
  private readonly ledger: LedgerState;
  private readonly head: { readonly cause: PostingCause; readonly causeId: string; readonly atMs: number };

  constructor(
    ledger: LedgerState,
    head: { readonly cause: PostingCause; readonly causeId: string; readonly atMs: number },
  ) {
    this.ledger = ledger;
    this.head = { cause: head.cause, causeId: head.causeId, atMs: head.atMs };
  }

  /** Moves `amount` of `asset` from one account to another; a negative amount moves the other way. */
  move(asset: string, from: Account, to: Account, amount: Money): void {
    this.post(asset, from, money(-amount));
    this.post(asset, to, amount);
  }

  private post(asset: string, account: Account, amount: Money): void {
    const key = `${account}|${asset}`;
    this.ledger.balances.set(key, (this.ledger.balances.get(key) ?? 0n) + amount);
    this.postings.push({ ...this.head, account, asset, amount });
  }
}

/** Sum on one account of one asset. */
export const balanceOf = (ledger: LedgerState, account: Account, asset: string): Money =>
  money(ledger.balances.get(`${account}|${asset}`) ?? 0n);

/**
 * PnL in the quote asset, all of it queries over the ledger. Fees in a third asset are not in `fees`; they are in
 * `otherFees`.
 */
export interface ProfitAndLoss {
  readonly realised: Money;
  readonly unrealised: Money;
  /** Negative when paid. */
  readonly fees: Money;
  readonly funding: Money;
  /** realised + unrealised + fees + funding = change of cash + holding at mark. */
  readonly net: Money;
  readonly otherFees: ReadonlyMap<string, Money>;
}

/** PnL at `mark`; without a mark the open position is valued at cost (unrealised 0). */
export function profitAndLoss(ledger: LedgerState, instrument: Instrument, mark: MilliTicks | null): ProfitAndLoss {
  const unit = unitMoney(instrument);
  const cost = money(ledger.cost * unit);
  const unrealised = mark === null ? ZERO_MONEY : money(markMoney(instrument, mark, ledger.position) - cost);
  const realised = money(ledger.realised * unit);
  const otherFees = new Map<string, Money>();
  let fees = money(-balanceOf(ledger, "fee", instrument.quote));
  for (const [key, amount] of ledger.balances) {
    const [account, asset] = key.split("|");
    if (account !== "fee" || asset === undefined || asset === instrument.quote) continue;
    otherFees.set(asset, money(-amount));
    if (asset === instrument.base && mark !== null) fees = money(fees - baseFeeAtMark(instrument, amount, mark));
  }
  const funding = money(-balanceOf(ledger, "funding", instrument.quote));
  return { realised, unrealised, fees, funding, net: money(realised + unrealised + fees + funding), otherFees };
}

function baseFeeAtMark(instrument: Instrument, amount: bigint, mark: MilliTicks): bigint {
  // amount is base × 10^18; one lot of base is baseMoney(1): value = mark · amount / lot, in value units × unit money
  const lot = baseMoney(instrument, lots(1));
  return bigNearestDiv(BigInt(mark) * amount * unitMoney(instrument), lot * 1000n);
}

/** Average entry of the open position in milliticks, or null when flat. */
export function averageEntry(ledger: LedgerState): bigint | null {
  return ledger.position === 0 ? null : bigNearestDiv(ledger.cost * 1000n, BigInt(ledger.position));
}
