// Evidence about orders: whose it is, what it wants done, and what the strategy hears of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots } from "../market/amounts.ts";
import { makeClientOrderId } from "../trading/client-order-id.ts";
import type { AbsentEvent, FillEvent, OrderEvent, OutcomeEvent } from "../trading/event.ts";
import { benchWith } from "./breakers.fixture.ts";
import { FOREIGN, fill, moveTo, OWN, outcome, quoting, seen } from "./evidence.fixture.ts";
import { CLOSER_SLOT, ORPHAN_SLOT } from "./names.ts";
import { onAbsent, onFill, onOrder, onOutcome } from "./order-events.ts";
import { accepted, Bench, orderSeen, STARTED } from "./probe.fixture.ts";
import { handled } from "./said.fixture.ts";

test("DUR-34 evidence about an order nobody here knows, or of another instrument, changes nothing", () => {
  const { bot, id } = quoting();
  const nothing = { inputs: [], did: [] };
  const { inputs, did } = handled<OutcomeEvent>(bot, onOutcome, outcome(OWN, "place", "rejected"));
  assert.deepEqual({ inputs, did }, nothing);
  assert.deepEqual(
    handled<AbsentEvent>(bot, onAbsent, { kind: "absent", clientOrderId: OWN, note: "not-found" }).inputs,
    [],
  );
  const elsewhere = { symbol: "BTC/USDT:USDT" };
  assert.deepEqual(handled<OrderEvent>(bot, onOrder, seen(bot, id, { ...elsewhere, status: "canceled" })).inputs, []);
  assert.deepEqual(handled<FillEvent>(bot, onFill, fill(bot, id, elsewhere)).inputs, []);
  assert.deepEqual([bot.state.ledger.position, bot.state.orders.size, bot.state.foreign], [0, 2, 0]);
  const unconfigured = new Bench();
  assert.deepEqual(handled<OrderEvent>(unconfigured, onOrder, seen(bot, id)).inputs, []);
  assert.deepEqual(handled<FillEvent>(unconfigured, onFill, fill(bot, id)).inputs, []);
});

test("N-11 a cancel the exchange refused is asked again two seconds later while the order lives", () => {
  const { bot, id } = quoting();
  const refused = () => handled<OutcomeEvent>(bot, onOutcome, outcome(id, "cancel", "rejected"));
  const { inputs, did } = refused();
  assert.deepEqual(inputs, [{ kind: "order", clientOrderId: id, change: { change: "cancel-failed" } }]);
  assert.deepEqual(did, ["timer engine.cancel in 2000"]);
  bot.feed({ kind: "timer", name: "engine.cancel", missed: 0 });
  bot.feed(orderSeen(bot.state, id, { status: "filled", cumulative: 10 }));
  assert.deepEqual(refused().did, [], "there is nothing left to cancel");
});

test("RISK-32 each fill of somebody else has the position compared once, and only while the bot runs", () => {
  const { bot } = quoting();
  const foreign = (tradeId: string) => handled<FillEvent>(bot, onFill, fill(bot, FOREIGN, { tradeId }));
  assert.deepEqual(
    [foreign("1").did, foreign("1").did, foreign("2").did],
    [["read, reconcile.foreign"], [], ["read, reconcile.foreign"]],
  );
  assert.deepEqual(foreign("3").inputs, []);
  const { did } = handled<FillEvent>(bot, onFill, fill(bot, null, { tradeId: "4" }));
  assert.deepEqual(did, ["read, reconcile.foreign"], "one without an order id is nobody's of ours");
  assert.equal(bot.state.foreign, 5);
  bot.feed({ kind: "stop-requested", by: "test" });
  assert.deepEqual(foreign("9").did, []);
});

test("GRID-03 the strategy hears a fill before what it made of the order, and whose it was", () => {
  const { bot, id } = quoting();
  const event = fill(bot, id);
  const { inputs } = handled<FillEvent>(bot, onFill, event);
  const told = { ...event, atMs: bot.state.nowMs };
  const change = { change: "executed", cumulative: 4 };
  assert.deepEqual(inputs, [
    { kind: "fill", fill: told, routed: true, closer: false },
    { kind: "order", clientOrderId: id, change },
  ]);
  assert.deepEqual(handled<FillEvent>(bot, onFill, event).inputs, [], "a fill told twice is booked once");
  assert.equal(bot.state.strays, undefined, "it is its order's");
  for (const [slot, closer] of [
    [CLOSER_SLOT, true],
    [ORPHAN_SLOT, false],
  ] as const) {
    const { bot: other, id: own } = quoting();
    moveTo(other, own, slot);
    const { inputs: heard } = handled<FillEvent>(other, onFill, fill(other, own));
    const [first, ...rest] = heard;
    assert.ok(first?.kind === "fill");
    assert.deepEqual(
      [first.routed, first.closer, rest],
      [false, closer, []],
      `of the order in ${slot} it hears no more`,
    );
  }
});

