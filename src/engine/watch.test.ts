// One look of the breakers alone: what it finds and with which words it opens, what still holds a breaker open, and
// when the bot is woken for the next look.

import assert from "node:assert/strict";
import { test } from "node:test";
import { milliTicks, money } from "../market/amounts.ts";
import type { BreakerName } from "../risk/breaker/breaker.ts";
import { makeClientOrderId } from "../trading/client-order-id.ts";
import { benchWith, MINUTE_MS } from "./breakers.fixture.ts";
import { trip } from "./breakers.ts";
import { holding, quoting } from "./evidence.fixture.ts";
import { type Bench, INSTRUMENT } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";
import { causeHolds, isLookDue, lookAround, watchUnknown } from "./watch.ts";

function turnOf(bot: Bench, act: (turn: Turn) => void): readonly string[] {
  const turn = new Turn(bot.state);
  act(turn);
  return said(bot, turn.effects);
}
/** A look, and what it said; timers apart. */
const looks = (bot: Bench): readonly string[] => turnOf(bot, lookAround).filter((line) => !line.startsWith("timer"));
/** In how many ms the next look is, after one. */
function woken(bot: Bench): number | null {
  bot.state.timers.clear();
  turnOf(bot, lookAround);
  const atMs = bot.state.timers.get("engine.breakers");
  return atMs === undefined ? null : atMs - bot.state.nowMs;
}

/** Under a configuration of a release before the breakers. */
function without(bot: Bench): Bench {
  const { breakers: _breakers, ...old } = bot.state.limits ?? assert.fail();
  bot.state.limits = old;
  return bot;
}

test("RISK-18 a look is due a second after the last one", () => {
  const { state } = benchWith();
  state.history.lookedAtMs = state.nowMs - 999;
  assert.equal(isLookDue(state), false);
  state.history.lookedAtMs -= 1;
  assert.equal(isLookDue(state), true);
});

test("RISK-18 whether the cause still holds is asked of each breaker's own figures", () => {
  const bot = holding(100);
  const { state } = bot;
  const { history, nowMs } = state;
  const holds = (name: BreakerName): boolean => causeHolds(state, name);
  for (let n = 0; n < 20; n += 1) history.roundTrips.samples.push([nowMs, 999]);
  assert.deepEqual([holds("latency"), holds("retries"), holds("unknown"), holds("divergence")], Array(4).fill(false));
  assert.deepEqual([holds("margin-ratio"), holds("liquidation")], [false, false]);
  history.roundTrips.samples = history.roundTrips.samples.map(([atMs]) => [atMs, 1_000]);
  assert.equal(holds("latency"), true, "half of 2,000 ms");
  history.retries.errors = Array.from({ length: 51 }, () => nowMs);
  assert.equal(holds("retries"), true);
  state.divergence = { local: INSTRUMENT.minLots, exchange: INSTRUMENT.minLots };
  assert.equal(holds("divergence"), false, "what the exchange shows is what is booked by now");
  state.divergence = { local: INSTRUMENT.minLots, exchange: INSTRUMENT.maxLots };
  assert.equal(holds("divergence"), true);
  state.equity = { equity: money(10n), quoteAvailable: money(10n), maintenanceMargin: money(3n), atMs: nowMs };
  assert.equal(holds("margin-ratio"), true);
  state.equity = { ...state.equity, maintenanceMargin: money(2n) };
  assert.equal(holds("margin-ratio"), false);
  state.liquidation = { price: milliTicks(270_000_000), atMs: nowMs };
  assert.equal(holds("liquidation"), true, "1,000 bps below 3,000.00");
  const events = [
    "consecutive-losses",
    "drawdown-window",
    "drawdown-amount",
    "drawdown-total",
    "net-exposure",
  ] as const;
  for (const name of [...events, "rejects", "manual"] as const) assert.equal(holds(name), false, "it has happened");
});

