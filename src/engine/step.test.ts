// The one door: what each kind of event does to a running bot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money } from "../market/amounts.ts";
import { type ClientOrderId, makeClientOrderId } from "../trading/client-order-id.ts";
import { SHOWN } from "./evidence.fixture.ts";
import {
  accepted,
  Bench,
  book,
  CONFIGURED,
  fillOf,
  INSTRUMENT,
  orderSeen,
  START_FACTS,
  STARTED,
} from "./probe.fixture.ts";

const present = <T>(value: T | undefined): T => {
  assert.ok(value !== undefined);
  return value;
};

test("RISK-02 a running bot places only what risk approved, and remembers it before the effect leaves", () => {
  const bot = new Bench().running();
  assert.equal(bot.placed().length, 2);
  for (const id of bot.placed()) assert.equal(bot.state.orders.get(id)?.place, "recorded");
});

test("DUR-48 nothing is placed before recovery is over", () => {
  const bot = new Bench();
  bot.feed(STARTED);
  bot.feed(book(300_000));
  assert.deepEqual(bot.placed(), []);
});

test("DUR-34 a restart makes every place without an outcome unknown, and tells the strategy", () => {
  const bot = new Bench().running();
  const [buy, sell] = bot.placed();
  bot.feed(accepted(present(buy)));
  bot.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  assert.equal(bot.state.orders.get(present(buy))?.place, "acknowledged");
  assert.equal(bot.state.orders.get(present(sell))?.place, "unknown");
});

test("DUR-36 a time-out leaves the order unknown, live and alone in its slot until evidence", () => {
  const bot = new Bench().running();
  const [buy] = bot.placed();
  const id = present(buy);
  bot.feed({ ...accepted(id), result: "unknown", exchangeOrderId: null } as ReturnType<typeof accepted>);
  bot.feed(book(300_500));
  assert.equal(bot.placed().length, 2, "no second order for the slot");
  bot.feed({ kind: "absent", clientOrderId: id, note: "not-found" });
  assert.equal(bot.state.orders.has(id), false);
  assert.equal(bot.state.ended.get(id)?.place, "absent");
});

test("DUR-35 a fill that arrives before the reply is booked, and the reply changes nothing", () => {
  const bot = new Bench().running();
  const id = present(bot.placed()[0]);
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 4 }));
  assert.equal(bot.state.ledger.position, 4);
  assert.equal(bot.state.orders.get(id)?.place, "acknowledged");
  bot.feed(accepted(id));
  assert.equal(bot.state.orders.get(id)?.cumulative, 4);
});

test("DUR-06 a fill that arrives twice is booked once", () => {
  const bot = new Bench().running();
  const id = present(bot.placed()[0]);
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 4 }));
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 4 }));
  assert.equal(bot.state.ledger.position, 4);
  assert.equal(bot.state.ledger.fills, 1);
});

test("DUR-34 late evidence wins: an absent order that shows up is adopted, cancelled and reported", () => {
  const bot = new Bench().running();
  const id = present(bot.placed()[0]);
  bot.feed({ ...accepted(id), result: "unknown" } as ReturnType<typeof accepted>);
  bot.feed({ kind: "absent", clientOrderId: id, note: "not-found" });
  const effects = bot.feed(orderSeen(bot.state, id, { status: "open", cumulative: 0 }));
  assert.ok(effects.some((effect) => effect.kind === "cancel" && effect.clientOrderId === id));
  assert.ok(bot.alerts().includes("late-order"));
  assert.ok(bot.state.orders.has(id));
});

test("GRID-40 N-15 an own order that the journal does not know is cancelled; a foreign one is left alone", () => {
  const bot = new Bench().running();
  const own = makeClientOrderId({ tag: "probe0", lineage: 0, seq: 999_999, index: 0 });
  const foreign = makeClientOrderId({ tag: "other0", lineage: 0, seq: 1, index: 0 });
  const seen = orderSeen(bot.state, own, { status: "open", cumulative: 0 });
  assert.ok(bot.feed(seen).some((effect) => effect.kind === "cancel"));
  assert.deepEqual(bot.feed({ ...seen, clientOrderId: foreign } as typeof seen), []);
  assert.equal(bot.state.foreign, 1);
});