test("DUR-35 a fill of ours whose order nobody knows is booked, and not again when the order turns up", () => {
  const { bot } = quoting();
  const { inputs } = handled<FillEvent>(bot, onFill, fill(bot, OWN));
  assert.deepEqual(
    inputs.map((each) => each.kind === "fill" && each.routed),
    [false],
  );
  assert.deepEqual([bot.state.ledger.position, bot.state.strays?.get(OWN)], [4, 4]);
  handled<OrderEvent>(bot, onOrder, seen(bot, OWN, { cumulative: lots(3) }));
  const order = bot.state.orders.get(OWN);
  assert.deepEqual([order?.cumulative, order?.filled, bot.state.unbooked.size], [4, 4, 0]);
  const forced = fill(bot, null, { tradeId: "2", origin: "liquidation" });
  handled<FillEvent>(bot, onFill, forced);
  assert.equal(bot.state.strays?.size, 0, "a forced close has no order that could turn up");
});

test("RISK-18 the exchange's own close is told, books, and stops the bot until an operator has looked", () => {
  const { bot } = quoting();
  const { did } = handled<FillEvent>(bot, onFill, fill(bot, null, { origin: "adl", side: "sell" }));
  assert.deepEqual(did, ["critical liquidation: the exchange closed 4 lots by adl"]);
  assert.equal(bot.state.ledger.position, -4);
  const block = bot.state.blocks.get("manual");
  assert.deepEqual([block?.level, block?.reason], ["HALT", "opened: the exchange closed 4 lots by adl"]);
  const older = new Bench().running();
  if (older.state.limits !== null) {
    const { breakers: _, ...before } = older.state.limits;
    older.state.limits = before;
  }
  handled<FillEvent>(older, onFill, fill(older, null, { origin: "adl" }));
  assert.equal(older.state.blocks.size, 0, "a configuration from before there were breakers opens none");
});

test("GRID-40 an orphan counts like an order of ours, is cancelled, and is told of once it is gone", () => {
  const { bot } = quoting();
  const event = seen(bot, OWN, { cumulative: lots(3) });
  const { inputs, did } = handled<OrderEvent>(bot, onOrder, event);
  assert.deepEqual(inputs, []);
  assert.deepEqual(did, [
    "warning orphan: an open order of ours that the journal does not know; it is being cancelled",
    "cancel another, cancel.orphan",
  ]);
  assert.deepEqual(
    bot.effects.findLast(({ kind }) => kind === "alert"),
    {
      kind: "alert",
      code: "orphan",
      severity: "warning",
      text: "an open order of ours that the journal does not know; it is being cancelled",
      facts: { clientOrderId: OWN },
    },
  );
  const { symbol, side, price, quantity } = event;
  assert.deepEqual(bot.state.orders.get(OWN), {
    clientOrderId: OWN,
    order: {
      symbol,
      side,
      price,
      quantity,
      timeInForce: "GTC",
      postOnly: false,
      reduceOnly: false,
      slotKey: ORPHAN_SLOT,
    },
    placedAtMs: bot.state.nowMs,
    placedSeq: bot.state.seq,
    place: "acknowledged",
    status: "open",
    exchangeOrderId: "x1",
    cumulative: 3,
    filled: 0,
    cancelAsked: true,
    unknownSinceMs: null,
    changedSeq: bot.state.seq,
  });
  assert.deepEqual(handled<OrderEvent>(bot, onOrder, seen(bot, FOREIGN)).inputs, []);
  assert.equal(bot.state.foreign, 1);
  const ended = makeClientOrderId({ tag: "probe0", lineage: 0, seq: 999_998, index: 0 });
  assert.deepEqual(handled<OrderEvent>(bot, onOrder, seen(bot, ended, { status: "filled" })).did, []);
  assert.ok(!bot.state.orders.has(ended), "one that is over needs nothing");
});

