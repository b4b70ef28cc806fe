// The slot machine of grid.md section 6, cell by cell: the specification's own table beside what the grid does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, GridBench } from "../../../test/grid/bench.ts";
import { lots } from "../../market/amounts.ts";
import { type ClientOrderId, foreignOrderId } from "../../trading/client-order-id.ts";
import type { RejectReason } from "../../trading/order.ts";
import type { OrderChange } from "../contract.ts";
import { slotAt } from "./held.ts";
import { SLOT_COLUMNS, SLOT_EVENTS, type SlotColumn, type SlotEvent, slotCell } from "./slot-table.ts";
import { columnOf, markCancel, takeOrder } from "./slots.ts";
import type { SlotOrderState } from "./state.ts";

/** As printed in the specification. */
const SPEC = `
plan.entry | SENT, P | SENT, P (dust) | – | – | – | –
plan.exit | – | SENT, P | – | – | – | –
plan.cancel | – | – | – | CANCEL, X | – | –
open | – ! | – ! | LIVE | LIVE | CANCEL | LIVE
exec | B late | B late | LIVE, B | LIVE, B | CANCEL, B | LIVE, B
filled | B late | B late | B, settle | B, settle | B, settle | B, settle
canceled | B late | B late | B, settle, cool 5 s, ! | B, settle, cool 5 s, ! | B, settle | B, settle, cool 5 s, !
reject.postOnly | B late | B late | B, settle, §8 | B, settle, §8 | B, settle | B, settle, §8
reject.funds | – | – | settle, lock §8 | settle, lock §8 | settle, lock §8 | settle, lock §8
reject.reduceOnly | – | – | settle, cool 5 s, R, ! | settle, cool 5 s, R, ! | settle, R, ! | settle, cool 5 s, R, !
reject.other | – | – | settle, cool, ! at the 5th | settle, cool, ! at the 5th | settle | settle, cool, ! at the 5th
refused | – | – | settle, cool 5 s | – | – | –
withdrawn | – | – | settle, cool 1 s | – | settle | settle, cool 1 s
unknown | – | – | UNKNOWN | – | – | –
absent | – | – | – | settle, R, ! | settle | settle
cancel.failed | – | – | – | – | CANCEL | –`;

const spec = new Map<string, string>(
  SPEC.trim()
    .split("\n")
    .flatMap((line) => {
      const [event = "", ...cells] = line.split("|").map((cell) => cell.trim());
      return SLOT_COLUMNS.map((column, i) => [`${event}/${column}`, cells[i] ?? ""] as const);
    }),
);

test("GRID-P14 the slot table is total: every event has a cell in every column, as specified", () => {
  assert.equal(spec.size, SLOT_EVENTS.length * SLOT_COLUMNS.length);
  for (const event of SLOT_EVENTS) {
    for (const column of SLOT_COLUMNS) {
      const text = spec.get(`${event}/${column}`);
      assert.ok(text !== undefined, `${event}/${column}`);
      const cell = slotCell(event, column);
      const said = [
        text.startsWith("–") ? "idle" : "",
        /\b(SENT|LIVE|CANCEL|UNKNOWN)\b/.exec(text)?.[1] ?? (text.includes("settle") ? "settle" : ""),
        /\bB\b/.test(text) ? "book" : "",
        /cool (\d)/.exec(text)?.[1] ?? (/cool,/.test(text) ? "backoff" : ""),
        text.includes("lock") ? "lock" : /settle, §8/.test(text) ? "rejects" : "",
        /\bR\b/.test(text) ? "R" : "",
        text.includes("5th") ? "fifth" : text.includes("!") ? "always" : "never",
      ];
      const is = [
        cell.idle ? "idle" : "",
        cell.next ?? "",
        cell.book ? "book" : "",
        cell.coolMs > 0 ? String(cell.coolMs / 1000) : cell.backoff ? "backoff" : "",
        cell.lock ? "lock" : cell.rejects ? "rejects" : "",
        cell.reconcile ? "R" : "",
        cell.alert,
      ];
      assert.deepEqual(is, said, `${event}/${column}: ${text}`);
    }
  }
});

const CHANGES: { readonly [event in Exclude<SlotEvent, "plan.entry" | "plan.exit" | "plan.cancel">]: OrderChange } = {
  open: { change: "open", cumulative: lots(0) },
  exec: { change: "executed", cumulative: lots(4) },
  filled: { change: "filled", cumulative: lots(10) },
  canceled: { change: "canceled", cumulative: lots(4) },
  "reject.postOnly": rejected("POST_ONLY_WOULD_TAKE"),
  "reject.funds": rejected("INSUFFICIENT_FUNDS"),
  "reject.reduceOnly": rejected("REDUCE_ONLY_REJECTED"),
  "reject.other": rejected("OTHER"),
  refused: { change: "refused", code: "position", text: "no" },
  withdrawn: { change: "withdrawn" },
  unknown: { change: "unknown" },
  absent: { change: "absent" },
  "cancel.failed": { change: "cancel-failed" },
};

function rejected(reason: RejectReason): OrderChange {
  return { change: "rejected", cumulative: lots(0), reason, text: "no" };
}

/** A bench whose slot −1 stands in a column for the order returned; the planner is held by a gate. */
function standing(column: SlotColumn): { bench: GridBench; id: ClientOrderId } {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  const { id } = bench.slotOrder(-1);
  bench.gate("feed-book", "HOLD");
  bench.mid("2998.01");
  const states: { readonly [name in SlotColumn]: SlotOrderState | null } = {
    EMPTY: null,
    HELD: null,
    SENT: "SENT",
    LIVE: "LIVE",
    CANCEL: "CANCEL",
    UNKNOWN: "UNKNOWN",
  };
  const state = states[column];
  if (state === null) {
    bench.order(id, { change: "canceled", cumulative: lots(column === "HELD" ? 2 : 0) });
    bench.gate("feed-book", "FREEZE");
  } else bench.slotOrder(-1).state = state;
  return { bench, id };
}

