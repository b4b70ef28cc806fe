// What the breakers learn from the life of orders, one word alone: answers, refusals, repeats, losses; and from a
// liquidation price that comes near.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import type { ClosingFill } from "../risk/breaker/losses.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { OutcomeEvent } from "../trading/event.ts";
import type { Order, RejectReason } from "../trading/order.ts";
import { benchWith } from "./breakers.fixture.ts";
import { trip } from "./breakers.ts";
import { FOREIGN, holding, OWN, outcome, quoting } from "./evidence.fixture.ts";
import { Bench } from "./probe.fixture.ts";
import { said } from "./said.fixture.ts";
import { Turn } from "./turn.ts";
import { lookAround, watchFill, watchOrder, watchOutcome, watchTakenBack } from "./watch.ts";

function turnOf(bot: Bench, act: (turn: Turn) => void): readonly string[] {
  const turn = new Turn(bot.state);
  act(turn);
  return said(bot, turn.effects).filter((line) => !line.startsWith("timer"));
}

/** A running bot of whose sends nothing was heard yet. */
function fresh(): Bench {
  const bot = benchWith();
  bot.state.history.retries = { tries: [], errors: [] };
  return bot;
}

/** Under a configuration of a release before the breakers. */
function old(bot: Bench): Bench {
  const { breakers: _breakers, ...limits } = bot.state.limits ?? assert.fail();
  bot.state.limits = limits;
  return bot;
}

/** A bot that no breaker watches for another reason: it remembers, and opens nothing. */
function killed(bot: Bench): Bench {
  bot.state.kill = { ...bot.state.kill, phase: "cancelling" };
  return bot;
}

const EACH = ["accepted", "rejected", "not-open", "unknown", "not-sent"] as const;

/** The end of a send as the breakers hear it. */
function ends(
  bot: Bench,
  result: OutcomeEvent["result"],
  { of = "place", ...change }: Partial<OutcomeEvent> = {},
): readonly string[] {
  const event = { ...outcome(OWN, of, result), ...change };
  return turnOf(bot, (turn) => watchOutcome(turn, event));
}

test("RISK-19 answers are round trips, what was not answered has failed, and what was not sent is no request", () => {
  const learnt = (result: OutcomeEvent["result"]): readonly number[] => {
    const bot = fresh();
    ends(bot, result, { tookMs: 30 });
    const { roundTrips, retries } = bot.state.history;
    return [roundTrips.samples.length, retries.tries.length, retries.errors.length];
  };
  assert.deepEqual(EACH.map(learnt), [
    [1, 1, 0],
    [1, 1, 0],
    [1, 1, 0],
    [0, 1, 1],
    [0, 0, 0],
  ]);
});

test("RISK-19 a bot of a configuration before the breakers, or of none, remembers nothing of its sends", () => {
  for (const bot of [old(fresh()), new Bench()]) {
    ends(bot, "accepted", { tookMs: 30 });
    ends(bot, "rejected");
    const { roundTrips, retries, refusalsInRow } = bot.state.history;
    assert.deepEqual([roundTrips.samples.length, retries.tries.length, refusalsInRow], [0, 0, 0]);
  }
});

test("RISK-18 refused orders are a row, which one that is taken ends; cancels and post-only are none of it", () => {
  const bot = benchWith();
  const { history } = bot.state;
  ends(bot, "accepted");
  assert.equal(history.taken, undefined, "there was no row to end");
  ends(bot, "rejected");
  ends(bot, "rejected", { reason: "OTHER" });
  ends(bot, "rejected", { reason: "POST_ONLY_WOULD_TAKE" });
  ends(bot, "rejected", { of: "cancel" });
  ends(bot, "unknown");
  ends(bot, "accepted", { of: "cancel" });
  assert.deepEqual([history.refusalsInRow, history.taken], [2, undefined]);
  ends(bot, "accepted");
  assert.deepEqual([history.refusalsInRow, history.taken], [0, { clientOrderId: OWN, refusals: 2 }]);
});

const REFUSED =
  "error breaker-opened: breaker rejects opened: the exchange refused 10 orders in a row, limit 10;" +
  " the last: no money breaker=rejects action=P value=10 orders limit=10 orders";