test("RISK-32 GRID-40 an orphan is only watched where its owner says keep, and its cancel waits for recovery", () => {
  const kept = benchWith({ onOrphan: "keep" });
  const { did } = handled<OrderEvent>(kept, onOrder, seen(kept, OWN));
  assert.equal(did.length, 1);
  assert.equal(kept.state.orders.get(OWN)?.cancelAsked, false);
  const { bot } = quoting();
  bot.feed({ ...STARTED, epoch: 2 } as typeof STARTED);
  assert.equal(handled<OrderEvent>(bot, onOrder, seen(bot, OWN)).did.length, 1);
  assert.equal(bot.state.orders.get(OWN)?.cancelAsked, true, "it is asked for when recovery is over (DUR-25)");
});

test("RISK-07 what an order executed beyond its fills counts until they come; nothing is kept of it then", () => {
  const { bot, id } = quoting();
  handled<OrderEvent>(bot, onOrder, seen(bot, id, { cumulative: lots(4) }));
  assert.deepEqual([...bot.state.unbooked], [[id, 4]]);
  handled<FillEvent>(bot, onFill, fill(bot, id));
  assert.deepEqual([...bot.state.unbooked], []);
});

test("DUR-34 late evidence takes an ended order back among the living, cancels it and says so", () => {
  const bot = new Bench().running();
  const id = bot.placed()[0] ?? assert.fail();
  bot.feed({ ...accepted(id), result: "not-sent" } as never);
  assert.deepEqual([bot.state.orders.has(id), bot.state.ended.has(id)], [false, true]);
  const { did } = handled<OrderEvent>(bot, onOrder, seen(bot, id));
  assert.deepEqual(did, [
    "error late-order: an order believed gone is on the exchange; it is being cancelled",
    "cancel 1, cancel.late",
  ]);
  assert.deepEqual([bot.state.orders.has(id), bot.state.ended.has(id)], [true, false]);
  const filled = bot.placed()[1] ?? assert.fail();
  bot.feed({ ...accepted(filled), result: "not-sent" } as never);
  const { did: over } = handled<OrderEvent>(
    bot,
    onOrder,
    seen(bot, filled, { status: "filled", cumulative: lots(10) }),
  );
  assert.equal(over.length, 1, "one that is over already needs no cancel");
});

test("DUR-34 DUR-35 what contradicts itself is told: refused after all, gone, more than was asked for", () => {
  const { bot, id } = quoting();
  assert.deepEqual(handled<OutcomeEvent>(bot, onOutcome, outcome(id, "place", "rejected")).did, [
    "error unknown-order: the exchange refused an order that it acknowledged before",
  ]);
  const absent = { kind: "absent", clientOrderId: id, note: "not-found" } as const;
  assert.deepEqual(handled<AbsentEvent>(bot, onAbsent, absent).did, ["read, reconcile.absent"]);
  assert.deepEqual(handled<FillEvent>(bot, onFill, fill(bot, id, { quantity: lots(12) })).did, [
    "error over-filled: more was executed than the order asked for; it is booked in full",
  ]);
  const named = bot.effects.flatMap((each) => (each.kind === "alert" ? [each.facts["clientOrderId"]] : []));
  assert.deepEqual(named, [id, id], "each names the order");
  const read = bot.effects.findLast(({ kind }) => kind === "reconcile");
  assert.ok(read?.kind === "reconcile");
  assert.equal(read.because["clientOrderId"], id);
});

test("DUR-36 an order nobody knows the fate of is told of after thirty seconds; RISK-18 many are a breaker", () => {
  const bot = new Bench().running();
  const id = bot.placed()[0] ?? assert.fail();
  const { did } = handled<OutcomeEvent>(bot, onOutcome, outcome(id, "place", "unknown"));
  assert.deepEqual(did, ["timer engine.unknown in 30000"]);
  bot.state.limits = { ...(bot.state.limits ?? assert.fail()), unknownOrdersMax: 1 };
  const second = bot.placed()[1] ?? assert.fail();
  handled<OutcomeEvent>(bot, onOutcome, outcome(second, "place", "unknown"));
  assert.ok(bot.state.blocks.has("unknown"), "at once, not at the next look");
  const { did: settled } = handled<OutcomeEvent>(bot, onOutcome, outcome(id, "place", "accepted"));
  assert.deepEqual(settled, [], "a settled order needs no timer");
});
