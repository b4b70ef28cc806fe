// Work that stands over several events, each decision alone: what a kill, the closer and a stop do within a step.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, ticks } from "../market/amounts.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { EngineEvent } from "../trading/event.ts";
import { benchWith } from "./breakers.fixture.ts";
import { FOREIGN, moveTo, quoting, SHOWN } from "./evidence.fixture.ts";
import { Bench, INSTRUMENT } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { hasStandingWork, killTurn, standingWork } from "./standing.ts";
import type { BotState, CloserWork } from "./state.ts";
import { Turn } from "./turn.ts";

interface Done {
  readonly did: readonly string[];
  readonly gatesChanged: boolean;
}

function turnOf(bot: Bench, act: (turn: Turn) => void): Done {
  const turn = new Turn(bot.state);
  act(turn);
  bot.effects.push(...turn.effects);
  return { did: said(bot, turn.effects), gatesChanged: turn.gatesChanged };
}

const pull = (bot: Bench, flatten = false): Done =>
  turnOf(bot, (turn) => killTurn(turn, { kind: "kill", flatten, by: "ann", reason: "drill" }));

/** Standing work at an event that means nothing to it, so many milliseconds later. */
function later(bot: Bench, ms = 0, change: Partial<EngineEvent> = {}): Done {
  bot.state.nowMs += ms;
  const event = { kind: "timer", name: "engine.standing", missed: 0, atMs: bot.state.nowMs, ...change } as EngineEvent;
  return turnOf(bot, (turn) => standingWork(turn, event));
}

/** A complete read that shows these orders. */
const read = (bot: Bench, ids: readonly ClientOrderId[] = []): Done =>
  later(bot, 1_000, {
    kind: "exchange-state",
    symbol: INSTRUMENT.symbol,
    askedAtSeq: bot.state.seq,
    positionLots: lots(0),
    openOrders: ids.map((clientOrderId) => ({ ...SHOWN, clientOrderId })),
  });

/** A bot that holds so many lots, without orders, with the closer at work. */
function closing(position: number, change: Partial<CloserWork> = {}): Bench {
  const bot = benchWith();
  bot.state.orders.clear();
  bot.state.ledger.position = lots(position);
  bot.state.ledger.cost = BigInt(position) * 300_000n;
  const { nowMs } = bot.state;
  bot.state.closer = { because: "flatten.command", nextAtMs: nowMs, startedAtMs: nowMs, target: lots(0), ...change };
  return bot;
}

const FLAT = "warning flat: the position is closed";

test("RISK-22 a kill cancels all orders but the closer's and asks for proof, again each second", () => {
  const { bot, id } = quoting();
  moveTo(bot, id, "closer");
  const wanted = ["cancel 2, cancel.kill", "read, reconcile.kill", "timer engine.standing in 1000"];
  assert.deepEqual(pull(bot), { did: wanted, gatesChanged: true });
  assert.deepEqual(later(bot), { did: [], gatesChanged: false });
  assert.deepEqual(later(bot, 999).did, ["timer engine.standing in 1000"]);
  assert.deepEqual(later(bot, 1).did, wanted);
  assert.ok(hasStandingWork(bot.state));
});

test("RISK-22 two reads without an order of ours are the proof, whatever else they show", () => {
  const { bot } = quoting();
  pull(bot);
  bot.state.orders.clear();
  assert.deepEqual(read(bot, [FOREIGN]).did, ["timer engine.standing in 1000"]);
  assert.deepEqual(read(bot, [FOREIGN]), {
    did: [
      "critical kill-proved: the kill is proved: nothing of ours is on the exchange" +
        " ordersLeft=0 positionLots=0 dust=false flatAfterMs=null",
    ],
    gatesChanged: true,
  });
});

test("RISK-22 a kill that cannot be proved says so after fifteen seconds, with what is left", () => {
  const { bot } = quoting();
  pull(bot);
  assert.ok(later(bot, 14_999).did.every((line) => !line.startsWith("critical")));
  assert.deepEqual(
    later(bot, 1).did.filter((line) => line.startsWith("critical")),
    ["critical kill-failed: the kill is not proved ordersLeft=2 positionLots=0 dust=false flatAfterMs=null"],
  );
});

