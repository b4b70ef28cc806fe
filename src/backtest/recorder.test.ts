// The recorder against the exact split of BT-36/37, the candles' buy-and-hold of BT-48, and its promise of flat memory.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { presentData, skipWithoutData } from "../../test/data.ts";
import { exampleIdentity, exampleRun, PERPETUAL } from "../../test/example-run.ts";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import { type Instrument, parseMoney, parsePrice } from "../market/instrument.ts";
import { PnlAccount } from "./pnl-account.ts";
import { type RecordedFill, RunRecorder } from "./recorder.ts";
import type { RunRecord } from "./run-record.ts";

const RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const UNIT: Instrument = { ...PERPETUAL, tickSize: "1", lotSize: "1", base: "X", quote: "Y" };
const S = 1_000_000;

function fillOf(side: "buy" | "sell", price: number, quantity: number, fee = 0n): RecordedFill {
  return {
    tradeId: "t",
    clientOrderId: null,
    side,
    price: ticks(price),
    quantity: lots(quantity),
    feeAsset: "Y",
    fee: money(fee),
    liquidity: "maker",
    origin: "order",
  };
}

function recorderOf(instrument: Instrument, equity: bigint): RunRecorder {
  const identity = { ...exampleIdentity({}), instrument };
  return new RunRecorder({ identity, folder: null, startUs: 0, equity: money(equity), position: lots(0) });
}

const finish = (recorder: RunRecorder, atUs: number): RunRecord =>
  recorder.finish({ atUs, stateHash: "", whole: true, reason: "", ledgerEquity: null });

test("BT-37 five mids and three fills: spread 12, inventory 25, total 37 half-ticks, position 1", () => {
  const recorder = recorderOf(UNIT, 10n ** 21n);
  const halves = (value: number) => milliTicks(value * 500);
  recorder.onMark(1 * S, halves(2000));
  recorder.onMark(2 * S, halves(2002));
  recorder.onFill(2 * S, fillOf("buy", 1000, 3));
  recorder.onMark(3 * S, halves(2001));
  recorder.onMark(4 * S, halves(1997));
  recorder.onFill(4 * S, fillOf("buy", 998, 2));
  recorder.onMark(5 * S, halves(2005));
  recorder.onFill(5 * S, fillOf("sell", 1003, 4));
  const record = finish(recorder, 5 * S);
  assert.equal(record.split.spread, "6"); // 12 half-ticks
  assert.equal(record.split.inventory, "12.5"); // 25 half-ticks
  assert.equal(record.split.total, "18.5");
  assert.equal(record.equityEnd, "1018.5");
  assert.equal(recorder.account.positionLots, 1);
  assert.ok(record.tiesOut);
});

test("BT-36 the split adds up to the change of equity exactly, whatever happens, fees in base and on odd grids too", () => {
  const grids = fc.constantFrom(["0.1", "0.001"], ["1e-8", "0.00000001"], ["0.25", "1"]);
  const step = fc.record({
    kind: fc.constantFrom("mark", "buy", "sell", "funding", "interest", "transfer"),
    price: fc.integer({ min: 1, max: 9_000_000_000 }),
    quantity: fc.integer({ min: 1, max: 1_000_000 }),
    fee: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 18n }),
    feeAsset: fc.constantFrom("USDT", "BTC", "BNB"),
    liquidation: fc.boolean(),
  });
  const property = fc.property(grids, fc.integer({ min: -50, max: 50 }), fc.array(step), (grid, position, steps) => {
    const instrument: Instrument = { ...PERPETUAL, tickSize: grid[0] ?? "", lotSize: grid[1] ?? "" };
    const account = new PnlAccount(instrument, { equity: money(10n ** 22n), position: lots(position) });
    for (const s of steps) {
      if (s.kind === "mark") account.setMark(milliTicks(s.price * 1000 + 500));
      else if (s.kind === "funding") account.addFunding(money(s.fee));
      else if (s.kind === "interest") account.addInterest(money(s.fee));
      else if (s.kind === "transfer") account.addTransfer(money(s.fee));
      else {
        const side = s.kind === "buy" ? "buy" : "sell";
        const [price, quantity, fee] = [ticks(s.price), lots(s.quantity), money(s.fee)];
        const { feeAsset, liquidation } = s;
        account.fill({ side, price, quantity, fee, feeAsset, feeInQuote: money(7n), liquidation });
      }
      assert.equal(account.difference(), 0n);
    }
  });
  fc.assert(property, { numRuns: RUNS, seed: 36 });
});

test("BT-36 costs are booked by kind: fees, rebates, liquidation fees, funding and interest", () => {
  const recorder = recorderOf(UNIT, 10n ** 21n);
  recorder.onMark(S, milliTicks(100_000));
  recorder.onFill(S, fillOf("buy", 100, 1, 3n * 10n ** 17n));
  recorder.onFill(S, fillOf("buy", 100, 1, -(10n ** 17n)));
  recorder.onFill(S, { ...fillOf("sell", 100, 1, 10n ** 18n), origin: "liquidation" });
  recorder.onFunding(S, money(-(10n ** 16n)));
  recorder.onInterest(S, money(-(10n ** 15n)));
  recorder.onTransfer(S, money(5n * 10n ** 18n));
  const { split, tiesOut, transfers, metrics, counts } = finish(recorder, 2 * S);
  assert.deepEqual(
    [split.fees, split.rebates, split.liquidationFees, split.funding, split.interest],
    ["-0.3", "0.1", "-1", "-0.01", "-0.001"],
  );
  assert.equal(transfers, "5");
  assert.ok(tiesOut);
  assert.equal(counts.liquidations, 1);
  // the transfer is no result: 1000 → 998.789
  assert.ok(Math.abs((metrics.return ?? 0) - -0.001211) < 1e-12);
});