test("RISK-32 a fill of somebody else's order has the position compared at once, however often it is told", () => {
  const bot = new Bench().running();
  const foreign = makeClientOrderId({ tag: "other0", lineage: 0, seq: 1, index: 0 });
  const fill = fillOf(bot.state, foreign, { tradeId: "7", quantity: 10 });
  const wanted = (): number => bot.feed(fill).filter(({ kind }) => kind === "reconcile").length;
  assert.deepEqual([wanted(), wanted()], [1, 0]);
  assert.equal(bot.state.ledger.fills, 0, "it is nobody's of this bot");
});

test("RISK-22 the kill switch latches: no opening order until an operator resets it", () => {
  const bot = new Bench().running();
  for (const id of bot.placed()) bot.feed(accepted(id));
  const killed = bot.feed({ kind: "command", command: { name: "kill", flatten: false }, by: "ann", reason: "drill" });
  assert.equal(killed.filter((effect) => effect.kind === "cancel").length, 2);
  for (const id of bot.placed()) bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  const before = bot.placed().length;
  bot.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  bot.feed({ kind: "recovered" });
  for (let i = 0; i < 5; i += 1) bot.feed(book(300_000 + i));
  assert.equal(bot.placed().length, before);
  bot.feed({ kind: "command", command: { name: "killReset" }, by: "ann", reason: "drill over" });
  bot.feed(book(300_010));
  assert.equal(bot.placed().length, before + 2);
});

test("RISK-22 a kill that flattens closes the position by reduce-only slices and reports the proof", () => {
  const bot = new Bench().running();
  const [buy, sell] = bot.placed();
  bot.feed(fillOf(bot.state, present(buy), { tradeId: "1", quantity: 10 }));
  bot.feed(accepted(present(sell)));
  bot.feed({ kind: "command", command: { name: "kill", flatten: true }, by: "ann", reason: "out" });
  bot.feed(orderSeen(bot.state, present(sell), { status: "canceled", cumulative: 0 }));
  for (let i = 0; i < 2; i += 1) {
    bot.atMs += 1100;
    const askedAtSeq = bot.state.seq;
    bot.feed({ kind: "exchange-state", symbol: INSTRUMENT.symbol, askedAtSeq, openOrders: [], positionLots: lots(10) });
    bot.feed(book(300_000));
  }
  const slice = present(bot.effects.findLast((effect) => effect.kind === "place"));
  assert.ok(slice.kind === "place" && slice.order.reduceOnly && slice.order.side === "sell");
  assert.ok(slice.kind === "place" && slice.order.timeInForce === "IOC" && slice.order.quantity === 10);
  bot.feed(fillOf(bot.state, slice.clientOrderId, { tradeId: "2", quantity: 10 }));
  bot.atMs += 1100;
  bot.feed(book(300_000));
  assert.equal(bot.state.ledger.position, 0);
  assert.ok(bot.alerts().includes("kill-proved"), bot.alerts().join());
});

test("RISK-22 a read that shows an order of ours proves nothing, whatever we know of it; one of another tag does not matter", () => {
  const bot = new Bench().running();
  const [mine] = bot.placed();
  for (const id of bot.placed()) bot.feed(accepted(id));
  const other = makeClientOrderId({ tag: "other0", lineage: 0, seq: 1, index: 0 });
  bot.feed({ kind: "command", command: { name: "kill", flatten: false }, by: "ann", reason: "drill" });
  for (const id of bot.placed()) bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  const read = (clientOrderId: ClientOrderId): number => {
    bot.atMs += 1100;
    const openOrders = [{ ...SHOWN, clientOrderId }];
    const askedAtSeq = bot.state.seq;
    bot.feed({ kind: "exchange-state", symbol: INSTRUMENT.symbol, askedAtSeq, openOrders, positionLots: lots(0) });
    return bot.state.kill.cleanReadsAtMs.length;
  };
  assert.equal(read(other), 1);
  assert.equal(read(present(mine)), 0, "the proof begins anew");
  assert.deepEqual([read(other), read(other)], [1, 2]);
  assert.deepEqual([bot.state.kill.phase, bot.state.kill.report?.proved], ["killed", true]);
});