test("RISK-22 RISK-24 a kill that flattens calls the closer, and is over when nothing can be closed any more", () => {
  const after = (change: Partial<BotState>): readonly string[] => {
    const { bot } = quoting();
    bot.state.ledger.position = lots(3);
    bot.state.ledger.cost = 900_000n;
    pull(bot, true);
    bot.state.orders.clear();
    read(bot);
    read(bot);
    assert.equal(bot.state.closer?.because, "flatten.kill");
    bot.state.orders.clear();
    Object.assign(bot.state, change);
    return later(bot).did.filter((line) => line.startsWith("critical"));
  };
  const proved = "critical kill-proved: the kill is proved: nothing of ours is on the exchange";
  assert.deepEqual(after({}), [], "the closer is at work");
  assert.deepEqual(after({ closer: null }), []);
  assert.deepEqual(after({ closer: null, closedDust: lots(3) }), [
    `${proved} ordersLeft=0 positionLots=3 dust=true flatAfterMs=2000`,
  ]);
  const ledger = { ...benchWith().state.ledger, position: lots(0), cost: 0n };
  assert.deepEqual(after({ ledger }), [], "flat is what the closer says");
  assert.deepEqual(after({ closer: null, ledger }), [
    `${proved} ordersLeft=0 positionLots=0 dust=false flatAfterMs=2000`,
  ]);
});

test("RISK-22 a kill before the first configuration waits for it", () => {
  const bot = new Bench();
  bot.state.kill = { ...bot.state.kill, phase: "cancelling" };
  assert.deepEqual(later(bot).did, []);
  bot.state.instrument = INSTRUMENT;
  assert.deepEqual(later(bot).did, []);
  assert.equal(hasStandingWork(new Bench().state), false);
});

test("RISK-37 the closer takes one slice at a time, the next when the book has shown the last", () => {
  const bot = closing(10);
  const slice = [
    "timer engine.standing in 1000",
    "place sell 10 at 299999 for closer, flatten.slice why=flatten.command",
  ];
  assert.deepEqual(later(bot).did, slice);
  bot.state.orders.clear();
  assert.deepEqual(later(bot, 999).did, []);
  assert.deepEqual(later(bot, 1).did, slice);
});

test("RISK-37 a stale book is none: the patient close waits for a fresh one", () => {
  const max = benchWith().state.limits?.bookAgeMsMax ?? assert.fail();
  const waits = (book: BotState["book"]): boolean => {
    const bot = closing(10);
    bot.state.book = book;
    const { did } = later(bot);
    assert.equal(did[0], "timer engine.standing in 1000");
    assert.equal(bot.state.closer?.nextAtMs, bot.state.nowMs + 1_000);
    return did.length === 1;
  };
  const bids = [[ticks(299_999), lots(1_000)]] as const;
  const asks = [[ticks(300_001), lots(1_000)]] as const;
  const { nowMs } = closing(10).state;
  assert.deepEqual(
    [waits({ bids, asks, atMs: nowMs - max }), waits({ bids, asks, atMs: nowMs - max - 1 })],
    [false, true],
  );
  assert.equal(waits(null), true);
});

test("RISK-36 a close is over at its target, or when more was taken, and sees it at once", () => {
  const left = (position: number, target: number): readonly unknown[] => {
    const bot = closing(position, { target: lots(target), nextAtMs: 9e15 });
    const { did, gatesChanged } = later(bot);
    return [bot.state.closer === null, did, gatesChanged, bot.state.closedDust];
  };
  assert.deepEqual(left(0, 0), [true, [`${FLAT} dust=0 because=flatten.command`], true, 0]);
  assert.deepEqual(left(5, 5), [true, [], true, null], "a part that was taken is not the end of the position");
  assert.deepEqual(left(4, 5), [true, [], true, null]);
  assert.deepEqual(left(-4, -5), [true, [], true, null]);
  assert.deepEqual(left(-2, 5), [true, [], true, null], "turned around, there is nothing to buy back");
  assert.deepEqual(left(-7, 5), [true, [], true, null]);
  assert.deepEqual(left(-3, 0), [false, [], false, null]);
  assert.deepEqual(left(6, 5), [false, [], false, null]);
  assert.deepEqual(left(-6, -5), [false, [], false, null]);
});

