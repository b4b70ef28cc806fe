// Orders that were cancelled and nobody here asked: one is a person's doing, all of them within seconds a switch's.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Order } from "../trading/order.ts";
import { benchWith } from "./breakers.fixture.ts";
import { explainGone, judgeGone, verdictMs, watchUnasked } from "./dead-man-watch.ts";
import { OWN } from "./evidence.fixture.ts";
import type { Bench } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";

/** A running bot with two orders that rest. */
function resting(): { readonly bot: Bench; readonly orders: readonly [Order, Order] } {
  const bot = benchWith();
  bot.state.timers.clear();
  const [first, second] = [...bot.state.orders.values()];
  return { bot, orders: [first ?? assert.fail(), second ?? assert.fail()] };
}

/** The exchange says the order is cancelled. */
function gone(bot: Bench, order: Order, change: Partial<Order> = {}) {
  bot.state.orders.delete(order.clientOrderId);
  const turn = new Turn(bot.state);
  watchUnasked(turn, { ...order, status: "canceled", ...change });
  return { did: said(bot, turn.effects), gatesChanged: turn.gatesChanged };
}

function judge(bot: Bench) {
  const turn = new Turn(bot.state);
  judgeGone(turn);
  return { did: said(bot, turn.effects), gatesChanged: turn.gatesChanged };
}

const isGone = (bot: Bench): boolean => bot.state.blocks.has("orders-gone");

test("RISK-39 when the last of several resting orders is cancelled unasked, nothing is placed from then on", () => {
  const { bot, orders } = resting();
  assert.deepEqual(gone(bot, orders[0]), { did: [], gatesChanged: false });
  assert.deepEqual(bot.state.history.unasked, { fromMs: bot.state.nowMs, count: 1, of: 2 });
  bot.state.nowMs += 5_000;
  assert.deepEqual(gone(bot, orders[1]), { did: ["timer engine.breakers in 2000"], gatesChanged: true });
  const reason = "all 2 resting orders were cancelled and we asked for none";
  const block = { reason, sinceMs: bot.state.nowMs, level: "HALT", leg: "both", reducing: false };
  assert.deepEqual(bot.state.blocks.get("orders-gone"), block);
  assert.deepEqual(gone(bot, orders[1]).did, [], "it is known already");
  assert.equal(bot.state.history.unasked?.count, 2);
});

test("RISK-39 cancels that are further apart than five seconds are not one switch's", () => {
  const { bot, orders } = resting();
  gone(bot, orders[0]);
  bot.state.nowMs += 5_001;
  gone(bot, orders[1]);
  assert.deepEqual([isGone(bot), bot.state.history.unasked?.count], [false, 1]);
});

test("RISK-39 an order we cancelled, an immediate one, and any before the bot runs say nothing", () => {
  const said = (change: Partial<Order>, phase: "running" | "recovering" = "running"): boolean => {
    const { bot, orders } = resting();
    bot.state.phase = phase;
    gone(bot, orders[0], change);
    return bot.state.history.unasked !== null;
  };
  const { order } = resting().orders[0];
  assert.deepEqual([said({}), said({ cancelAsked: true })], [true, false]);
  assert.deepEqual([said({ order: { ...order, timeInForce: "IOC" } }), said({}, "recovering")], [false, false]);
});

test("RISK-39 only what rested then must be gone: an order on its way or being cancelled is not waited for", () => {
  const of = (change: Partial<Order>): number | undefined => {
    const { bot, orders } = resting();
    Object.assign(orders[1], change);
    gone(bot, orders[0]);
    return bot.state.history.unasked?.of;
  };
  assert.deepEqual(
    [of({}), of({ cancelAsked: true }), of({ place: "recorded" }), of({ status: "filled" })],
    [2, 1, 1, 1],
  );
  const { bot, orders } = resting();
  bot.state.orders.delete(orders[1].clientOrderId);
  gone(bot, orders[0]);
  assert.equal(isGone(bot), false, "one alone is somebody's own matter");
  const three = resting();
  three.bot.state.orders.set(OWN, { ...three.orders[0], clientOrderId: OWN });
  for (const order of three.orders) gone(three.bot, order);
  assert.equal(isGone(three.bot), false, "one rests still");
});

test("RISK-39 the bot is woken for the verdict, unless it wakes before that anyway", () => {
  const woken = (armedMs: number): readonly string[] => {
    const { bot, orders } = resting();
    bot.state.timers.set("engine.breakers", bot.state.nowMs + armedMs);
    gone(bot, orders[0]);
    return gone(bot, orders[1]).did;
  };
  assert.deepEqual([woken(1_999), woken(2_000), woken(2_001)], [[], [], ["timer engine.breakers in 2000"]]);
});

test("RISK-39 two seconds later it was the switch: told, and stopped until an operator has looked", () => {
  const { bot, orders } = resting();
  assert.deepEqual([judge(bot).did, verdictMs(bot.state)], [[], null]);
  gone(bot, orders[0]);
  gone(bot, orders[1]);
  const atMs = bot.state.nowMs + 2_000;
  assert.equal(verdictMs(bot.state), atMs);
  bot.state.nowMs = atMs - 1;
  assert.deepEqual(judge(bot).did, []);
  bot.state.nowMs = atMs;
  const why = "all 2 resting orders were cancelled and we asked for none: the dead-man switch fired";
  assert.deepEqual(judge(bot), {
    did: [`critical dead-man-fired: ${why}; nothing is placed before an operator has looked orders=2`],
    gatesChanged: true,
  });
  assert.deepEqual([isGone(bot), bot.state.history.unasked], [false, null]);
  const { reason, level } = bot.state.blocks.get("manual") ?? assert.fail();
  assert.deepEqual([reason, level], [`opened: ${why}`, "HALT"]);
});

test("RISK-18 RISK-39 what cancelled them is known when the exchange closed the position itself", () => {
  const { bot, orders } = resting();
  gone(bot, orders[0]);
  gone(bot, orders[1]);
  const explain = (): boolean => {
    const turn = new Turn(bot.state);
    explainGone(turn);
    return turn.gatesChanged;
  };
  assert.deepEqual([explain(), isGone(bot), bot.state.history.unasked], [true, false, null]);
  assert.equal(explain(), false);
});