test("RISK-18 feeds hold their breaker for ten seconds after the last of them came back", () => {
  const { state } = benchWith();
  state.history.freshSinceMs = null;
  assert.equal(causeHolds(state, "stale-feed"), true);
  state.history.freshSinceMs = state.nowMs - 9_999;
  assert.equal(causeHolds(state, "stale-feed"), true);
  state.history.freshSinceMs -= 1;
  assert.equal(causeHolds(state, "stale-feed"), false);
});

test("RISK-18 a liquidation is near only with a position, a price of it and a mark", () => {
  const near = (change: (bot: Bench) => void): boolean => {
    const bot = holding(100);
    bot.state.liquidation = { price: milliTicks(285_000_000), atMs: bot.state.nowMs };
    change(bot);
    return causeHolds(bot.state, "liquidation");
  };
  assert.equal(
    near(() => {}),
    true,
  );
  assert.equal(
    near(({ state }) => {
      state.liquidation = null;
    }),
    false,
  );
  assert.equal(
    near(({ state }) => {
      state.book = null;
    }),
    false,
  );
  assert.equal(
    near(({ state }) => {
      Object.assign(state, { book: null, liquidation: null });
    }),
    false,
  );
  assert.equal(
    near(({ state }) => {
      state.ledger.position = holding(0).state.ledger.position;
    }),
    false,
  );
});

test("RISK-18 under a configuration of before the breakers nothing that is judged by a limit holds", () => {
  const bot = without(holding(100));
  const { nowMs } = bot.state;
  bot.state.equity = { equity: money(10n), quoteAvailable: money(10n), maintenanceMargin: money(10n), atMs: nowMs };
  bot.state.liquidation = { price: milliTicks(299_000_000), atMs: nowMs };
  bot.state.history.retries.errors = Array.from({ length: 51 }, () => nowMs);
  for (const name of ["latency", "retries", "margin-ratio", "liquidation"] as const) {
    assert.equal(causeHolds(bot.state, name), false, name);
    bot.state.limits = null;
  }
});

test("RISK-18 the bot is woken for the earliest of what ends or trips by time, and for nothing that is over", () => {
  const { bot, id } = quoting();
  const { state } = bot;
  const { history } = state;
  assert.equal(woken(bot), null, "fresh feeds and settled orders wake nobody");
  turnOf(bot, (turn) => trip(turn, "stale-feed", { reason: "why" }));
  history.freshSinceMs = state.nowMs - 4_000;
  assert.equal(woken(bot), 6_000);
  history.halving = { lastAtMs: 0, nextAtMs: state.nowMs + 5_000 };
  assert.equal(woken(bot), 5_000, "the next half of a position");
  history.halving = { lastAtMs: 0, nextAtMs: state.nowMs - 1 };
  assert.equal(woken(bot), 1_000, "a read that did not come is asked for again");
  Object.assign(history, { halving: null, freshSinceMs: null });
  state.blocks.set("feed-book", state.blocks.get("stale-feed") ?? assert.fail());
  assert.equal(woken(bot), null, "a stale feed ends by its own word");
  const order = state.orders.get(id) ?? assert.fail();
  order.unknownSinceMs = state.nowMs - 50_000;
  assert.equal(woken(bot), 10_001, "a minute and no longer may an order be unsettled");
  history.forced.set("unknown", 1);
  order.unknownSinceMs = state.nowMs - 60_001;
  assert.equal(woken(bot), null, "the operator's force holds until it is settled");
  order.unknownSinceMs = state.nowMs - 70_000;
  assert.equal(woken(bot), null);
  history.forced.clear();
  assert.equal(woken(bot), null, "its breaker is open");
  assert.equal(state.breakers.has("unknown"), true);
  state.blocks.set("orders-gone", { ...(state.blocks.get("unknown") ?? assert.fail()), sinceMs: state.nowMs - 500 });
  assert.equal(woken(bot), 1_500, "two seconds after all orders were gone it is known why");
  assert.equal(woken(unsettled([10, 20, 30, 40])), null, "too many are unsettled already, however old they grow");
});

