// Whatever is booked, its postings alone rebuild the same ledger, to the last unit.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { INSTRUMENT } from "../engine/probe.fixture.ts";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import type { FillEvent } from "./event.ts";
import { bookAdjustment, bookFill, bookFunding, emptyLedger } from "./ledger.ts";
import { foldPostings } from "./posting-fold.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

const entry = fc.oneof(
  fc.record({
    what: fc.constant("fill" as const),
    side: fc.constantFrom("buy" as const, "sell" as const),
    price: fc.integer({ min: 1, max: 1_000_000 }),
    quantity: fc.integer({ min: 1, max: 5_000 }),
    fee: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
    feeAsset: fc.constantFrom(INSTRUMENT.quote, INSTRUMENT.base, "BNB"),
  }),
  fc.record({ what: fc.constant("funding" as const), amount: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }) }),
  fc.record({
    what: fc.constant("adjustment" as const),
    price: fc.integer({ min: 1, max: 1_000_000 }),
    quantity: fc.integer({ min: -5_000, max: 5_000 }).filter((quantity) => quantity !== 0),
  }),
);

test("API-24 the postings alone rebuild the ledger: position, cost, balances and realised result", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      const booked = emptyLedger();
      const rebuilt = emptyLedger();
      for (const [i, each] of entries.entries()) {
        const atMs = i * 1000;
        const { symbol } = INSTRUMENT;
        const postings =
          each.what === "fill"
            ? bookFill(booked, INSTRUMENT, { ...fillOf(each), tradeId: String(i), atMs, exchangeAtMs: atMs })
            : each.what === "funding"
              ? bookFunding(booked, INSTRUMENT, {
                  kind: "funding-settled",
                  symbol,
                  settledAtMs: atMs,
                  ratePpt: 1,
                  mark: milliTicks(1),
                  positionLots: lots(1),
                  amount: money(each.amount),
                  atMs,
                })
              : bookAdjustment(booked, INSTRUMENT, {
                  cause: "adjustment",
                  causeId: `adjustment|${i}`,
                  quantity: lots(each.quantity),
                  price: ticks(each.price),
                  atMs,
                });
        foldPostings(rebuilt, INSTRUMENT, postings);
      }
      assert.deepEqual(rebuilt, booked);
    }),
    { numRuns },
  );
});

function fillOf(given: {
  side: "buy" | "sell";
  price: number;
  quantity: number;
  fee: bigint;
  feeAsset: string;
}): Omit<FillEvent, "tradeId" | "atMs" | "exchangeAtMs"> {
  return {
    kind: "fill",
    symbol: INSTRUMENT.symbol,
    clientOrderId: null,
    exchangeOrderId: "x",
    side: given.side,
    price: ticks(given.price),
    quantity: lots(given.quantity),
    feeAsset: given.feeAsset,
    fee: money(given.fee),
    liquidity: "maker",
    origin: "order",
  };
}
