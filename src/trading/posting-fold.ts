// The way back: a ledger rebuilt from nothing but its postings, entry by entry, so that every figure shown is a query
// over what the journal holds (API-24). It books nothing of its own.

import { toSafe } from "../base/integer.ts";
import { type Lots, lots, type Money, money, type Ticks, ticks } from "../market/amounts.ts";
import { baseMoney, type Instrument, unitMoney } from "../market/instrument.ts";
import { type LedgerState, moveLots, type Posting, type PostingCause } from "./ledger.ts";

/** One entry of the ledger as its postings tell it. */
export interface PostedEntry {
  readonly cause: PostingCause;
  readonly causeId: string;
  readonly atMs: number;
  /** Signed; 0 where only money moved. */
  readonly lots: Lots;
  /** Null where no lots moved. */
  readonly price: Ticks | null;
  /** Fee by asset, positive when paid. */
  readonly fees: readonly (readonly [asset: string, amount: Money])[];
  /** Received > 0, paid < 0, quote; what was paid in another asset is in the balances alone. */
  readonly funding: Money;
  /** Realised by average cost, value units. */
  readonly realised: bigint;
  /** Lots of the entry that closed something. */
  readonly closed: number;
}

/** Applies postings, grouped by cause in order, to `ledger` in place; returns what each entry was. */
export function foldPostings(
  ledger: LedgerState,
  instrument: Instrument,
  postings: readonly Posting[],
): readonly PostedEntry[] {
  const entries: Entry[] = [];
  for (const posting of postings) {
    const entry = entries.at(-1);
    if (entry?.[0].cause === posting.cause && entry[0].causeId === posting.causeId) entry.push(posting);
    else entries.push([posting]);
  }
  return entries.map((entry) => foldEntry(ledger, instrument, entry));
}

/** The postings of one cause. */
type Entry = [first: Posting, ...rest: Posting[]];

function foldEntry(ledger: LedgerState, instrument: Instrument, postings: Readonly<Entry>): PostedEntry {
  const [first] = postings;
  const fees = new Map<string, bigint>();
  let base = 0n;
  let value = 0n;
  let funding = 0n;
  for (const { account, asset, amount } of postings) {
    const key = `${account}|${asset}`;
    ledger.balances.set(key, (ledger.balances.get(key) ?? 0n) + amount);
    if (account === "fee") fees.set(asset, (fees.get(asset) ?? 0n) + amount);
    else if (account === "funding") funding -= asset === instrument.quote ? amount : 0n;
    else if (account === "market" || account === "adjustment") {
      if (asset === instrument.base) base -= amount;
      else value += amount;
    }
  }
  const quantity = lots(toSafe(base / baseMoney(instrument, lots(1))));
  const head = { cause: first.cause, causeId: first.causeId, atMs: first.atMs, funding: money(funding) };
  const paid = [...fees].map(([asset, amount]) => [asset, money(amount)] as const);
  if (quantity === 0) {
    return { ...head, fees: paid, lots: quantity, price: null, realised: 0n, closed: 0 };
  }
  const price = ticks(toSafe(value / (BigInt(quantity) * unitMoney(instrument))));
  return { ...head, fees: paid, ...moved(ledger, first.cause, price, quantity) };
}

function moved(
  ledger: LedgerState,
  cause: PostingCause,
  price: Ticks,
  quantity: Lots,
): Pick<PostedEntry, "lots" | "price" | "realised" | "closed"> {
  const before = ledger.position;
  const realisedBefore = ledger.realised;
  moveLots(ledger, price, quantity);
  if (cause === "fill") {
    ledger.fills += 1;
    ledger.volume += BigInt(price) * BigInt(Math.abs(quantity));
    ledger.lastFillPrice = price;
  }
  const opposite = Math.sign(before) === -Math.sign(quantity);
  const closed = opposite ? Math.min(Math.abs(before), Math.abs(quantity)) : 0;
  return { lots: quantity, price, realised: ledger.realised - realisedBefore, closed };
}
