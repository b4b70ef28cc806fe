import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionMessage } from "../../sim/session.ts";
import type { WatchMessage } from "../../sim/watchers.ts";
import type { Emulator } from "./emulator.ts";
import { emulated, order, PERPETUAL, START_MS, WALLET } from "./stage.fixture.ts";

const HOUR_MS = 3_600_000;

function told(emulator: Emulator): SessionMessage[] {
  const heard: SessionMessage[] = [];
  emulator.world.follow(WALLET, (_symbol, message) => heard.push(message));
  return heard;
}

const position = (emulator: Emulator): number => {
  const { clearing } = emulator.world.exchange;
  return clearing.holding(clearing.account(WALLET), PERPETUAL).lots;
};

test("EMU-34 trades, levels, books and marks put in by hand are seen at once, and fill what they reach", async () => {
  await emulated({}, async (emulator) => {
    const { operator } = emulator.control;
    const seen: WatchMessage[] = [];
    const wish = { trades: true, openCandle: null, depth: 1, intervalUs: 100_000 };
    emulator.world.watch(PERPETUAL, wish, (message) => seen.push(message));
    await order(emulator, "a", { price: 599_990, quantity: 5 });
    const heard = told(emulator);
    assert.equal(operator.market.level(PERPETUAL, { side: "buy", price: "59999.9", quantity: 0 }), null);
    assert.equal(operator.market.trade(PERPETUAL, { side: "sell", price: "59998.9", quantity: "0.003" }), null);
    assert.deepEqual(
      heard.map(({ kind }) => kind),
      ["fill", "order"],
    );
    assert.equal(seen.filter(({ kind }) => kind === "trade").length, 1);
    assert.equal(operator.market.book(PERPETUAL, { bids: [["50000", "1"]], asks: [["50000.1", 2_000]] }), null);
    await emulator.control.clock({ advanceMs: 200 });
    const { bids, asks, mark } = emulator.control.state().markets[0] ?? {};
    assert.deepEqual([bids, asks, mark], [[["50000.0", "1.000"]], [["50000.1", "2.000"]], "50000.05"]);
    const book = seen.findLast((message) => message.kind === "book");
    assert.deepEqual(book?.kind === "book" ? book.bids : null, [[500_000, 1_000]]);
    assert.equal(operator.market.mark(PERPETUAL, "50123.45"), null);
    assert.equal(operator.market.index(PERPETUAL, "50100"), null);
    assert.equal(emulator.world.index(PERPETUAL), 501_000_000);
    assert.equal(emulator.world.exchange.market(PERPETUAL).mark(), 501_234_500);
    assert.match(operator.market.trade(PERPETUAL, { side: "buy", price: "50000.05", quantity: 1 }) ?? "", /multiple/);
    assert.match(operator.market.trade("X/Y", { side: "buy", price: 1, quantity: 1 }) ?? "", /no protocol lists/);
  });
});

test("EMU-28 filterChange: a coarser grid is published, binds new orders and leaves resting ones alone", async () => {
  await emulated({}, async (emulator) => {
    const { operator } = emulator.control;
    await order(emulator, "old", { price: 599_903, quantity: 5 });
    assert.equal(operator.change(PERPETUAL, { tickSize: "0.5", lotSize: "0.002", minNotional: "20" }), null);
    assert.deepEqual(await order(emulator, "off", { price: 599_903, quantity: 6 }), {
      result: "rejected",
      reason: "OFF_GRID",
      text: "price 599903 is off the tick grid",
    });
    assert.match(JSON.stringify(await order(emulator, "odd", { price: 599_905, quantity: 5 })), /off the lot grid/);
    assert.match(JSON.stringify(await order(emulator, "new", { price: 599_905, quantity: 6 })), /accepted/);
    assert.equal(emulator.control.orders("old")[0]?.status, "open");
    assert.match(operator.change(PERPETUAL, { tickSize: "0.25" }) ?? "", /only becomes coarser/);
  });
});

test("EMU-28 halt: places are refused while the instrument is halted, cancels go through", async () => {
  await emulated({}, async (emulator) => {
    await order(emulator, "a", { price: 599_900, quantity: 5 });
    assert.equal(emulator.control.operator.status(PERPETUAL, "halted"), null);
    assert.match(JSON.stringify(await order(emulator, "b", { price: 599_900, quantity: 5 })), /INSTRUMENT_NOT_TRADING/);
    assert.equal(emulator.world.cancel(WALLET, PERPETUAL, "a").result, "accepted");
  });
});