test("RISK-18 before the clock has run ten seconds a stale feed wakes nobody either", () => {
  const bot = benchWith();
  turnOf(bot, (turn) => trip(turn, "stale-feed", { reason: "why" }));
  bot.state.blocks.set("feed-book", bot.state.blocks.get("stale-feed") ?? assert.fail());
  Object.assign(bot.state.history, { freshSinceMs: null, lookedAtMs: 0 });
  bot.state.nowMs = 5_000;
  assert.equal(woken(bot), null);
});

test("RISK-26 the bot is woken for its monitor, and not for one it has no more", () => {
  const bot = benchWith({ "monitor.instruments": "A/USDT:USDT", "monitor.recoveryThreshold": "1" });
  bot.state.monitor.blindSinceMs = bot.state.nowMs - MINUTE_MS;
  assert.equal(woken(bot), MINUTE_MS, "when it has been blind for two minutes");
  const { monitor: _monitor, ...none } = bot.state.limits ?? assert.fail();
  bot.state.limits = none;
  assert.equal(woken(bot), null);
});

test("RISK-18 RISK-39 each look judges the margin as last read, and what cancelled all orders", () => {
  const bot = holding(100);
  const { nowMs } = bot.state;
  bot.state.equity = { equity: money(2n), quoteAvailable: money(2n), maintenanceMargin: money(1n), atMs: nowMs };
  assert.match(looks(bot)[0] ?? "", /^critical margin: breaker margin-ratio opened: /);
  const gone = benchWith();
  const block = { reason: "all", sinceMs: nowMs - 2_000, level: "HALT", leg: "both", reducing: false } as const;
  gone.state.blocks.set("orders-gone", block);
  assert.match(looks(gone)[0] ?? "", /^critical dead-man-fired: all: the dead-man switch fired; /);
});

test("RISK-18 round trips slower than the limit three times in a row open latency; 0 is off", () => {
  const slow = (bot: Bench): readonly string[] => {
    const { roundTrips } = bot.state.history;
    for (let n = 0; n < 20; n += 1) roundTrips.samples.push([bot.state.nowMs + 5_000, 2_500]);
    return [1, 2, 3].flatMap(() => {
      bot.state.nowMs += 5_000;
      return looks(bot);
    });
  };
  const opened = "error breaker-opened: breaker latency opened: 99 of 100 orders took up to 2500 ms, limit 2000 ms";
  assert.deepEqual(slow(benchWith()), [`${opened} breaker=latency action=O value=2500 ms limit=2000 ms`]);
  assert.deepEqual(slow(benchWith({ latencyP99MsMax: "0" })), []);
});

/** A bot with one order for each time, unsettled for so many ms; null: it is settled. */
function unsettled(agesMs: readonly (number | null)[]): Bench {
  const { bot, id } = quoting();
  const order = bot.state.orders.get(id) ?? assert.fail();
  bot.state.orders.clear();
  for (const [at, ageMs] of agesMs.entries()) {
    const clientOrderId = makeClientOrderId({ tag: "probe0", lineage: 0, seq: 9, index: at });
    const unknownSinceMs = ageMs === null ? null : bot.state.nowMs - ageMs;
    bot.state.orders.set(clientOrderId, { ...order, clientOrderId, unknownSinceMs });
  }
  return bot;
}
const unknown = (agesMs: readonly (number | null)[]): readonly string[] => {
  const bot = unsettled(agesMs);
  return turnOf(bot, (turn) => watchUnknown(turn, bot.state.limits?.breakers ?? assert.fail()));
};

test("RISK-18 unsettled orders open unknown when they are more than three, or one is so for over a minute", () => {
  const opened = "error breaker-opened: breaker unknown opened:";
  assert.deepEqual([unknown([]), unknown([null, null, null, null])], [[], []]);
  assert.deepEqual(unknown([10, 60_000, 20, null, null]), [], "three, and a minute");
  assert.deepEqual(unknown([1, 2, null, 3, 4]), [
    `${opened} 4 orders are unsettled, limit 3 breaker=unknown action=O value=4 orders limit=3 orders`,
  ]);
  assert.deepEqual(unknown([10, 60_001, 20, null]), [
    `${opened} an order is unsettled for 60001 ms, limit 60000 ms` +
      " breaker=unknown action=O value=60001 ms limit=60000 ms",
  ]);
});
