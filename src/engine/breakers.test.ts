// Breakers in a bot, through the one door: what trips each, what it does to orders, when it ends, and that it is told
// once and survives a restart.

import assert from "node:assert/strict";
import { test } from "node:test";
import { money } from "../market/amounts.ts";
import { benchWith, buy, free, MINUTE_MS, newest, refuse, told, wait } from "./breakers.fixture.ts";
import { accepted, Bench, book, fillOf, orderSeen, START_FACTS, STARTED } from "./probe.fixture.ts";
import { decodeState, encodeState } from "./snapshot.ts";

test("RISK-18 ten refusals in a row open rejects: five minutes, then probation with halved limits, then closed", () => {
  const bot = benchWith();
  free(bot);
  refuse(bot, 9);
  assert.deepEqual(told(bot), []);
  const before = bot.placed().length;
  refuse(bot, 1);
  assert.deepEqual(told(bot), ["opened rejects"]);
  assert.equal(bot.placed().length, before, "P: nothing opens");
  wait(bot, 5 * MINUTE_MS - 1_000);
  assert.equal(bot.state.breakers.get("rejects")?.phase, "open");
  wait(bot, 2_000);
  assert.deepEqual(told(bot), ["opened rejects", "probation rejects"]);
  assert.ok(bot.placed().length > before, "it trades again");
  wait(bot, 5 * MINUTE_MS);
  assert.deepEqual(told(bot), ["opened rejects", "probation rejects", "closed rejects"]);
});

test("RISK-18 post-only refusals are not counted, one accepted order begins anew, and 0 is off", () => {
  const bot = benchWith();
  free(bot);
  refuse(bot, 30, "POST_ONLY_WOULD_TAKE");
  refuse(bot, 9);
  bot.feed(accepted(newest(bot)));
  free(bot);
  refuse(bot, 9);
  assert.deepEqual(told(bot), []);
  const off = benchWith({ rejectsInRowMax: "0" });
  free(off);
  refuse(off, 50);
  assert.deepEqual(told(off), []);
});

test("RISK-18 on probation an opening order gets half of the limit, and a closing one all of it", () => {
  const bot = benchWith({ orderNotionalMax: "40", rejectsInRowMax: "1" });
  free(bot);
  refuse(bot, 1);
  wait(bot, 5 * MINUTE_MS + 1);
  assert.equal(bot.state.breakers.get("rejects")?.phase, "probation");
  assert.ok((bot.state.refusals.get("order-notional") ?? 0) > 0, "ten lots are worth 30 and may be worth 20 now");
});

test("RISK-18 a breaker and its cool-down survive a restart, from a snapshot like from the journal", () => {
  const bot = benchWith();
  free(bot);
  refuse(bot, 10);
  const again = new Bench(decodeState(encodeState(bot.state)));
  again.atMs = bot.atMs + MINUTE_MS;
  again.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  again.feed(START_FACTS);
  again.feed({ kind: "recovered" });
  again.feed(book(300_000));
  assert.equal(again.state.breakers.get("rejects")?.phase, "open");
  assert.equal(again.placed().length, 0);
  wait(again, 4 * MINUTE_MS);
  assert.equal(again.state.breakers.get("rejects")?.phase, "probation");
});

test("RISK-18 a fall of the capital opens the drawdown breaker: all is cancelled, an operator closes it", () => {
  const bot = benchWith({}, { budget: money(100n * 10n ** 18n) });
  buy(bot);
  wait(bot, 1_000);
  bot.atMs += 1_000;
  bot.feed(book(245_000));
  const open = bot.state.breakers.get("drawdown-window");
  assert.equal(open?.action, "A");
  assert.match(open.reason, /^opened: capital fell from 100\.\d+ USDT to 94\.\d+ USDT, 5\d\d bps, limit 500$/);
  assert.ok(bot.effects.some(({ kind }) => kind === "cancel"));
  const before = bot.placed().length;
  wait(bot, 60 * MINUTE_MS);
  wait(bot, 60 * MINUTE_MS);
  assert.equal(bot.placed().length, before, "HALT: nothing is placed, however long");
  bot.feed({
    kind: "command",
    command: { name: "breakerClose", breaker: "drawdown-window", force: false },
    by: "ann",
    reason: "ok",
  });
  wait(bot, 1_000);
  assert.deepEqual(told(bot), ["opened drawdown-window", "closed drawdown-window"]);
  assert.ok(bot.placed().length > before);
});

