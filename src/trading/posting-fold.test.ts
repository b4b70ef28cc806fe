// What each entry was, read back from its postings: figures by hand, on ETH with a tick of 0.01 and a lot of 0.001.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH_PERPETUAL } from "../../test/instruments.ts";
import { lots, milliTicks, money, type Side, ticks } from "../market/amounts.ts";
import { bookAdjustment, bookFill, bookFunding, emptyLedger, type LedgerState, type Posting } from "./ledger.ts";
import { foldPostings, type PostedEntry } from "./posting-fold.ts";

const BNB = { feeAsset: "BNB", fee: 5n };

function fill(ledger: LedgerState, text: string, { feeAsset = "USDT", fee = 0n } = {}): Posting[] {
  const [side, quantity, , price, , tradeId = ""] = text.split(" ");
  return bookFill(ledger, ETH_PERPETUAL, {
    kind: "fill",
    atMs: 7,
    symbol: ETH_PERPETUAL.symbol,
    tradeId,
    clientOrderId: null,
    exchangeOrderId: "1",
    side: side as Side,
    price: ticks(Number(price)),
    quantity: lots(Number(quantity)),
    feeAsset,
    fee: money(fee),
    liquidity: "maker",
    origin: "order",
    exchangeAtMs: 7,
  });
}

const funding = (ledger: LedgerState, settledAtMs: number, amount: bigint, asset = "USDT"): Posting[] =>
  bookFunding(ledger, ETH_PERPETUAL, {
    kind: "funding-settled",
    symbol: ETH_PERPETUAL.symbol,
    settledAtMs,
    ratePpt: 1,
    mark: milliTicks(1),
    positionLots: lots(1),
    amount: money(amount),
    asset,
    atMs: 9,
  });

const told = (entries: readonly PostedEntry[]): readonly string[] =>
  entries.map((entry) => {
    const lotsMoved = entry.price === null ? "no lots" : `${entry.lots} at ${entry.price}`;
    const figures = `closed ${entry.closed} realised ${entry.realised} funding ${entry.funding}`;
    return `${entry.causeId} ${lotsMoved} ${figures} ${entry.fees.map((fee) => fee.join(" ")).join(", ")}`.trim();
  });

test("API-24 postings told together are as many entries as were booked, each with its own figures", () => {
  const booked = emptyLedger();
  const postings = [
    ...fill(booked, "buy 10 at 300000 as t1", { fee: 6n }),
    ...fill(booked, "buy 30 at 310000 as t2", BNB),
    ...fill(booked, "sell 20 at 310000 as t3", { feeAsset: "ETH", fee: 2n }),
    ...fill(booked, "sell 50 at 310000 as t4"),
    ...funding(booked, 8, -12n),
    ...funding(booked, 9, 13n),
    ...funding(booked, 9_000, -7n, "BNB"),
  ];
  const entries = foldPostings(emptyLedger(), ETH_PERPETUAL, postings);
  assert.deepEqual(told(entries), [
    "sim|ETH/USDT:USDT|t1|buy 10 at 300000 closed 0 realised 0 funding 0 USDT 6",
    "sim|ETH/USDT:USDT|t2|buy 30 at 310000 closed 0 realised 0 funding 0 BNB 5",
    // 20 of 40 at an average of 307,500: 2,500 ticks each
    "sim|ETH/USDT:USDT|t3|sell -20 at 310000 closed 20 realised 50000 funding 0 ETH 2",
    // the other 20 closed, 30 sold short
    "sim|ETH/USDT:USDT|t4|sell -50 at 310000 closed 20 realised 50000 funding 0",
    "ETH/USDT:USDT|8 no lots closed 0 realised 0 funding -12",
    "ETH/USDT:USDT|9 no lots closed 0 realised 0 funding 13",
    // paid in another asset it is no amount of quote
    "ETH/USDT:USDT|9000 no lots closed 0 realised 0 funding 0",
  ]);
  assert.deepEqual(
    entries.map(({ cause, atMs, lots: moved }) => `${cause} ${atMs} ${moved}`),
    ["fill 7 10", "fill 7 30", "fill 7 -20", "fill 7 -50", "funding 9 0", "funding 9 0", "funding 9 0"],
  );
});

test("API-24 an adjustment moves lots at its price, and is neither a fill nor turnover", () => {
  const booked = emptyLedger();
  fill(booked, "buy 10 at 300000 as t1");
  const rebuilt = structuredClone(booked);
  const head = { cause: "adjustment", causeId: "adjustment|3", atMs: 4 } as const;
  const postings = bookAdjustment(booked, ETH_PERPETUAL, { ...head, quantity: lots(-4), price: ticks(305_000) });
  const entries = foldPostings(rebuilt, ETH_PERPETUAL, postings);
  assert.deepEqual(told(entries), ["adjustment|3 -4 at 305000 closed 4 realised 20000 funding 0"]);
  assert.deepEqual([rebuilt.fills, rebuilt.volume, rebuilt.lastFillPrice], [1, 3_000_000n, 300_000]);
});

test("API-24 no postings are no entries", () => {
  assert.deepEqual(foldPostings(emptyLedger(), ETH_PERPETUAL, []), []);
});