test("DUR-58 a stop cancels by policy and is over when the exchange confirmed it", () => {
  const bot = new Bench().running();
  for (const id of bot.placed()) bot.feed(accepted(id));
  const stopping = bot.feed({ kind: "stop-requested", by: "SIGTERM" });
  assert.equal(stopping.filter((effect) => effect.kind === "cancel").length, 2);
  assert.equal(bot.state.phase, "stopping");
  for (const id of bot.placed()) bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  assert.equal(bot.state.phase, "stopped");
  assert.deepEqual(bot.effects.at(-1), { kind: "stopped", ordersLeft: 0 });
});

test("RISK-33 a small unexplained difference is corrected with evidence, a large one opens the breaker", () => {
  const bot = new Bench().running();
  const id = present(bot.placed()[0]);
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 10 }));
  bot.feed(book(300_000));
  const state = { kind: "exchange-state", symbol: INSTRUMENT.symbol, openOrders: [] } as const;
  bot.feed({ ...state, askedAtSeq: bot.state.seq, positionLots: lots(20) });
  assert.ok(!bot.state.blocks.has("divergence"), "one read may have missed a fill: it is asked again");
  bot.feed({ ...state, askedAtSeq: bot.state.seq, positionLots: lots(20) });
  assert.ok(bot.state.blocks.has("divergence"));
  assert.equal(bot.state.ledger.position, 10, "nothing is changed without the operator");
  bot.feed({ kind: "command", command: { name: "reconcileAccept" }, by: "ann", reason: "seen" });
  assert.equal(bot.state.ledger.position, 20);
  assert.equal(bot.state.blocks.size, 0);
});

test("RISK-32 an order the exchange no longer shows is looked up, never assumed cancelled", () => {
  const bot = new Bench().running();
  for (const id of bot.placed()) bot.feed(accepted(id));
  const askedAtSeq = bot.state.seq;
  const read = { kind: "exchange-state", symbol: INSTRUMENT.symbol, openOrders: [], positionLots: lots(0) } as const;
  const effects = bot.feed({ ...read, askedAtSeq });
  assert.equal(effects.filter((effect) => effect.kind === "lookup").length, 2);
  assert.equal(bot.state.orders.size, 2);
});

test("RISK-06 RISK-13 a budget holds back what resting orders may cost, and refuses what it cannot pay for", () => {
  const bot = new Bench();
  bot.feed(STARTED);
  assert.equal(CONFIGURED.kind, "configured");
  if (CONFIGURED.kind !== "configured") return;
  // 10 lots at 2999 cost 29.99 / 3 of margin and 0.015 of fee: the budget of 12 pays for one side only
  bot.feed({ ...CONFIGURED, config: { ...CONFIGURED.config, budget: money(12n * 10n ** 18n) } });
  bot.feed(START_FACTS);
  bot.feed({ kind: "recovered" });
  bot.feed(book(300_000));
  assert.equal(bot.placed().length, 1);
  assert.equal(bot.state.refusals.get("budget"), 1);
  const id = present(bot.placed()[0]);
  bot.feed(accepted(id));
  bot.feed(orderSeen(bot.state, id, { status: "canceled", cumulative: 0 }));
  assert.equal(bot.state.budget?.reservations.size, 0, "the end of the order gives its reservation back");
});
