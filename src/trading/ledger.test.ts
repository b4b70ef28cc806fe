// The ledger in figures somebody computed by hand. ETH/USDT perpetual: a tick is 0.01 USDT, a lot 0.001 ETH, so one
// value unit is 0.00001 USDT.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH_PERPETUAL } from "../../test/instruments.ts";
import { lots, type MilliTicks, milliTicks, money, type Side, ticks } from "../market/amounts.ts";
import { formatMoney } from "../market/instrument.ts";
import type { FillEvent, FundingSettled } from "./event.ts";
import {
  averageEntry,
  bookAdjustment,
  bookFill,
  bookFunding,
  emptyLedger,
  fillIdentity,
  type LedgerState,
  moveLots,
  type Posting,
  profitAndLoss,
  regridLedger,
} from "./ledger.ts";

const fillOf = (side: Side, quantity: number, price: number, fee: Partial<FillEvent> = {}): FillEvent => ({
  kind: "fill",
  atMs: 7,
  symbol: ETH_PERPETUAL.symbol,
  tradeId: "t1",
  clientOrderId: null,
  exchangeOrderId: "1",
  side,
  price: ticks(price),
  quantity: lots(quantity),
  feeAsset: "USDT",
  fee: money(0n),
  liquidity: "maker",
  origin: "order",
  exchangeAtMs: 7,
  ...fee,
});

const fundingOf = (amount: bigint, asset?: string): FundingSettled => ({
  kind: "funding-settled",
  atMs: 9,
  symbol: ETH_PERPETUAL.symbol,
  settledAtMs: 8,
  ratePpt: 1,
  mark: milliTicks(300_000_000),
  positionLots: lots(10),
  amount: money(amount),
  ...(asset === undefined ? {} : { asset }),
});

const milli = (amount: number): bigint => BigInt(amount) * 10n ** 15n;

/** `account asset amount` of each posting. */
const told = (postings: readonly Posting[]): readonly string[] =>
  postings.map(({ account, asset, amount }) => `${account} ${asset} ${formatMoney(amount)}`);

/** Fills as `buy 10 at 300000`, in lots and ticks. */
function ledgerOf(text: string): LedgerState {
  const ledger = emptyLedger();
  for (const line of text.split(", ")) {
    const [side, quantity, , price] = line.split(" ");
    assert.ok(side === "buy" || side === "sell");
    bookFill(ledger, ETH_PERPETUAL, fillOf(side, Number(quantity), Number(price)));
  }
  return ledger;
}

test("DUR-06 a fill is the exchange's trade on one side of one instrument, and its postings bear that name", () => {
  const fill = fillOf("sell", 10, 300_000);
  assert.equal(fillIdentity("sim", fill), "sim|ETH/USDT:USDT|t1|sell");
  const [posting] = bookFill(emptyLedger(), ETH_PERPETUAL, fill);
  assert.deepEqual(posting, {
    cause: "fill",
    causeId: "sim|ETH/USDT:USDT|t1|sell",
    account: "market",
    asset: "USDT",
    amount: money(-milli(30_000)),
    atMs: 7,
  });
});

test("TEST-P7 a buy of 0.01 ETH at 3,000 pays 30 USDT for it, and a fee of 0.006; without a fee none is posted", () => {
  const paid = ["market USDT 30", "cash USDT -30", "market ETH -0.01", "holding ETH 0.01"];
  assert.deepEqual(told(bookFill(emptyLedger(), ETH_PERPETUAL, fillOf("buy", 10, 300_000))), paid);
  const charged = fillOf("buy", 10, 300_000, { fee: money(milli(6)) });
  assert.deepEqual(told(bookFill(emptyLedger(), ETH_PERPETUAL, charged)), [
    ...paid,
    "fee USDT 0.006",
    "cash USDT -0.006",
  ]);
});

test("funding is posted as it was paid, in the asset it was paid in, and none of it where it came to nothing", () => {
  const posted = bookFunding(emptyLedger(), ETH_PERPETUAL, fundingOf(-milli(12)));
  assert.deepEqual(told(posted), ["funding USDT 0.012", "cash USDT -0.012"]);
  assert.deepEqual(
    posted.map(({ cause, causeId, atMs }) => [cause, causeId, atMs]),
    [
      ["funding", "ETH/USDT:USDT|8", 9],
      ["funding", "ETH/USDT:USDT|8", 9],
    ],
  );
  const inBnb = bookFunding(emptyLedger(), ETH_PERPETUAL, fundingOf(milli(12), "BNB"));
  assert.deepEqual(told(inBnb), ["funding BNB -0.012", "cash BNB 0.012"]);
  assert.deepEqual(bookFunding(emptyLedger(), ETH_PERPETUAL, fundingOf(0n)), []);
});

test("TEST-P5 adopted lots are held and paid for like bought ones, against the adjustments", () => {
  const ledger = emptyLedger();
  const adopted = {
    cause: "adoption",
    causeId: "adjustment|3",
    quantity: lots(20),
    price: ticks(250_000),
    atMs: 4,
  } as const;
  const posted = bookAdjustment(ledger, ETH_PERPETUAL, adopted);
  assert.deepEqual(told(posted), ["adjustment USDT 50", "cash USDT -50", "adjustment ETH -0.02", "holding ETH 0.02"]);
  assert.equal(ledger.position, 20);
  assert.equal(averageEntry(ledger), 250_000_000n);
  assert.deepEqual([ledger.fills, ledger.volume, ledger.lastFillPrice], [0, 0n, null]);
});