test("RISK-18 ten refusals in a row open rejects with the words of the last; only a refused order can", () => {
  const bot = benchWith();
  bot.state.history.refusalsInRow = 10;
  assert.deepEqual(ends(bot, "rejected", { of: "cancel", text: "no such order" }), []);
  assert.deepEqual(ends(bot, "unknown", { text: "no answer" }), []);
  bot.state.history.refusalsInRow = 9;
  assert.deepEqual(ends(bot, "rejected", { text: "no money" }), [REFUSED]);
  assert.deepEqual(ends(benchWith(), "rejected"), [], "the first of a row");
  const off = benchWith({ rejectsInRowMax: "0" });
  off.state.history.refusalsInRow = 40;
  assert.deepEqual(ends(off, "rejected"), []);
  const dead = killed(benchWith());
  dead.state.history.refusalsInRow = 9;
  assert.deepEqual([ends(dead, "rejected"), dead.state.history.refusalsInRow], [[], 10]);
  assert.deepEqual(ends(dead, "unknown", { tries: 3 }), []);
});

/** A bot that saw 51 failed tries. */
function failing(): Bench {
  const bot = fresh();
  bot.state.history.retries.errors = Array.from({ length: 51 }, () => bot.state.nowMs);
  return bot;
}

test("RISK-18 retries is judged when a send was repeated or failed: one that is taken at once opens nothing", () => {
  assert.deepEqual(ends(failing(), "accepted"), []);
  assert.deepEqual(ends(failing(), "accepted", { tries: 1 }), []);
  const opened = (seen: string): string =>
    `error breaker-opened: breaker retries opened: ${seen}` +
    ` breaker=retries action=O value=${seen} limit=5000 bps or 50 errors`;
  const repeated = "1 of 2 tries were repeats, 52 failed in five minutes";
  assert.deepEqual(ends(failing(), "accepted", { tries: 2 }), [opened(repeated)]);
  const failed = "0 of 1 tries were repeats, 52 failed in five minutes";
  assert.deepEqual(ends(failing(), "unknown"), [opened(failed)]);
});

/** An order that was taken so many ms ago, and what the stream's refusal of it is. */
interface TakenBack {
  readonly afterMs?: number;
  readonly cumulative?: number;
  readonly reason?: RejectReason;
}
function takenBack(bot: Bench, { afterMs = 0, cumulative = 0, reason = "OTHER" }: TakenBack = {}): readonly string[] {
  const { bot: other, id } = quoting();
  const before = other.state.orders.get(id) ?? assert.fail();
  const placedAtMs = bot.state.nowMs - afterMs;
  const order: Order = { ...before, clientOrderId: OWN, placedAtMs, cumulative: lots(cumulative) };
  return turnOf(bot, (turn) =>
    watchTakenBack(turn, order, { change: "rejected", cumulative: lots(cumulative), reason, text: "no money" }),
  );
}

test("RISK-18 an order refused within five seconds of being taken, with nothing filled, is one more in the row", () => {
  const row = (of: TakenBack, bot = benchWith()): number => {
    bot.state.history.refusalsInRow = 3;
    takenBack(bot, of);
    return bot.state.history.refusalsInRow;
  };
  assert.deepEqual([row({}), row({ afterMs: 5_000 })], [4, 4]);
  assert.deepEqual(
    [row({ afterMs: 5_001 }), row({ cumulative: 1 }), row({ reason: "POST_ONLY_WOULD_TAKE" })],
    [3, 3, 3],
  );
  assert.deepEqual([row({}, old(benchWith())), row({}, new Bench())], [3, 3]);
});

test("RISK-18 the row an order ended by being taken goes on when it is taken back, that of another does not", () => {
  const row = (clientOrderId: ClientOrderId): number => {
    const bot = benchWith();
    bot.state.history.taken = { clientOrderId, refusals: 7 };
    takenBack(bot);
    return bot.state.history.refusalsInRow;
  };
  assert.deepEqual([row(OWN), row(FOREIGN)], [8, 1]);
  const bot = benchWith();
  bot.state.history.refusalsInRow = 9;
  assert.deepEqual(takenBack(bot), [REFUSED]);
  const dead = killed(benchWith());
  dead.state.history.refusalsInRow = 9;
  assert.deepEqual([takenBack(dead), dead.state.history.refusalsInRow], [[], 10]);
});

const FILL: ClosingFill = {
  clientOrderId: OWN,
  slotKey: "b",
  side: "buy",
  price: ticks(300_000),
  quantity: lots(10),
  fee: money(0n),
  onlyCloses: false,
};
const fills = (bot: Bench, change: Partial<ClosingFill> = {}): readonly string[] => {
  turnOf(bot, (turn) => watchFill(turn, { ...FILL, ...change }, { position: 0, cost: 0n }));
  return [...bot.state.history.slots.keys()];
};

test("RISK-18 what slots paid is remembered while something is held, and not of the closer or without breakers", () => {
  assert.deepEqual([fills(holding(10)), fills(holding(10), { slotKey: "closer" })], [["b"], []]);
  assert.deepEqual([fills(old(holding(10))), fills(new Bench())], [[], []]);
  const flat = holding(0);
  flat.state.history.slots.set("s", { lots: 5, cost: money(1n) });
  assert.deepEqual(fills(flat), [], "flat, no slot holds anything");
});