for (const [event, change] of Object.entries(CHANGES)) {
  test(`GRID-P14 GRID-28 N-05 N-11 ${event} does in every column what the table says`, () => {
    for (const column of SLOT_COLUMNS) {
      const { bench, id } = standing(column);
      const name = `${event}/${column}`;
      const text = spec.get(name) ?? "";
      const before = bench.slot(-1);
      const heldBefore = before?.held ?? 0;
      const effects = bench.order(id, change);
      const slot = bench.slot(-1);
      const executed = "cumulative" in change ? Math.max(0, change.cumulative - heldBefore) : 0;
      assert.equal(slot?.held ?? 0, heldBefore + executed, `${name}: lots`);
      const now = columnOf(slot, id);
      const wanted = /\b(SENT|LIVE|CANCEL|UNKNOWN)\b/.exec(text)?.[1];
      const settled = text.includes("settle") || column === "EMPTY" || column === "HELD";
      const rest = settled ? (heldBefore + executed > 0 ? "HELD" : "EMPTY") : column;
      assert.equal(now, wanted ?? rest, name);
      const cool = /cool (\d) s/.exec(text)?.[1];
      if (cool !== undefined) assert.equal(slot?.coolUntilMs, Number(cool) * 1000, name);
      assert.equal(/RECONCILE/.test(effects), /\bR\b/.test(text), `${name}: reconcile`);
      if (text.endsWith("!")) assert.match(effects, /ALERT order-/, name);
      assert.equal(bench.state.lock.untilMs > 0, text.includes("lock"), `${name}: lock`);
    }
  });
}

test("GRID-P14 the planner places only in EMPTY and HELD, and cancels only what is LIVE", () => {
  for (const column of SLOT_COLUMNS) {
    const { bench } = standing(column);
    const slot = slotAt(bench.state, -1, { width: 1, leg: "L" });
    const id = foreignOrderId(`test-${column}`);
    const order = { id, side: "buy", price: bench.price("2998.00"), quantity: lots(10), state: "SENT" } as const;
    const allowed = (event: SlotEvent): boolean => spec.get(`${event}/${column}`) !== "–";
    const cancelled = (): void => markCancel(slot);
    if (allowed("plan.cancel")) cancelled();
    else assert.throws(cancelled);
    const entry = (): void => takeOrder(bench.state, slot, { ...order, purpose: "entry" });
    if (allowed("plan.entry")) entry();
    else assert.throws(entry);
    slot.order = column === "EMPTY" || column === "HELD" ? null : slot.order;
    const exit = (): void => takeOrder(bench.state, slot, { ...order, purpose: "exit" });
    if (allowed("plan.exit")) exit();
    else assert.throws(exit);
  }
});

test("GRID-27 absent with executed lots is a cancel that keeps them", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  const { id } = bench.slotOrder(-1);
  bench.order(id, { change: "unknown" });
  bench.fill(-1, "0.004");
  bench.gate("feed-book", "FREEZE");
  bench.order(id, { change: "unknown" });
  bench.order(id, { change: "absent" });
  assert.equal(bench.held(), "-1:0.004");
  assert.equal(bench.slot(-1)?.order, null);
});

test("GRID-27 other rejects rest 1, 2, 4 … 60 s, alert at the fifth, and an acknowledgement starts over", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  const rests: number[] = [];
  let now = 1000;
  for (let i = 1; i <= 8; i += 1) {
    const text = bench.at(now).reject(-1, "OTHER");
    assert.equal(/ALERT order-rejected/.test(text), i === 5);
    const until = bench.slot(-1)?.coolUntilMs ?? 0;
    rests.push((until - now) / 1000);
    now = until;
    bench.at(now).mid("3000.00");
  }
  assert.deepEqual(rests, [1, 2, 4, 8, 16, 32, 60, 60]);
  bench.ack();
  bench.at(now + 1).reject(-1, "OTHER");
  assert.equal(bench.slot(-1)?.coolUntilMs, now + 1001);
});

test("GRID-29 N-10 N-18 news of an order nobody remembers changes nothing and asks for reconciliation", () => {
  const bench = new GridBench(EXAMPLE);
  bench.start("2999.99/3000.01");
  const text = bench.order(foreignOrderId("never-seen"), { change: "filled", cumulative: lots(10) });
  assert.match(text, /ALERT unknown-order/);
  assert.match(text, /RECONCILE reconcile.unknown_order/);
  assert.equal(bench.held(), "");
});

test("GRID-29 routes of finished orders are kept for the last thousand and for a day", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1, exitLevels: 1 });
  bench.start("2999.99/3000.01");
  const day = 86_400_000;
  for (let i = 0; i < 1100; i += 1) {
    bench.at(i * 120_000).mid("3000.00");
    bench.order(bench.slotOrder(-1).id, { change: "withdrawn" });
  }
  assert.equal(bench.state.finished.size, 1000 + 0);
  assert.ok(1100 * 120_000 > day);
});

test("GRID-29 however many orders a day has, the routes of the last four thousand are enough", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1, exitLevels: 1 });
  bench.start("2999.99/3000.01");
  for (let i = 0; i < 4100; i += 1) {
    bench.at(i * 11_000).mid("3000.00");
    bench.order(bench.slotOrder(-1).id, { change: "withdrawn" });
  }
  assert.equal(bench.state.finished.size, 4000);
});