test("BT-36 a ledger that says another equity is reported, not smoothed over", () => {
  const recorder = recorderOf(UNIT, 10n ** 21n);
  recorder.onMark(S, milliTicks(100_000));
  const end = { atUs: S, stateHash: "", whole: true, reason: "", ledgerEquity: money(10n ** 21n + 1n) };
  const record = recorder.finish(end);
  assert.equal(record.tiesOut, false);
  assert.match(record.tieNote, /ledger differs by 0\.000000000000000001/);
});

test("BT-35 an empty run prints no figure it does not have", () => {
  const record = finish(recorderOf(UNIT, 10n ** 21n), 60 * S);
  assert.equal(record.metrics.fillRatioLots, null);
  assert.equal(record.metrics.makerShare, null);
  assert.equal(record.metrics.sharpe, null);
  assert.equal(record.metrics.return, 0);
  assert.equal(record.notAvailable["sharpe"], "needs two days");
});

test("BT-14 candles cannot support mark-outs: they are missing, not 0", () => {
  const record = exampleRun({ level: "L0", seconds: 86_400 * 3 });
  assert.deepEqual(record.metrics.markOuts, []);
  assert.match(record.notAvailable["markOuts"] ?? "", /candles/);
});

test("BT-35 fill ratio, maker share and turnover count orders and notional", () => {
  const { metrics, counts } = exampleRun();
  assert.equal(counts.ordersPlaced, counts.ordersAccepted + counts.ordersRejected);
  assert.equal(counts.fills, counts.ordersWithFill);
  assert.equal(metrics.fillRatioOrders, 1);
  assert.ok((metrics.fillRatioLots ?? 0) < 1);
  assert.ok((metrics.makerShare ?? 0) > 0.9 && (metrics.turnoverPerDay ?? 0) > 1);
  assert.equal(counts.others["rejected: post only would take"], counts.ordersRejected);
});

test("BT-27 curves stay within 20,000 rows on any length and keep the extremes", () => {
  const short = exampleRun({ seconds: 3000 });
  const long = exampleRun({ seconds: 86_400 });
  assert.ok(short.curve.length < 20_000 && long.curve.length <= 20_000);
  assert.ok(long.fillsShown.length <= 4000);
  const positions = long.curve.column(2);
  assert.equal(Math.max(...positions), long.metrics.inventory.maxLots);
  assert.equal(Math.min(...positions), long.metrics.inventory.minLots);
});

const CANDLES = "candles/bitfinex-BTCUSD-1m-2019.csv.gz";

test(
  "BT-48 buy and hold on the candles of 2019: return, drawdowns, Sharpe and Sortino",
  skipWithoutData(CANDLES),
  () => {
    const rows = gunzipSync(readFileSync(presentData(CANDLES)))
      .toString()
      .trimEnd()
      .split("\n");
    const spot: Instrument = {
      ...PERPETUAL,
      kind: "spot",
      quote: "USD",
      tickSize: "0.00000001",
      lotSize: "0.00000001",
    };
    const priceOf = (text: string | undefined) => {
      const parsed = parsePrice(spot, text ?? "");
      assert.ok(parsed.ok);
      return milliTicks(parsed.value * 1000);
    };
    const first = (rows[1] ?? "").split(",");
    const startUs = Number(first[0]) * 1000;
    const equity = parseMoney(first[1] ?? "");
    assert.ok(equity.ok);
    const identity = { ...exampleIdentity({ level: "L0" }), instrument: spot };
    const position = lots(100_000_000);
    const recorder = new RunRecorder({ identity, folder: null, startUs, equity: equity.value, position });
    recorder.onMark(startUs, priceOf(first[1]));
    let endUs = startUs;
    for (const row of rows.slice(1)) {
      const [at, , , , close] = row.split(",");
      endUs = Number(at) * 1000 + 60 * S;
      recorder.onMark(endUs, priceOf(close));
    }
    const { metrics } = finish(recorder, endUs);
    const near = (actual: number | null | undefined, expected: number) =>
      assert.ok(
        actual !== null && actual !== undefined && Math.abs(actual - expected) < 1e-12,
        `${actual} ≠ ${expected}`,
      );
    near(metrics.return, 0.8807718427205082);
    near(metrics.drawdown?.depth, 0.5287198488811392);
    assert.equal(metrics.drawdown?.peakUs, Date.UTC(2019, 5, 26, 20, 22) * 1000);
    assert.equal(metrics.dailyReturns, 365);
    near(metrics.sharpe, 1.258492727357806);
    near(metrics.sortino, 1.9758239641099167);
    let peak = 0;
    const daily = recorder.dayEquity.reduce((worst, e) => {
      peak = Math.max(peak, e);
      return Math.max(worst, 1 - e / peak);
    }, 0);
    near(daily, 0.4822072072072072);
  },
);