test("EMU-28 fundingSettle, liquidate, adl and foreign orders reach the account", async () => {
  await emulated({}, async (emulator) => {
    const { operator } = emulator.control;
    await order(emulator, "a", { price: 600_010, quantity: 100 });
    const heard = told(emulator);
    const kinds = (): string[] => heard.splice(0).map((each) => (each.kind === "fill" ? each.origin : each.kind));
    assert.equal(operator.settleFunding(PERPETUAL, "0.0003"), null);
    assert.deepEqual(kinds(), ["funding-settled"]);
    assert.equal(operator.adl("demo", PERPETUAL, 30), null);
    assert.deepEqual(kinds(), ["adl"]);
    assert.equal(position(emulator), 70);
    assert.equal(operator.liquidate("demo", PERPETUAL, 500_000), null);
    assert.deepEqual(kinds(), ["liquidation"]);
    assert.equal(position(emulator), 35);
    assert.equal(operator.foreignOrder("demo", { symbol: PERPETUAL, side: "sell", lots: 5, price: null }), null);
    assert.equal(position(emulator), 30);
    assert.deepEqual(
      emulator.control.orders("web_1").map(({ status }) => status),
      ["filled"],
    );
    await order(emulator, "rests", { price: 600_005, quantity: 4 });
    assert.equal(operator.othersOrder({ symbol: PERPETUAL, side: "sell", lots: "0.004", price: "60000.5" }), null);
    assert.equal(emulator.control.orders("rests")[0]?.status, "filled", "somebody else's order met ours");
    assert.match(operator.liquidate("nobody", PERPETUAL) ?? "", /no position/);
    assert.match(operator.settleFunding("BTC/USDT", "0.1") ?? "", /no perpetual/);
  });
});

test("EMU-28 balanceDrift: money comes from outside, and every asset still sums up", async () => {
  await emulated({}, (emulator) => {
    const { clearing } = emulator.world.exchange;
    const sum = (): bigint =>
      [...clearing.accounts.values()].reduce((all, { balances }) => all + (balances.get("USDT") ?? 0n), 0n) +
      [...clearing.house].reduce((all, [pocket, amount]) => all + (pocket.endsWith(" USDT") ? amount : 0n), 0n);
    const before = sum();
    const to = { protocol: "binance-spot", asset: "USDT", amount: "-1000.5" };
    assert.equal(emulator.control.operator.deposit("demo", to), null);
    assert.equal(emulator.control.state().accounts[0]?.wallets[1]?.balances["USDT"], "998999.5");
    assert.equal(sum(), before);
  });
});

test("EMU-04 funding is settled at multiples of its interval by the emulator's clock", async () => {
  const startMs = Math.floor(START_MS / (8 * HOUR_MS)) * 8 * HOUR_MS + 8 * HOUR_MS - 60_000;
  await emulated({ clock: { mode: "manual", startMs } }, async (emulator) => {
    const { control } = emulator;
    await order(emulator, "a", { price: 600_010, quantity: 100 });
    const heard = told(emulator);
    assert.equal(control.operator.market.fundingRate(PERPETUAL, "0.0005"), null);
    await control.clock({ advanceMs: 61_000 });
    const settled = heard.find((message) => message.kind === "funding-settled");
    assert.equal(settled?.kind === "funding-settled" ? settled.settledAtMs : 0, startMs + 60_000);
    assert.equal(settled?.kind === "funding-settled" ? settled.ratePpt : 0, 500_000_000);
    control.operator.settleFunding(PERPETUAL, "0.0001", HOUR_MS);
    heard.splice(0);
    await control.clock({ advanceMs: HOUR_MS });
    assert.deepEqual(
      heard.map(({ kind }) => kind).filter((kind) => kind !== "account"),
      ["funding-settled"],
      "the new interval is used",
    );
  });
});

test("EMU-06 a wallet's own leverage decides what its orders tie up", async () => {
  const poor = { name: "demo", balances: { "binance-usdm": { USDT: "1000" } } };
  await emulated({ accounts: [poor] }, async (emulator) => {
    const big = { price: 599_900, quantity: 150 };
    assert.match(JSON.stringify(await order(emulator, "a", big)), /accepted/);
    emulator.world.cancel(WALLET, PERPETUAL, "a");
    emulator.world.setLeverage(WALLET, PERPETUAL, 5);
    assert.match(JSON.stringify(await order(emulator, "b", big)), /INSUFFICIENT_FUNDS/);
  });
});