test("RISK-36 a position is not called closed while something may still move it", () => {
  const closed = (change: Partial<NonNullable<ReturnType<Bench["state"]["orders"]["get"]>>>, target = 0): boolean => {
    const { bot, id } = quoting();
    const order = bot.state.orders.get(id) ?? assert.fail();
    bot.state.orders.clear();
    bot.state.orders.set(id, { ...order, ...change });
    bot.state.ledger.position = lots(target);
    bot.state.ledger.cost = BigInt(target) * 300_000n;
    const { nowMs } = bot.state;
    bot.state.closer = { because: "x", nextAtMs: nowMs, startedAtMs: nowMs, target: lots(target) };
    const { did } = later(bot);
    assert.equal(did.length > 0, bot.state.closer === null && target === 0);
    return bot.state.closer === null;
  };
  const order = quoting().bot.state.orders.values().next().value?.order ?? assert.fail();
  assert.equal(closed({}), true, "an order that rests is the strategy's");
  assert.equal(closed({ cancelAsked: true }), false);
  assert.equal(closed({ place: "unknown" }), false);
  assert.equal(closed({ status: "canceled", cancelAsked: true }), true, "one that ended moves nothing");
  assert.equal(closed({ order: { ...order, slotKey: "closer" } }), false, "a slice is on its way");
  assert.equal(closed({ order: { ...order, slotKey: "closer" } }, 5), false);
  assert.equal(closed({ cancelAsked: true }, 5), true, "a part need not be exact");
});

test("RISK-36 dust is what no order can close: told once, and remembered", () => {
  const bot = closing(3);
  bot.state.instrument = { ...INSTRUMENT, minLots: lots(5) };
  assert.deepEqual(later(bot).did, [`${FLAT} dust=3 because=flatten.command`]);
  assert.equal(bot.state.closedDust, 3);
});

test("DUR-58 a stop waits for the closer and for every order its policy does not leave", () => {
  const stop = (
    stopPolicy: BotState["stopPolicy"],
    change: Partial<NonNullable<ReturnType<Bench["state"]["orders"]["get"]>>> = {},
  ): readonly string[] => {
    const { bot, id } = quoting();
    Object.assign(bot.state, { phase: "stopping", stopPolicy });
    bot.state.orders.delete(bot.placed()[1] ?? assert.fail());
    const order = bot.state.orders.get(id) ?? assert.fail();
    bot.state.orders.set(id, { ...order, ...change });
    const { did } = later(bot);
    assert.equal(bot.state.phase, did.at(-1)?.startsWith("stopped") === true ? "stopped" : "stopping");
    return did;
  };
  assert.deepEqual(stop("all"), ["cancel 1, cancel.stop"]);
  assert.deepEqual(stop("all", { cancelAsked: true }), []);
  assert.deepEqual(stop("all", { status: "canceled" }), ["stopped with 1 orders"]);
  for (const policy of ["opening", "none"] as const) {
    assert.deepEqual(stop(policy), ["stopped with 1 orders"], "what rests may rest");
    assert.deepEqual(stop(policy, { cancelAsked: true }), []);
    assert.deepEqual(stop(policy, { place: "unknown" }), []);
  }
  const { bot: both } = quoting();
  Object.assign(both.state, { phase: "stopping", stopPolicy: "all" });
  assert.deepEqual(later(both).did, ["cancel 1, cancel.stop", "cancel 2, cancel.stop"], "none waits for another");
  const bot = closing(10);
  Object.assign(bot.state, { phase: "stopping", stopPolicy: "none" });
  later(bot);
  bot.state.orders.clear();
  assert.deepEqual([later(bot).did, bot.state.phase], [[], "stopping"]);
});
