// GRID-47 … GRID-49: the preview lists what the bot would place, and example 11 to the cent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, readConfig } from "../../../test/grid/bench.ts";
import { lots, milliTicks, money, ticks } from "../../market/amounts.ts";
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

const DEAR = [
  "a cycle at 5998.00 loses 0.3996 USDT per ETH: interval 2.00 must be at least 2.40",
  "no entry is placed where a cycle loses",
].join("; ");
const LEFT_OUT = "the worst case leaves out funding and liquidation";

test("GRID-47 exits of an adopted position stand first, with level and profit of either leg", () => {
  const entry = milliTicks(300_000_000);
  const rows = (mode: "long" | "short", held: number) => {
    const report = reportOf({ adoptPosition: "entry", mode }, { position: lots(held), positionEntry: entry });
    assert.deepEqual(report.refusals, []);
    const orders = report.orders.map((order) => {
      const text = `${order.leg} ${order.purpose} ${order.level} ${order.side} ${order.price} to ${order.exitPrice}`;
      return `${text} earns ${formatMoney(order.profit)}${order.reduceOnly ? " reduce-only" : ""}`;
    });
    return { orders, window: formatMoney(report.totals?.windowValue ?? money(0n), 2) };
  };
  assert.deepEqual(rows("long", 20), {
    orders: [
      "L exit 1 sell 300200 to 300200 earns 0.007996 reduce-only",
      "L exit 2 sell 300400 to 300400 earns 0.007988 reduce-only",
      "L entry -1 buy 299800 to 300000 earns 0.008004",
      "L entry -2 buy 299600 to 299800 earns 0.008012",
      "L entry -3 buy 299400 to 299600 earns 0.00802",
    ],
    window: "89.88",
  });
  assert.deepEqual(rows("short", -20), {
    orders: [
      "S exit -1 buy 299800 to 299800 earns 0.008004 reduce-only",
      "S exit -2 buy 299600 to 299600 earns 0.008012 reduce-only",
      "S entry 1 sell 300200 to 300000 earns 0.007996",
      "S entry 2 sell 300400 to 300200 earns 0.007988",
      "S entry 3 sell 300600 to 300400 earns 0.00798",
    ],
    window: "90.12",
  });
});

test("GRID-48 capital is full inventory by leverage, rounded up; rounding to lots is told", () => {
  const totals = (leverage: number) => reportOf({}, { leverage }).totals;
  const value = 2_981_012n * 10n ** 15n;
  assert.deepEqual([totals(1)?.capital, totals(1)?.inventory.value], [value, value]);
  assert.equal(totals(3)?.capital, (value + 1n) / 3n);
  assert.equal(totals(0)?.capital, value);
  // three orders of 10 lots where 30 USDT ask for 6, 13 and 20 thousandths of a lot more
  assert.equal(totals(1)?.roundingMilliLots, -39);
});

test("GRID-47 GRID-49 every warning: what the start warns of, what is left out, what is out of reach", () => {
  const value = 2_981_012n * 10n ** 15n;
  assert.deepEqual(reportOf({}).warnings, [DEAR, LEFT_OUT]);
  const candles = "trend and dynamic spacing need candles and are left out of this preview";
  for (const texts of [{ trend: { enabled: true } }, { dynamic: { enabled: true } }]) {
    const report = reportOf(texts);
    assert.deepEqual([report.warnings, report.orders.length], [[DEAR, candles, LEFT_OUT], 3]);
  }
  // what is there just suffices, by itself or by leverage
  assert.equal(reportOf({}, { quoteAvailable: money(value) }).warnings.length, 2);
  assert.equal(reportOf({}, { quoteAvailable: money(value - 1n) }).warnings.length, 3);
  assert.equal(reportOf({}, { quoteAvailable: money(value / 4n), leverage: 4 }).warnings.length, 2);
  assert.equal(reportOf({}, { quoteAvailable: money(value / 4n), leverage: 3 }).warnings.length, 3);
});

test("GRID-47 a grid that would not start, or has no price to start from, shows no order and no total", () => {
  const refused = reportOf({}, { position: lots(20), positionEntry: milliTicks(300_000_000) });
  const why = "position 0.020 ETH is not explained by the journal; set adoptPosition to entry or market, or close it";
  const nothing = { orders: [], skipped: [], totals: null };
  const { refusals, orders, skipped, totals } = refused;
  assert.deepEqual({ refusals, orders, skipped, totals }, { refusals: [why], ...nothing });
  const crossed = { bid: ticks(300_001), ask: ticks(300_001) };
  const blind = preview(readConfig(EXAMPLE), ETH, { book: crossed, account: ACCOUNT });
  assert.deepEqual([blind.refusals, blind.orders, blind.skipped, blind.totals], [[], [], [], null]);
  assert.deepEqual(reportOf({}).refusals, []);
});