/** Fills → position in lots, average entry in milliticks, realised before fees in USDT. */
const AVERAGES: readonly (readonly [fills: string, position: number, average: bigint | null, realised: string])[] = [
  ["buy 10 at 300000, buy 30 at 310000", 40, 307_500_000n, "0"],
  ["sell 10 at 300000, sell 30 at 310000", -40, 307_500_000n, "0"],
  // 10 of them at a gain of 25 USDT an ETH: 0.25
  ["buy 10 at 300000, buy 30 at 310000, sell 10 at 310000", 30, 307_500_000n, "0.25"],
  ["sell 10 at 300000, sell 30 at 310000, buy 10 at 310000", -30, 307_500_000n, "-0.25"],
  // a full close: 0.01 ETH at 100 USDT more
  ["buy 10 at 300000, sell 10 at 310000", 0, null, "1"],
  ["sell 10 at 300000, buy 10 at 310000", 0, null, "-1"],
  // turned around: 10 closed at 100 USDT more, 5 opened at the new price
  ["buy 10 at 300000, sell 15 at 310000", -5, 310_000_000n, "1"],
  ["sell 10 at 300000, buy 15 at 310000", 5, 310_000_000n, "-1"],
];

for (const [fills, position, average, realised] of AVERAGES) {
  test(`TEST-P8 average cost by hand: ${fills}`, () => {
    const ledger = ledgerOf(fills);
    assert.equal(ledger.position, position);
    assert.equal(averageEntry(ledger), average);
    assert.equal(formatMoney(profitAndLoss(ledger, ETH_PERPETUAL, null).realised), realised);
  });
}

test("a flat position that still has a cost is a bug of ours, and nothing is booked upon it", () => {
  const broken = { ...emptyLedger(), cost: 1n };
  assert.throws(() => moveLots(broken, ticks(300_000), lots(0)), /a flat position has no cost/);
});

test("without a mark an open position is worth what it cost, and a fee in base is told apart, not valued", () => {
  const ledger = emptyLedger();
  const inBase = { feeAsset: "ETH", fee: money(10n ** 13n) };
  bookFill(ledger, ETH_PERPETUAL, fillOf("buy", 10, 300_000, inBase));
  bookFill(ledger, ETH_PERPETUAL, fillOf("buy", 10, 300_000, { fee: money(milli(6)) }));
  const at = (mark: MilliTicks | null): readonly string[] => {
    const { unrealised, fees, net, otherFees } = profitAndLoss(ledger, ETH_PERPETUAL, mark);
    return [unrealised, fees, net].map(formatMoney).concat([...otherFees].flat().map(String));
  };
  assert.deepEqual(at(null), ["0", "-0.006", "-0.006", "ETH", "-10000000000000"]);
  // at 3,100: 0.02 ETH gained 100 each, and 0.00001 ETH of fee are worth 0.031
  assert.deepEqual(at(milliTicks(310_000_000)), ["2", "-0.037", "1.963", "ETH", "-10000000000000"]);
});

/** Ten times coarser in price and in quantity: one value unit is 0.001 USDT. */
const COARSE = { ...ETH_PERPETUAL, tickSize: "0.1", lotSize: "0.01" };

test("a ledger on a coarser grid says the same money; lots that are no whole ones are cut, their cost stays", () => {
  // 1.010 ETH at 3,000 and 0.005 of them sold at 3,010: 1.005 held for 3,015, 0.05 gained, 3,045.05 turned over
  const ledger = ledgerOf("buy 1010 at 300000, sell 5 at 301000");
  assert.deepEqual([ledger.position, ledger.cost, ledger.realised], [1_005, 301_500_000n, 5_000n]);
  regridLedger(ledger, ETH_PERPETUAL, COARSE);
  assert.deepEqual([ledger.position, ledger.cost, ledger.realised], [100, 3_015_000n, 50n]);
  assert.deepEqual([ledger.volume, ledger.lastFillPrice, ledger.fills], [3_045_050n, 30_100, 2]);
});

test("a position that a coarser grid leaves nothing of is realised at what it cost", () => {
  // 0.005 ETH bought for 15 USDT are no lot of 0.01: the 15 are lost beside the 1 gained before
  const ledger = ledgerOf("buy 10 at 300000, sell 10 at 310000, buy 5 at 300000");
  regridLedger(ledger, ETH_PERPETUAL, COARSE);
  assert.deepEqual([ledger.position, ledger.cost, ledger.realised], [0, 0n, -14_000n]);
});

test("on a coarser grid a last price below one tick is one tick, and where there was no fill there is none", () => {
  const cheap = ledgerOf("buy 10 at 4");
  regridLedger(cheap, ETH_PERPETUAL, COARSE);
  assert.equal(cheap.lastFillPrice, 1);
  const none = emptyLedger();
  regridLedger(none, ETH_PERPETUAL, COARSE);
  assert.deepEqual(none, emptyLedger());
});