/** A closing order with this result ended after so many losing ones; how many of its executed lots are booked. */
function closes(bot: Bench, net: bigint, { losses = 0, filled = 5, live = false } = {}): readonly string[] {
  const { bot: other, id } = quoting();
  const before = other.state.orders.get(id) ?? assert.fail();
  const order: Order = { ...before, status: live ? "open" : "canceled", cumulative: lots(5), filled: lots(filled) };
  bot.state.history.lossesInRow = losses;
  bot.state.history.closing.set(id, money(net));
  return turnOf(bot, (turn) => watchOrder(turn, order));
}

test("RISK-18 a closing order that ended is won or lost once its fills are booked; five lost open a breaker", () => {
  const bot = benchWith();
  assert.deepEqual([closes(bot, -1n, { losses: 3 }), bot.state.history.lossesInRow], [[], 4]);
  const opened = "error breaker-opened: breaker consecutive-losses opened: 5 closing orders in a row lost, limit 5";
  const facts = "breaker=consecutive-losses action=A value=5 orders limit=5 orders";
  assert.deepEqual(closes(bot, -1n, { losses: 4 }), [`${opened} ${facts}`]);
  closes(bot, 1n, { losses: 4 });
  assert.equal(bot.state.history.lossesInRow, 0);
  closes(bot, -1n, { losses: 1, filled: 4 });
  assert.deepEqual([bot.state.history.lossesInRow, bot.state.history.closing.size], [1, 1], "a fill is missing");
  closes(bot, -1n, { losses: 1, live: true });
  assert.equal(bot.state.history.lossesInRow, 1, "it may still win");
});

test("RISK-18 losses are counted of a bot that nothing watches, and open nothing; nor where their limit is 0", () => {
  for (const bot of [killed(benchWith()), old(benchWith()), benchWith({ lossesInRowMax: "0" })]) {
    assert.deepEqual([closes(bot, -1n, { losses: 40 }), bot.state.history.lossesInRow], [[], 41]);
  }
});

/** A look with the liquidation price so many bps below the mark of 3,000.00. */
function near(bot: Bench, bps: number | null): readonly string[] {
  const atMs = bot.state.nowMs;
  bot.state.liquidation = bps === null ? null : { price: milliTicks(300_000_000 - bps * 30_000), atMs };
  return turnOf(bot, lookAround);
}

const WARNING =
  "warning liquidation: the liquidation price is 2000 bps from the mark; at 1000 bps the position is closed" +
  " distanceBps=2000 limitBps=1000";

test("RISK-18 a liquidation that comes near is warned of once, and again after it was far", () => {
  const bot = holding(100);
  assert.deepEqual([near(bot, 2_001), near(bot, 2_000), near(bot, 1_001)], [[], [WARNING], []]);
  assert.deepEqual([near(bot, 2_001), near(bot, 2_000)], [[], [WARNING]]);
  assert.deepEqual(near(bot, null), []);
  bot.state.book = null;
  assert.deepEqual(near(bot, 500), []);
  assert.deepEqual(near(holding(0), 500), [], "nothing is held");
});

const closing = ({ state }: Bench): string | undefined => state.closer?.because;

test("RISK-18 at the limit the liquidation breaker opens and the position is closed, not twice, not of dust", () => {
  const opened = "critical liquidation: breaker liquidation opened: liquidation is 1000 bps away, limit 1000";
  const bot = holding(100);
  assert.deepEqual(near(bot, 1_000), [`${opened} breaker=liquidation action=F value=1000 bps limit=1000 bps`]);
  assert.deepEqual([closing(bot), near(bot, 900)], ["flatten.liquidation", []], "it is under way");
  bot.state.closer = null;
  const again = "critical liquidation: liquidation is 900 bps away again: the position is closed";
  assert.deepEqual(near(bot, 900), [`${again} breaker=liquidation distanceBps=900`]);
  assert.equal(closing(bot), "flatten.liquidation");
  bot.state.closer = null;
  bot.state.unbooked.set(OWN, lots(-100));
  assert.deepEqual([near(bot, 900), bot.state.closer], [[], null], "all of it is sold, and not booked yet");
  bot.state.unbooked.clear();
  bot.state.closedDust = lots(100);
  assert.deepEqual([near(bot, 900), bot.state.closer], [[], null], "no order could close it");
  const forced = holding(100);
  turnOf(forced, (turn) => trip(turn, "manual", { reason: "why" }));
  forced.state.history.forced.set("liquidation", 1);
  assert.deepEqual([near(forced, 900), forced.state.closer], [[], null], "the operator said leave it");
});
