// Breakers that the exchange's word on the account forces: margin, liquidation, a dead-man switch that fired.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks, money } from "../market/amounts.ts";
import { benchWith, buy, free, MINUTE_MS, newest, told, wait } from "./breakers.fixture.ts";
import { fillOf, INSTRUMENT, MARK, orderSeen } from "./probe.fixture.ts";

const marginOf = (maintenance: number) =>
  ({
    kind: "account",
    equity: money(2_000n * 10n ** 18n),
    quoteAvailable: money(0n),
    maintenanceMargin: money(BigInt(maintenance) * 10n ** 18n),
  }) as const;

test("RISK-18 margin: a warning at 3,000 bps, from 5,000 the position by halves until it is below the warning", () => {
  const bot = benchWith();
  buy(bot);
  bot.feed(marginOf(700));
  bot.feed(marginOf(700));
  assert.equal(bot.alerts().filter((code) => code === "margin").length, 1, "warned of once");
  bot.feed(marginOf(1_000));
  assert.equal(bot.alerts().filter((code) => code === "margin").length, 2);
  assert.equal(bot.state.closer?.target, 5, "half of ten");
  wait(bot, 1_000);
  const slice = newest(bot);
  assert.deepEqual(
    [bot.state.orders.get(slice)?.order.quantity, bot.state.orders.get(slice)?.order.reduceOnly],
    [5, true],
  );
  bot.feed(fillOf(bot.state, slice, { tradeId: "2", quantity: 5 }));
  bot.feed(orderSeen(bot.state, slice, { status: "filled", cumulative: 5 }));
  wait(bot, 1_000);
  assert.equal(bot.state.closer, null);
  wait(bot, 10_000);
  assert.equal(bot.state.closer, null, "the account is read before the next half");
  assert.ok(bot.effects.some((effect) => effect.kind === "reconcile" && effect.because.code === "reconcile.margin"));
  wait(bot, 1_000);
  bot.feed(marginOf(800));
  assert.deepEqual(bot.state.closer, {
    because: "reduce.margin",
    nextAtMs: bot.atMs + 1_000,
    startedAtMs: bot.atMs,
    target: 2,
  });
  assert.ok(bot.state.breakers.has("margin-ratio"), "an operator closes it");
});

test("RISK-18 liquidation: a warning, then the position is closed at 1,000 bps or nearer", () => {
  const bot = benchWith();
  buy(bot);
  const position = { kind: "position", symbol: INSTRUMENT.symbol, lots: lots(10), askedAtSeq: 0 } as const;
  bot.feed({ ...position, liquidation: milliTicks(250_000_000) });
  bot.feed(MARK);
  wait(bot, 1_000);
  wait(bot, 1_000);
  assert.equal(bot.alerts().filter((code) => code === "liquidation").length, 1);
  bot.feed({ ...position, liquidation: milliTicks(270_000_000) });
  wait(bot, 1_000);
  assert.equal(bot.state.breakers.get("liquidation")?.action, "F");
  assert.equal(bot.state.closer?.because, "flatten.liquidation");
  assert.equal(bot.alerts().filter((code) => code === "liquidation").length, 2, "one alert a cause");
});

test("RISK-39 all resting orders cancelled and none by us: a dead-man switch fired, and nothing is replaced", () => {
  const bot = benchWith();
  const before = bot.placed();
  for (const id of before) bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  assert.equal(bot.state.blocks.get("orders-gone")?.level, "HALT", "at once");
  wait(bot, 1_900);
  assert.deepEqual([bot.alerts().includes("dead-man-fired"), bot.placed()], [false, before]);
  bot.atMs = bot.state.timers.get("engine.breakers") ?? assert.fail("no timer");
  bot.feed({ kind: "timer", name: "engine.breakers", missed: 0 });
  assert.equal(bot.state.breakers.get("manual")?.action, "A");
  assert.equal(bot.alerts().filter((code) => code === "dead-man-fired").length, 1);
  assert.equal(bot.state.blocks.has("orders-gone"), false);
  wait(bot, 60 * MINUTE_MS);
  assert.deepEqual(bot.placed(), before);
});

for (const origin of ["liquidation", "adl"] as const) {
  test(`RISK-39 RISK-18 the exchange cancels everything before its ${origin}: told, and no dead-man switch`, () => {
    const bot = benchWith();
    buy(bot);
    const id = newest(bot);
    const resting = [...bot.state.orders.keys()];
    wait(bot, 1_000);
    for (const each of bot.state.orders.keys()) {
      bot.feed(orderSeen(bot.state, each, { status: "canceled", cumulative: 0 }));
    }
    const placed = bot.placed().length;
    assert.ok(resting.length > 0 && bot.state.blocks.has("orders-gone"));
    const fill = fillOf(bot.state, id, { tradeId: "9", quantity: 4 });
    bot.feed({ ...fill, clientOrderId: null, side: "sell", origin } as typeof fill);
    assert.equal(bot.state.breakers.get("manual")?.action, "A");
    assert.equal(bot.state.blocks.has("orders-gone"), false);
    for (let n = 0; n < 10; n += 1) wait(bot, 1_000);
    const critical = bot.alerts().filter((code) => code === "dead-man-fired" || code === "liquidation");
    assert.deepEqual(critical, ["liquidation"], "one alert a cause");
    assert.equal(bot.placed().length, placed, "the bot stops until an operator has looked");
  });
}

test("RISK-39 a single order cancelled by somebody is the strategy's own matter", () => {
  const bot = benchWith();
  free(bot);
  assert.equal(bot.state.breakers.size, 0);
  assert.equal(bot.placed().length, 3, "it is placed again");
});

test("RISK-18 what the exchange liquidates stops the bot until an operator has looked, with one alert", () => {
  const bot = benchWith();
  buy(bot);
  const id = newest(bot);
  const fill = fillOf(bot.state, id, { tradeId: "9", quantity: 4 });
  bot.feed({ ...fill, clientOrderId: null, side: "sell", origin: "liquidation" } as typeof fill);
  assert.equal(bot.state.breakers.get("manual")?.action, "A");
  assert.equal(bot.alerts().filter((code) => code === "liquidation").length, 1);
  assert.deepEqual(told(bot), []);
  assert.equal(bot.state.ledger.position, 6);
});

/** A bot with ten lots whose book is ten seconds old, and what its closer placed since. */
function placedWithoutBook(begin: (bot: ReturnType<typeof benchWith>) => void): readonly string[] {
  const bot = benchWith();
  buy(bot);
  for (const id of bot.state.orders.keys()) bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  const before = bot.placed().length;
  bot.atMs += 10_000;
  bot.feed(MARK);
  begin(bot);
  for (let i = 0; i < 3; i += 1) {
    bot.atMs += 1_000;
    bot.feed(MARK);
  }
  return bot
    .placed()
    .slice(before)
    .map((id) => {
      const order = bot.state.orders.get(id)?.order;
      return `${order?.slotKey} ${order?.side} ${order?.price} ${order?.reduceOnly === true ? "reduce-only" : ""}`;
    });
}

test("RISK-37 a stale book is no book: a flatten waits for one, margin closes at the mark less its limit", () => {
  const flatten = placedWithoutBook((bot) => {
    bot.feed({ kind: "command", command: { name: "breakerOpen", action: "F" }, by: "ann", reason: "out" });
  });
  assert.deepEqual(flatten, []);
  const margin = placedWithoutBook((bot) => bot.feed(marginOf(1_500)));
  assert.equal(margin[0], "closer sell 299400 reduce-only", "20 bps below 3,000.00");
});
