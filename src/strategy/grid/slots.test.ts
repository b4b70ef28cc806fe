// GRID-26, GRID-27, GRID-29, GRID-37, GRID-38: what a slot remembers of its orders, for how long, and what is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, GridBench } from "../../../test/grid/bench.ts";
import { lots } from "../../market/amounts.ts";
import { foreignOrderId } from "../../trading/client-order-id.ts";
import type { OrderChange } from "../contract.ts";
import { slotAt } from "./held.ts";
import { markCancel, nextSlotTimeMs, takeOrder, tidySlot } from "./slots.ts";
import { standing } from "./standing.fixture.ts";
import type { Slot } from "./state.ts";

/** A grid with the one entry of slot −1 sent. */
function sent(texts: object = {}): GridBench {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1, ...texts });
  bench.start("2999.99/3000.01");
  bench.alerts.length = 0;
  return bench;
}

/** The same with the entry filled at 2,998.00 and its exit sent. */
function exiting(texts: object = {}): GridBench {
  const bench = sent(texts);
  bench.ack();
  bench.mid("2998.01");
  bench.fill(-1);
  assert.equal(bench.slotOrder(-1).purpose, "exit");
  return bench;
}

const slotOf = (bench: GridBench): Slot => {
  const slot = bench.slot(-1);
  assert.ok(slot !== undefined);
  return slot;
};

test("GRID-28 a slot takes an order only when it has none, and gives up only a live one", () => {
  const bench = sent();
  const order = { ...bench.slotOrder(-1), id: foreignOrderId("another") };
  assert.throws(() => takeOrder(bench.state, slotOf(bench), order), /slot -1 cannot take an entry/);
  assert.throws(() => markCancel(slotOf(bench)), /slot -1 has no live order/);
});

test("GRID-29 news of an order nobody remembers is counted and told, and the account is read", () => {
  const bench = sent();
  const id = foreignOrderId("never-seen");
  bench.order(id, { change: "open", cumulative: lots(0) });
  assert.equal(bench.state.counts.unknownOrders, 1);
  const text = "news of an order this grid does not remember";
  assert.deepEqual(bench.alerts, [{ code: "unknown-order", severity: "warning", text, facts: { clientOrderId: id } }]);
  assert.deepEqual(bench.asked, [{ code: "reconcile.unknown_order", clientOrderId: id }]);
});

test("GRID-27 what ends an order is told with its slot, what it was for, and the exchange's words", () => {
  for (const [change, code, said] of [
    [{ change: "canceled", cumulative: lots(3) }, "order-canceled", "entry of slot -1: canceled"],
    [
      { change: "rejected", cumulative: lots(3), reason: "REDUCE_ONLY_REJECTED", text: "no" },
      "order-rejected",
      "entry of slot -1: rejected: no",
    ],
  ] as const) {
    const bench = sent();
    const { id } = bench.slotOrder(-1);
    bench.order(id, change);
    const facts = { clientOrderId: id, slot: -1, held: 3 };
    assert.deepEqual(bench.alerts, [{ code, severity: "warning", text: said, facts }]);
    const asked = code === "order-rejected" ? [{ code: "reconcile.order", clientOrderId: id, slot: -1 }] : [];
    assert.deepEqual(bench.asked, asked);
  }
});

test("GRID-29 late news of an ended order is told when it opens, not when it fills; lots are booked", () => {
  const bench = sent();
  const { id } = bench.slotOrder(-1);
  bench.gate("operator", "HALT");
  bench.order(id, { change: "withdrawn" });
  bench.at(400_000).mid("3000.00");
  assert.equal(bench.slots().length, 0);
  bench.order(id, { change: "open", cumulative: lots(0) });
  const facts = { clientOrderId: id, slot: -1, held: 0 };
  const text = "entry of slot -1: open";
  assert.deepEqual(bench.alerts, [{ code: "order-open", severity: "warning", text, facts }]);
  bench.order(id, { change: "filled", cumulative: lots(4) });
  assert.equal(bench.alerts.length, 1);
  assert.equal(bench.held(), "-1:0.004");
});

