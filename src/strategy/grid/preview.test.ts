// GRID-47 … GRID-49: the preview lists what the bot would place, and example 11 to the cent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, readConfig } from "../../../test/grid/bench.ts";
import { lots, money, ticks } from "../../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity } from "../../market/instrument.ts";
import { renderPreview } from "../../terminal/preview.ts";
import { type PreviewAccount, preview } from "./preview.ts";

const ACCOUNT: PreviewAccount = {
  quoteAvailable: money(10_000n * 10n ** 18n),
  leverage: 1,
  position: lots(0),
  positionEntry: null,
  priceBandBps: 100,
  priceBandFarBps: 3000,
  openOrdersLimit: 180,
};
const BOOK = { bid: ticks(299_999), ask: ticks(300_001) };

const reportOf = (texts: object, account: Partial<PreviewAccount> = {}) =>
  preview(readConfig({ ...EXAMPLE, ...texts }), ETH, { book: BOOK, account: { ...ACCOUNT, ...account } });

test("GRID-47 the preview lists exactly the orders the bot would place", () => {
  const report = reportOf({});
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  assert.deepEqual(
    report.orders.map(({ side, price, quantity }) => [side, price, quantity]),
    bench.placed.map(({ order }) => [order.side, order.price, order.quantity]),
  );
  const first = report.orders[0];
  assert.ok(first !== undefined);
  assert.deepEqual([first.leg, first.level, first.exitPrice], ["L", -1, 300_000]);
  assert.equal(formatMoney(first.value), "29.98");
  assert.equal(formatMoney(first.profit), "0.008004");
});

test("GRID-47 GRID-25 skipped levels stand with their reason", () => {
  const report = reportOf({ rangeLow: "2996.00" });
  assert.deepEqual(
    report.skipped.map(({ level, reason }) => [level, reason]),
    [[-3, "range"]],
  );
});

test("GRID-48 example 11: first window, full inventory, break-even gap and worst case", () => {
  const report = reportOf({ entryLevels: 10, heldSlotsMax: 100 });
  const { totals } = report;
  assert.ok(totals !== null);
  assert.equal(formatMoney(totals.windowValue, 2), "298.90");
  const { inventory, worst, breakEven } = totals;
  assert.deepEqual([inventory.slots, inventory.lots], [100, 1029]);
  assert.equal(formatPrice(ETH, inventory.nearest), "2998.00");
  assert.equal(formatPrice(ETH, inventory.farthest), "2800.00");
  assert.equal(formatQuantity(ETH, inventory.lots), "1.029");
  assert.match(formatMoney(inventory.value, 2), /^2981.01/);
  assert.match(renderPreview(report), /1\.029 ETH, 2981\.0[12] USDT, average 2897\.00/);
  assert.deepEqual([breakEven.price, breakEven.gap, breakEven.actual], [300_000, 121, 200]);
  assert.equal(formatPrice(ETH, worst.stressPrice), "2798.00");
  assert.match(formatMoney(worst.loss, 2), /^101.87|^101.86/);
  assert.match(renderPreview(report), /worst case +103.91 USDT lost at 2798.00/);
});

test("GRID-48 example 11: break-even at BTC 42000.0 is 169 ticks and the classic interval 1.0 is refused", () => {
  const instrument = { ...ETH, tickSize: "0.1", base: "BTC", symbol: "BTC/USDT:USDT", minNotional: 50_000 };
  const config = readConfig({ interval: "1.0", orderQuote: "100", anchor: "42000.0" }, instrument);
  const book = { bid: ticks(419_999), ask: ticks(420_001) };
  const report = preview(config, instrument, { book, account: ACCOUNT });
  assert.deepEqual(report.refusals, [
    "a cycle at 42000.0 loses 15.8002 USDT per BTC: interval 1.0 must be at least 16.9",
  ]);
  assert.match(renderPreview(report), /^refused: a cycle at 42000.0/m);
});

test("GRID-48 the stress price is the stop, else the edge of the range, else one gap beyond the last entry", () => {
  const stress = (texts: object): number | undefined => reportOf(texts).totals?.worst.stressPrice;
  assert.equal(stress({ stopLow: "2700.00", rangeLow: "2900.00" }), 270_000);
  assert.equal(stress({ rangeLow: "2900.00" }), 290_000);
  assert.equal(stress({ heldSlotsMax: 5 }), 298_800);
});

test("GRID-49 more inventory than the account can pay: the largest cap and the largest order that fit", () => {
  const quoteAvailable = money(100n * 10n ** 18n);
  const { warnings } = reportOf({ heldSlotsMax: 10 }, { quoteAvailable });
  const warning = warnings.find((text) => text.startsWith("full inventory"));
  assert.match(String(warning), /the largest heldSlotsMax that fits is 3, no orderQuote fits/);
  const more = reportOf({ heldSlotsMax: 10 }, { quoteAvailable: money(270n * 10n ** 18n) });
  const said = more.warnings.find((text) => text.startsWith("full inventory"));
  const order = /the largest orderQuote is (\d+\.\d+)/.exec(String(said))?.[1];
  assert.ok(order !== undefined, String(said));
  const fitting = reportOf({ heldSlotsMax: 10, orderQuote: order }, { quoteAvailable: money(270n * 10n ** 18n) });
  assert.ok(!fitting.warnings.some((text) => text.startsWith("full inventory")));
  assert.ok(reportOf({}).warnings.includes("the worst case leaves out funding and liquidation"));
});

test("GRID-47 the preview prints as a table a trader reads", () => {
  const lines = renderPreview(reportOf({})).split("\n");
  assert.match(lines.join("\n"), /L +-1 +buy +2998\.00 +0\.010 +29\.98 +3000\.00 +0\.008004 +entry post-only/);
  assert.ok(lines.every((line) => line.startsWith("warning") || line.length <= 120));
});
