// Divergences in a bot, through the one door: corrected in one step or left to an operator, counted and kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots } from "../market/amounts.ts";
import { benchWith, buy } from "./breakers.fixture.ts";
import { type Bench, book, CONFIGURED, fillOf, INSTRUMENT, MARK } from "./probe.fixture.ts";

/** Two reads, one after the other, that show this position. */
function shows(bot: Bench, position: number, fillsBetween = 0): void {
  for (let i = 0; i < 2; i += 1) {
    const askedAtSeq = bot.state.seq;
    const [id] = bot.state.orders.keys();
    for (let n = 0; n < fillsBetween && id !== undefined; n += 1) {
      bot.feed(fillOf(bot.state, id, { tradeId: `${askedAtSeq}-${n}`, quantity: 1 }));
    }
    const openOrders = [...bot.state.orders.values()].map(({ clientOrderId, exchangeOrderId, order, cumulative }) => ({
      clientOrderId,
      exchangeOrderId: exchangeOrderId ?? "",
      side: order.side,
      price: order.price,
      quantity: order.quantity,
      cumulative,
    }));
    const symbol = INSTRUMENT.symbol;
    bot.feed({ kind: "exchange-state", symbol, askedAtSeq, openOrders, positionLots: lots(position) });
  }
}

const accept = (bot: Bench): void => {
  bot.feed({ kind: "command", command: { name: "reconcileAccept" }, by: "ann", reason: "looked" });
};

const divergences = (bot: Bench): string =>
  bot.state.divergences
    .map(({ local, exchange, action, by }) => `${local}→${exchange} ${action} ${by}`.trim())
    .join("; ");

/** A bot that holds a thousand lots, so that ten more are 99 bps. */
function holding(texts: Parameters<typeof benchWith>[0] = {}): Bench {
  const bot = benchWith({ positionNotionalMax: "100000", ...texts });
  bot.feed(MARK);
  bot.feed({ kind: "command", command: { name: "adopt", lots: lots(0), average: null }, by: "ann", reason: "" });
  bot.state.ledger.position = lots(1_000);
  bot.state.ledger.cost = 300_000_000n;
  return bot;
}

test("RISK-35 a correction changes position, ledger and audit in one step", () => {
  const bot = holding();
  const before = bot.state.seq;
  const { position, balances } = bot.state.ledger;
  const cash = balances.get("cash|USDT") ?? 0n;
  shows(bot, 1_010);
  assert.equal(bot.state.ledger.position, position + 10);
  assert.notEqual(bot.state.ledger.balances.get("cash|USDT") ?? 0n, cash);
  assert.equal(bot.state.corrections.count, 1);
  assert.equal(divergences(bot), "1000→1010 corrected");
  assert.equal(bot.alerts().filter((code) => code === "adjusted").length, 1);
  assert.ok(bot.state.seq <= before + 2, "by the second read, and nothing more was needed");
});

test("RISK-53 small divergences wait for an operator until enough were accepted; the count is journaled", () => {
  const bot = holding({ autoCorrectApprovals: "1" });
  shows(bot, 1_010);
  assert.ok(bot.state.breakers.has("divergence"));
  assert.equal(bot.state.ledger.position, 1_000, "nothing is changed");
  accept(bot);
  assert.equal(bot.state.ledger.position, 1_010);
  assert.equal(bot.state.approvals, 1);
  shows(bot, 1_015);
  assert.equal(bot.state.ledger.position, 1_015, "trust was earned");
  assert.equal(divergences(bot), "1000→1010 waits; 1000→1010 accepted ann; 1010→1015 corrected");
  const alerts = bot.alerts().filter((code) => ["divergence", "adjusted", "reconcile-accepted"].includes(code));
  assert.deepEqual(alerts, ["divergence", "reconcile-accepted", "adjusted", "adjusted"], "each is one alert");
});

test("RISK-53 autoCorrect is switched off while the bot runs, by an operator's update", () => {
  const bot = holding();
  const config = CONFIGURED.kind === "configured" ? CONFIGURED.config : assert.fail();
  const risk = { ...bot.state.limits, autoCorrect: "off" };
  bot.feed({ kind: "command", command: { name: "update", config: { ...config, risk } }, by: "ann", reason: "careful" });
  shows(bot, 1_010);
  assert.equal(bot.state.ledger.position, 1_000);
  assert.ok(bot.state.breakers.has("divergence"));
});

test("RISK-31 fills that keep coming between question and answer end as inconclusive, and nothing is changed", () => {
  const bot = benchWith();
  buy(bot);
  for (let i = 0; i < 3; i += 1) shows(bot, 999, 1);
  assert.equal(bot.state.breakers.size, 0);
  assert.ok(bot.effects.some((effect) => effect.kind === "alert" && effect.text.includes("could not be compared")));
  bot.feed(book(300_000));
});