test("GRID-31 what changes nothing is counted: news without new lots where the table has nothing to do", () => {
  const bench = sent();
  const { id } = bench.slotOrder(-1);
  bench.ack();
  const ignored = (change: OrderChange): number => {
    bench.order(id, change);
    return bench.state.counts.orderEventsIgnored;
  };
  assert.equal(ignored({ change: "cancel-failed" }), 1);
  assert.equal(ignored({ change: "executed", cumulative: lots(3) }), 1);
  assert.equal(ignored({ change: "executed", cumulative: lots(3) }), 1);
  assert.equal(ignored({ change: "canceled", cumulative: lots(3) }), 1);
  // a reject after the end is nothing new, but for the lots it proves
  const rejected = { change: "rejected", reason: "INSUFFICIENT_FUNDS", text: "" } as const;
  assert.equal(ignored({ ...rejected, cumulative: lots(5) }), 1);
  assert.equal(ignored({ ...rejected, cumulative: lots(5) }), 2);
  assert.equal(bench.held(), "-1:0.005");
});

test("GRID-30 more executed than asked for is booked in full and told once; strays are told with their sum", () => {
  const bench = sent();
  const { id } = bench.slotOrder(-1);
  bench.ack();
  bench.order(id, { change: "executed", cumulative: lots(10) });
  assert.deepEqual(bench.alerts, []);
  for (let i = 0; i < 2; i += 1) bench.order(id, { change: "executed", cumulative: lots(12) });
  const over = "more was executed than the order asked for; booked in full";
  const facts = { clientOrderId: id, quantity: 10, executed: 12 };
  assert.deepEqual(bench.alerts, [{ code: "over-filled", severity: "error", text: over, facts }]);
  assert.equal(bench.held(), "-1:0.012");

  const exit = exiting();
  const sale = exit.slotOrder(-1);
  exit.alerts.length = 0;
  exit.order(sale.id, { change: "executed", cumulative: lots(13) });
  const told = exit.alerts.map(({ code, severity, text, facts: of }) => ({ code, severity, text, facts: of }));
  assert.deepEqual(told[1], {
    code: "stray",
    severity: "error",
    text: "-3 lots belong to no slot; adopt or writeOff them",
    facts: { clientOrderId: sale.id, stray: -3 },
  });
});

test("GRID-29 a live order's route is its slot's; an ended one's is kept apart for a day from its end", () => {
  const bench = sent();
  const { id } = bench.slotOrder(-1);
  assert.deepEqual([bench.state.routes.has(id), bench.state.finished.has(id)], [true, false]);
  bench.at(5000).order(id, { change: "withdrawn" });
  assert.deepEqual([bench.state.routes.has(id), bench.state.finished.has(id)], [false, true]);
  assert.equal(bench.state.finished.get(id)?.finishedAtMs, 5000);

  // a thousand others that ended with it: none is forgotten before a day has passed, one then
  const day = 86_400_000;
  for (const [atMs, kept] of [
    [5000 + day - 1, 1002],
    [5000 + day, 1000],
  ] as const) {
    const crowd = sent();
    const route = bench.state.finished.get(id);
    assert.ok(route !== undefined);
    for (let i = 0; i < 1001; i += 1) crowd.state.finished.set(foreignOrderId(`old-${i}`), { ...route });
    crowd.at(atMs).order(crowd.slotOrder(-1).id, { change: "withdrawn" });
    assert.equal(crowd.state.finished.size, kept);
  }
});

test("GRID-27 GRID-37 an acknowledgement or an execution starts the counts over; only rejects alert", () => {
  const bench = sent({ postOnlyRejectsMax: 3 });
  bench.at(1000).reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.equal(slotOf(bench).postOnlyRejects, 1);
  bench.at(2000).mid("3000.00");
  bench.fill(-1, "0.004");
  assert.equal(slotOf(bench).postOnlyRejects, 0);
  assert.equal(slotOf(bench).coolUntilMs, 0);

  const often = sent();
  let now = 0;
  for (let i = 0; i < 5; i += 1) {
    often.at(now).reject(-1, "OTHER");
    now = slotOf(often).coolUntilMs;
    often.at(now).mid("3000.00");
  }
  assert.equal(often.alerts.length, 1);
  often.fill(-1, "0.004");
  assert.equal(often.alerts.length, 1);
  assert.equal(slotOf(often).otherRejects, 5);
});

test("GRID-26 an acknowledged slot rests at no time", () => {
  const bench = sent();
  bench.at(5000).ack();
  assert.equal(slotOf(bench).coolUntilMs, 0);
});

test("GRID-37 a plain exit needs the fallback `exits` or `all`, a plain entry `all`; else the slot rests", () => {
  for (const [fallback, purpose, plain] of [
    ["none", "entry", false],
    ["none", "exit", false],
    ["exits", "entry", false],
    ["exits", "exit", true],
    ["all", "entry", true],
    ["all", "exit", true],
  ] as const) {
    const texts = { postOnlyRejectsMax: 1, postOnlyFallback: fallback };
    const bench = purpose === "entry" ? sent(texts) : exiting(texts);
    bench.at(1000).reject(-1, "POST_ONLY_WOULD_TAKE");
    const retryMs = bench.config.postOnlyRetryMs;
    assert.equal(slotOf(bench).plainNext, plain, `${fallback} ${purpose}`);
    assert.equal(slotOf(bench).coolUntilMs, plain ? 1000 + retryMs : 61_000);
  }
});

