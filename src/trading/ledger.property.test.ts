// Laws of the ledger for any sequence of fills, fees, funding and adjustments.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ETH_PERPETUAL } from "../../test/instruments.ts";
import { lots, milliTicks, money, type Side, ticks } from "../market/amounts.ts";
import { baseMoney, markMoney } from "../market/instrument.ts";
import { foreignOrderId } from "./client-order-id.ts";
import type { FillEvent, FundingSettled } from "./event.ts";
import {
  averageEntry,
  balanceOf,
  bookAdjustment,
  bookFill,
  bookFunding,
  emptyLedger,
  profitAndLoss,
} from "./ledger.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);

const INSTRUMENT = ETH_PERPETUAL;

interface Move {
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
  readonly fee: bigint;
}

const move: fc.Arbitrary<Move> = fc.record({
  side: fc.constantFrom<Side>("buy", "sell"),
  price: fc.integer({ min: 1, max: 1_000_000 }),
  quantity: fc.integer({ min: 1, max: 1000 }),
  fee: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
});

const fill = (from: Move, at: number, feeAsset = "USDT"): FillEvent => ({
  kind: "fill",
  atMs: at,
  symbol: INSTRUMENT.symbol,
  tradeId: `t${at}`,
  clientOrderId: foreignOrderId("x"),
  exchangeOrderId: "1",
  side: from.side,
  price: ticks(from.price),
  quantity: lots(from.quantity),
  feeAsset,
  fee: money(from.fee),
  liquidity: "maker",
  origin: "order",
  exchangeAtMs: at,
});

const signed = (m: Move): number => (m.side === "buy" ? m.quantity : -m.quantity);

test("TEST-P7 every posting list sums to zero per asset, and PnL equals the change of cash and holding at mark", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), fc.integer({ min: 1, max: 2_000_000_000 }), (moves, markValue) => {
      const ledger = emptyLedger();
      const mark = milliTicks(markValue);
      const sums = new Map<string, bigint>();
      moves.forEach((m, at) => {
        for (const posting of bookFill(ledger, INSTRUMENT, fill(m, at))) {
          sums.set(posting.asset, (sums.get(posting.asset) ?? 0n) + posting.amount);
        }
      });
      const settled: FundingSettled = {
        kind: "funding-settled",
        atMs: 1000,
        symbol: INSTRUMENT.symbol,
        settledAtMs: 1000,
        ratePpt: 1,
        mark,
        positionLots: ledger.position,
        amount: money(-12345n),
      };
      for (const posting of bookFunding(ledger, INSTRUMENT, settled)) {
        sums.set(posting.asset, (sums.get(posting.asset) ?? 0n) + posting.amount);
      }
      for (const [asset, sum] of sums) assert.equal(sum, 0n, asset);
      const pnl = profitAndLoss(ledger, INSTRUMENT, mark);
      const cash = balanceOf(ledger, "cash", "USDT");
      assert.equal(balanceOf(ledger, "holding", "ETH"), baseMoney(INSTRUMENT, ledger.position));
      assert.equal(pnl.net, cash + markMoney(INSTRUMENT, mark, ledger.position));
      assert.equal(pnl.net, pnl.realised + pnl.unrealised + pnl.fees + pnl.funding);
    }),
    { numRuns },
  );
});

test("TEST-P5 the position is the sum of fills and adjustments, in any order and splitting", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), fc.integer({ min: -500, max: 500 }), (moves, adjustment) => {
      const whole = emptyLedger();
      const split = emptyLedger();
      moves.forEach((m, at) => {
        bookFill(whole, INSTRUMENT, fill(m, at));
        const part = Math.max(1, Math.floor(m.quantity / 3));
        bookFill(split, INSTRUMENT, fill({ ...m, quantity: part }, at * 2));
        if (m.quantity > part) bookFill(split, INSTRUMENT, fill({ ...m, quantity: m.quantity - part }, at * 2 + 1));
      });
      const entry = {
        cause: "adjustment",
        causeId: "adjustment|1",
        quantity: lots(adjustment),
        price: ticks(100),
        atMs: 1,
      } as const;
      bookAdjustment(whole, INSTRUMENT, entry);
      assert.equal(whole.position, moves.reduce((sum, m) => sum + signed(m), 0) + adjustment);
      assert.equal(whole.position - adjustment, split.position);
      const backwards = emptyLedger();
      [...moves].reverse().forEach((m, at) => {
        bookFill(backwards, INSTRUMENT, fill(m, at));
      });
      assert.equal(backwards.position, split.position);
    }),
    { numRuns },
  );
});

test("TEST-P8 average cost lies between the lowest and highest price of the open lots; flat means no cost", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      const ledger = emptyLedger();
      let low = Number.POSITIVE_INFINITY;
      let high = 0;
      moves.forEach((m, at) => {
        const before = ledger.position;
        bookFill(ledger, INSTRUMENT, fill(m, at));
        const flipped = before !== 0 && ledger.position !== 0 && before > 0 !== ledger.position > 0;
        if (before === 0 || flipped) {
          low = m.price;
          high = m.price;
        } else if (Math.abs(ledger.position) > Math.abs(before)) {
          low = Math.min(low, m.price);
          high = Math.max(high, m.price);
        }
        const average = averageEntry(ledger);
        if (ledger.position === 0) assert.equal(ledger.cost, 0n);
        else assert.ok(average !== null && average >= BigInt(low - 1) * 1000n && average <= BigInt(high + 1) * 1000n);
      });
    }),
    { numRuns },
  );
});

test("RISK-16 a fee in the base asset reduces the holding, one in another asset is a posting of its own", () => {
  const spot = { ...INSTRUMENT, kind: "spot", feeIn: "received" } as const;
  const inBase = emptyLedger();
  bookFill(inBase, spot, fill({ side: "buy", price: 300_000, quantity: 10, fee: 10n ** 13n }, 1, "ETH"));
  assert.equal(balanceOf(inBase, "holding", "ETH"), money(10n ** 16n - 10n ** 13n));
  assert.equal(balanceOf(inBase, "fee", "ETH"), money(10n ** 13n));
  const inThird = emptyLedger();
  bookFill(inThird, spot, fill({ side: "buy", price: 300_000, quantity: 10, fee: 10n ** 15n }, 1, "BNB"));
  assert.equal(balanceOf(inThird, "holding", "ETH"), money(10n ** 16n));
  assert.equal(balanceOf(inThird, "fee", "BNB"), money(10n ** 15n));
  const { fees, otherFees } = profitAndLoss(inThird, spot, milliTicks(300_000_000));
  // nobody told what BNB is worth: it is shown, never guessed
  assert.deepEqual([fees, otherFees], [money(0n), new Map([["BNB", money(-(10n ** 15n))]])]);
});

test("BT-20 a fee taken in base is an own posting, valued at its mark in the PnL", () => {
  const ledger = emptyLedger();
  const spot = { ...INSTRUMENT, kind: "spot", feeIn: "received" } as const;
  bookFill(ledger, spot, fill({ side: "buy", price: 300_000, quantity: 10, fee: 10n ** 13n }, 1, "ETH"));
  // 0.01 ETH bought at 3000.00, 0.00001 ETH eaten by the fee = 0.03 USDT at the same price
  const pnl = profitAndLoss(ledger, spot, milliTicks(300_000_000));
  assert.equal(pnl.fees, money(-(3n * 10n ** 16n)));
  assert.equal(balanceOf(ledger, "holding", "ETH"), money(10n ** 16n - 10n ** 13n));
});