test("RISK-18 onDrawdown flatten closes the position, and an amount is a limit of its own", () => {
  const bot = benchWith({ drawdownAmountMax: "5", onDrawdown: "flatten" });
  buy(bot);
  wait(bot, 1_000);
  bot.atMs += 1_000;
  bot.feed(book(245_000));
  assert.deepEqual(told(bot), ["opened drawdown-amount"], "of 10,000 it is no 500 bps");
  wait(bot, 1_000);
  wait(bot, 1_000);
  const slice = bot.state.orders.get(newest(bot))?.order;
  assert.deepEqual([slice?.slotKey, slice?.reduceOnly, slice?.side], ["closer", true, "sell"]);
});

test("RISK-18 losing closing orders in a row are counted when they ended", () => {
  const bot = benchWith({ lossesInRowMax: "1" });
  buy(bot);
  const sold = bot.state.orders.get(newest(bot)) ?? assert.fail();
  const id = sold.clientOrderId;
  bot.state.orders.set(id, { ...sold, order: { ...sold.order, reduceOnly: true } });
  const fill = fillOf(bot.state, id, { tradeId: "2", quantity: 5 });
  bot.feed({ ...fill, price: 299_000 } as typeof fill);
  assert.deepEqual(told(bot), [], "it has not ended");
  bot.feed(orderSeen(bot.state, id, { status: "expired", cumulative: 5 }));
  assert.equal(bot.state.history.lossesInRow, 1);
  assert.deepEqual(told(bot), ["opened consecutive-losses"]);
});

test("RISK-18 slices of a flatten that lose are no losing trades of the strategy", () => {
  const bot = benchWith({ lossesInRowMax: "1" });
  buy(bot);
  bot.feed({ kind: "command", command: { name: "breakerOpen", action: "F" }, by: "ann", reason: "out" });
  wait(bot, 1_000);
  wait(bot, 1_000);
  const closer = newest(bot);
  bot.feed(accepted(closer));
  const fill = fillOf(bot.state, closer, { tradeId: "2", quantity: 5 });
  bot.feed({ ...fill, price: 299_000 } as typeof fill);
  bot.feed(orderSeen(bot.state, closer, { status: "expired", cumulative: 5 }));
  assert.deepEqual([bot.state.history.lossesInRow, bot.state.history.closing.size], [0, 0]);
  assert.deepEqual(told(bot), ["opened manual"]);
});

test("RISK-18 slow round trips open latency after three judgements; half of the limit must be reached to close", () => {
  const bot = benchWith();
  const id = newest(bot);
  for (let i = 0; i < 20; i += 1) bot.feed({ ...accepted(id), tookMs: 2_500 } as never);
  for (let i = 0; i < 20 && told(bot).length === 0; i += 1) wait(bot, 1_000);
  assert.deepEqual(told(bot), ["opened latency"]);
  assert.equal(bot.state.blocks.get("latency")?.level, "REDUCE");
  wait(bot, MINUTE_MS + 1_000);
  assert.equal(
    bot.state.breakers.get("latency")?.phase,
    "probation",
    "no round trip of the last minute speaks against it",
  );
});

test("RISK-18 more than 50 failed sends in five minutes open retries", () => {
  const bot = benchWith();
  const id = newest(bot);
  const failed = { kind: "outcome", of: "cancel", clientOrderId: id, exchangeOrderId: null, reason: null } as const;
  for (let i = 0; i < 17; i += 1) bot.feed({ ...failed, result: "unknown", text: "no answer", tries: 3 });
  assert.deepEqual(told(bot), ["opened retries"]);
});

test("RISK-18 unsettled orders: one older than its limit opens unknown, and settling closes it", () => {
  const bot = benchWith();
  free(bot);
  const id = newest(bot);
  bot.feed({ ...accepted(id), result: "unknown", exchangeOrderId: null } as never);
  wait(bot, 59_000);
  assert.deepEqual(told(bot), []);
  wait(bot, 2_000);
  assert.deepEqual(told(bot), ["opened unknown"]);
  bot.feed(orderSeen(bot.state, id, { status: "open", cumulative: 0 }));
  wait(bot, 1_000);
  assert.deepEqual(told(bot), ["opened unknown", "closed unknown"]);
});

test("RISK-18 a configuration of a release before the breakers has none", () => {
  const bot = benchWith();
  const { breakers: _breakers, ...old } = bot.state.limits ?? assert.fail();
  bot.state.limits = old;
  free(bot);
  refuse(bot, 30);
  for (const id of bot.state.orders.keys()) bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  assert.equal(bot.state.breakers.size, 0);
});
