import assert from "node:assert/strict";
import { test } from "node:test";
import { PERPETUAL } from "../../test/try-market.ts";
import { lots, type Money, milliTicks, money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { formatMark, unitMoney } from "../market/instrument.ts";
import { liquidationMark, liquidationTick, maintenanceMargin, tiersOf } from "./margin.ts";
import type { MarginModel } from "./options.ts";

const UNIT = unitMoney(PERPETUAL);
const usdt = (amount: number): Money => money(BigInt(amount) * 10n ** 18n);

function markOf(instrument: Instrument, side: 1 | -1, collateral: number, model?: MarginModel) {
  const position = lots(side * 1000);
  const cost = BigInt(position) * 600_000n * UNIT;
  const mark = liquidationMark(instrument, tiersOf(instrument, model), {
    lots: position,
    cost,
    collateral: usdt(collateral),
  });
  return { mark: mark ?? milliTicks(0), position };
}

test("BT-21 the liquidation price of the published vector, against the trader", () => {
  const long = markOf(PERPETUAL, 1, 6000);
  assert.equal(formatMark(PERPETUAL, long.mark), "54216.8675");
  assert.equal(liquidationTick(long.mark, long.position), 542_169);
  const short = markOf(PERPETUAL, -1, 6000);
  assert.equal(formatMark(PERPETUAL, short.mark), "65737.0517");
  assert.equal(liquidationTick(short.mark, short.position), 657_370);
});

test("BT-21 tiers that join: the second one's deduction changes nothing at their border", () => {
  const model: MarginModel = {
    mode: "isolated",
    liquidationFeePpm: 0,
    tiers: [
      { upTo: usdt(50_000), maintenancePpm: 4_000, deduction: usdt(0) },
      { upTo: null, maintenancePpm: 5_000, deduction: usdt(50) },
    ],
  };
  const tiers = tiersOf(PERPETUAL, model);
  const at = (price: number) => maintenanceMargin(PERPETUAL, tiers, { lots: 1000, mark: milliTicks(price * 10_000) });
  assert.equal(at(50_000), usdt(200));
  assert.equal(at(60_000), usdt(250));
  // long: m = (60,000 − 6,000 − 50) / 0.995 = 54,221.1055…
  assert.equal(formatMark(PERPETUAL, markOf(PERPETUAL, 1, 6000, model).mark), "54221.1056");
});

test("BT-21 a position with more collateral than it can lose is never liquidated", () => {
  assert.equal(markOf(PERPETUAL, 1, 60_000).mark, 0);
});