test("GRID-38 a funds reject in the lock does not lengthen it; within 300 s of its end one doubles it", () => {
  for (const [againAfterMs, lengthMs] of [
    [300_000, 20_000],
    [300_001, 10_000],
  ] as const) {
    const bench = sent({ entryLevels: 2 });
    bench.at(1000).reject(-1, "INSUFFICIENT_FUNDS");
    const text = "no funds for the entry at level -1; no entries for 10000 ms";
    const facts = { slot: -1, lockMs: 10_000 };
    assert.deepEqual(bench.alerts, [{ code: "margin-lock", severity: "warning", text, facts }]);
    assert.deepEqual(bench.state.gates.get("margin"), { L: "HOLD", S: "HOLD", reason: "not enough funds" });
    bench.at(2000).reject(-2, "INSUFFICIENT_FUNDS");
    assert.deepEqual(bench.state.lock, { untilMs: 11_000, lengthMs: 10_000 });
    bench.at(11_000 + againAfterMs).mid("3000.00");
    bench.reject(-1, "INSUFFICIENT_FUNDS");
    assert.equal(bench.state.lock.lengthMs, lengthMs);
  }
});

test("GRID-38 an exit without funds takes entries out and rests itself; entries do not soften that", () => {
  const bench = exiting({ entryLevels: 2 });
  const entry = bench.slots().find(({ order }) => order?.purpose === "entry");
  assert.ok(entry !== undefined);
  bench.at(1000).reject(-1, "INSUFFICIENT_FUNDS");
  assert.deepEqual(bench.state.gates.get("margin")?.L, "REDUCE");
  assert.equal(slotOf(bench).coolUntilMs, 6000);
  bench.at(2000).reject(entry.j, "INSUFFICIENT_FUNDS");
  assert.deepEqual(bench.state.gates.get("margin")?.L, "REDUCE");
  assert.equal(bench.slot(entry.j)?.coolUntilMs ?? 0, 0);
});

test("GRID-27 GRID-37 an empty slot is forgotten when it cooled, or five minutes later if it counts rejects", () => {
  for (const [remembers, atMs] of [
    [{}, 1000],
    [{ otherRejects: 1 }, 301_000],
    [{ postOnlyRejects: 1 }, 301_000],
    [{ plainNext: true }, 301_000],
  ] as const) {
    const bench = standing({}, []);
    const slot = Object.assign(slotAt(bench.state, -1, { width: 1, leg: "L" }), { coolUntilMs: 1000, ...remembers });
    assert.equal(nextSlotTimeMs(slot, 999), 1000);
    assert.equal(nextSlotTimeMs(slot, 1000), atMs);
    bench.state.nowMs = atMs - 1;
    tidySlot(bench.state, slot);
    assert.equal(bench.slot(-1), slot);
    bench.state.nowMs = atMs;
    tidySlot(bench.state, slot);
    assert.equal(bench.slot(-1), undefined);
  }
});

test("GRID-26 a slot with lots or an order is never forgotten, and wakes nobody once it rests no more", () => {
  const bench = exiting({ entryLevels: 2 });
  bench.state.nowMs = 1_000_000;
  for (const slot of [slotOf(bench), bench.slot(-2)]) {
    assert.ok(slot !== undefined);
    slot.otherRejects = 1;
    assert.equal(nextSlotTimeMs(slot, 1000), 0);
    tidySlot(bench.state, slot);
    assert.equal(bench.slot(slot.j), slot);
  }
  const held = standing({}, [[0, 10]]).slot(0);
  assert.ok(held !== undefined);
  assert.deepEqual([nextSlotTimeMs(held, 59_999), nextSlotTimeMs(held, 60_000)], [60_000, 0]);
});

test("GRID-28 GRID-43 while orders are settled after a restart, a slot whose order ended is empty at once", () => {
  const bench = sent();
  const { id } = bench.slotOrder(-1);
  bench.ack();
  bench.gate("operator", "HALT");
  bench.send({ kind: "recovering" });
  const ended: OrderChange = { change: "canceled", cumulative: lots(0) };
  bench.order(id, ended);
  assert.equal(bench.slots().length, 0);
});
