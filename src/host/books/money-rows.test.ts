// Ranges as differences of running totals: exact within memory, refused before it; cycles by closing orders; first in,
// first out beside average cost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { INSTRUMENT } from "../../engine/probe.fixture.ts";
import { lots, money, type Side, ticks } from "../../market/amounts.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import type { FillEvent } from "../../trading/event.ts";
import { bookFill, emptyLedger } from "../../trading/ledger.ts";
import { foldPostings } from "../../trading/posting-fold.ts";
import { MONEY_ROWS_MAX, MoneyRows } from "./money-rows.ts";
import { moneyText } from "./text.ts";

class Account {
  readonly money = new MoneyRows();
  private readonly booked = emptyLedger();
  private readonly ledger = emptyLedger();
  private count = 0;

  /** One fill a second; prices in ticks of 0.01, quantities in lots of 0.001. */
  fill(
    side: Side,
    quantity: number,
    price: number,
    of: { order?: string; fee?: bigint; feeAsset?: string } = {},
  ): void {
    this.count += 1;
    const event: FillEvent = {
      kind: "fill",
      symbol: INSTRUMENT.symbol,
      tradeId: String(this.count),
      clientOrderId: foreignOrderId(of.order ?? `o${this.count}`),
      exchangeOrderId: "x",
      side,
      price: ticks(price),
      quantity: lots(quantity),
      feeAsset: of.feeAsset ?? INSTRUMENT.quote,
      fee: money(of.fee ?? 0n),
      liquidity: "maker",
      origin: "order",
      exchangeAtMs: this.count * 1000,
      atMs: this.count * 1000,
    };
    for (const entry of foldPostings(this.ledger, INSTRUMENT, bookFill(this.booked, INSTRUMENT, event))) {
      this.money.add(entry, INSTRUMENT, { seq: this.count, fill: event });
    }
  }
}

const CENT = 10n ** 16n;

test("API-24 average cost and first in, first out tell the same lots differently, and agree once flat", () => {
  const account = new Account();
  account.fill("buy", 1_000, 10_000);
  account.fill("buy", 1_000, 20_000);
  account.fill("sell", 1_000, 20_000);
  const { gross, grossFifo } = account.money.totals;
  assert.deepEqual([moneyText(gross), moneyText(grossFifo)], ["50", "100"]);
  account.fill("sell", 2_000, 20_000);
  account.fill("buy", 1_000, 19_000);
  assert.equal(account.money.totals.gross, account.money.totals.grossFifo);
  assert.equal(moneyText(account.money.totals.gross), "110");
});

test("API-24 a cycle is a closing order: its later fills and its fees may turn a gain into a loss", () => {
  const account = new Account();
  account.fill("buy", 2_000, 10_000);
  account.fill("sell", 1_000, 10_010, { order: "exit" });
  assert.deepEqual([account.money.totals.cycles, account.money.totals.winning], [1, 1]);
  account.fill("sell", 1_000, 9_980, { order: "exit" });
  const { cycles, winning, losing } = account.money.totals;
  assert.deepEqual([cycles, winning, losing], [1, 0, 1]);
  account.fill("buy", 1_000, 10_000);
  account.fill("sell", 1_000, 10_005, { fee: 6n * CENT });
  assert.deepEqual([account.money.totals.cycles, account.money.totals.losing], [2, 2]);
});

test("API-24 fees, rebates and fees in coins are told apart; a third asset is not valued", () => {
  const account = new Account();
  account.fill("buy", 1_000, 10_000, { fee: 5n * CENT });
  account.fill("buy", 1_000, 10_000, { fee: -2n * CENT });
  account.fill("buy", 1_000, 10_000, { fee: 10n ** 15n, feeAsset: INSTRUMENT.base });
  account.fill("buy", 1_000, 10_000, { fee: 7n, feeAsset: "BNB" });
  const { fees, rebates } = account.money.totals;
  assert.deepEqual([moneyText(fees), moneyText(rebates)], ["0.15", "0.02"], "0.001 coins at 100 are 0.1");
  assert.equal(account.money.otherFees.get("BNB"), 7n);
});

test("API-09 a range is what came between, half open; before what memory holds nobody guesses", () => {
  const account = new Account();
  for (let i = 0; i < 100; i += 1) account.fill(i % 2 === 0 ? "buy" : "sell", 10, 10_000 + i, { fee: CENT });
  const whole = account.money.totals;
  const halves = [account.money.between(0, 51_000), account.money.between(51_000, 0)];
  assert.equal((halves[0]?.gross ?? 0n) + (halves[1]?.gross ?? 0n), whole.gross);
  assert.equal((halves[0]?.fees ?? 0n) + (halves[1]?.fees ?? 0n), whole.fees);
  assert.equal(account.money.between(51_000, 51_001)?.fees, CENT);
  assert.equal(account.money.between(51_001, 52_000)?.fees, 0n);
  for (let i = 0; i < MONEY_ROWS_MAX * 1.3; i += 1)
    account.fill(i % 2 === 0 ? "buy" : "sell", 10, 10_000, { fee: CENT });
  assert.equal(account.money.between(2_000, 0), null);
  assert.equal(account.money.between(0, 2_000), null);
  const kept = account.money.rows.at(0)?.atMs ?? 0;
  assert.equal(account.money.between(kept + 1, 0)?.fees, BigInt(account.money.rows.length - 1) * CENT);
  assert.equal(account.money.between(0, 0)?.fees, account.money.totals.fees);
});
