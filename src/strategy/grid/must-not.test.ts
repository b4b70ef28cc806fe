// Section 12: bugs of the original that must not come back. Those with a subject of their own stand beside it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, GridBench, trades } from "../../../test/grid/bench.ts";
import { lots } from "../../market/amounts.ts";

test("N-02 the result of an exit changes the slot that owns the lots and no other", () => {
  const bench = new GridBench({ ...EXAMPLE, adoptPosition: "market" }, { position: "0.030" });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.fill(1, "0.004");
  assert.equal(bench.held(), "0:0.010 1:0.006 2:0.010");
});

test("N-04 a short opened in neutral mode is kept and bought back at its own level", () => {
  const bench = new GridBench({ ...EXAMPLE, mode: "neutral" });
  bench.start("3000.29/3000.31");
  bench.ack();
  bench.mid("3001.50");
  assert.match(bench.fill(0), /BUY 3000.00 x 0.010 post-only/);
  bench.crash();
  bench.ack();
  bench.mid("3000.05");
  bench.fill(0);
  assert.equal(bench.held(), "");
});

test("N-05 lots filled before a cancel are kept, and the slot is free for their exit", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.mid("2998.01");
  bench.fill(-1, "0.004");
  const { id } = bench.slotOrder(-1);
  bench.gate("operator", "REDUCE");
  const text = bench.order(id, { change: "canceled", cumulative: lots(6) });
  assert.match(text, /SELL 3000.00 x 0.006/);
});

test("N-11 N-14 a slot is freed by proof of the end, never because a cancel was asked for or went unanswered", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.gate("operator", "REDUCE");
  const { id } = bench.slotOrder(-1);
  for (const change of ["cancel-failed", "unknown"] as const) bench.order(id, { change });
  assert.equal(bench.slot(-1)?.order?.state, "CANCEL");
  bench.gate("operator", "RUN");
  assert.equal(trades(bench.mid("3000.00")), "");
  bench.order(id, { change: "filled", cumulative: lots(10) });
  assert.equal(bench.held(), "-1:0.010");
});

test("N-12 N-13 rejects are counted, an acknowledgement resets the count, and reduce-only survives the fallback", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1, postOnlyRejectsMax: 2, postOnlyFallback: "all" });
  bench.start("2999.99/3000.01");
  bench.at(1000).reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.equal(bench.slot(-1)?.postOnlyRejects, 1);
  bench.at(1500).mid("3000.00");
  bench.ack();
  assert.equal(bench.slot(-1)?.postOnlyRejects, 0);
  bench.mid("2998.01");
  bench.fill(-1);
  bench.reject(-1, "POST_ONLY_WOULD_TAKE");
  bench.at(2000).mid("2998.01");
  bench.reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.match(bench.at(2500).mid("2998.01"), /SELL 3000.00 x 0.010 reduce-only/);
});

test("N-12 a plain entry is allowed only by the fallback `all`, once", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1, postOnlyRejectsMax: 1, postOnlyFallback: "all" });
  bench.start("2999.99/3000.01");
  bench.at(1000).reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.equal(trades(bench.at(1500).mid("3000.00")), "BUY 2998.00 x 0.010");
  bench.reject(-1, "OTHER");
  assert.equal(trades(bench.at(2500).mid("3000.00")), "BUY 2998.00 x 0.010 post-only");
});

test("GRID-31 GRID-32 reordered and repeated news of an order leave the same lots as the clean sequence", () => {
  const held = (changes: readonly (readonly ["executed" | "filled", number])[]): string => {
    const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
    bench.start("2999.99/3000.01");
    const { id } = bench.slotOrder(-1);
    for (const [change, cumulative] of changes) bench.order(id, { change, cumulative: lots(cumulative) });
    return bench.held();
  };
  const clean = held([
    ["executed", 3],
    ["executed", 7],
    ["filled", 10],
  ]);
  assert.equal(clean, "-1:0.010");
  assert.equal(
    held([
      ["filled", 10],
      ["executed", 3],
      ["executed", 7],
    ]),
    clean,
  );
  assert.equal(
    held([
      ["executed", 7],
      ["executed", 3],
      ["executed", 7],
      ["filled", 10],
      ["filled", 10],
    ]),
    clean,
  );
});

test("GRID-31 more executed than asked for is booked in full, less than booked is ignored", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  const { id } = bench.slotOrder(-1);
  bench.ack();
  bench.mid("2998.01");
  assert.match(bench.order(id, { change: "filled", cumulative: lots(12) }), /ALERT over-filled/);
  assert.equal(bench.held(), "-1:0.012");
  bench.order(id, { change: "executed", cumulative: lots(5) });
  assert.equal(bench.held(), "-1:0.012");
  assert.equal(bench.state.counts.cumulativeBack, 1);
});

test("GRID-30 an exit executed beyond what is held becomes stray and shuts the gate", () => {
  const bench = new GridBench({ ...EXAMPLE, adoptPosition: "market" }, { position: "0.010" });
  bench.start("2999.99/3000.01");
  bench.ack();
  const { id } = bench.slotOrder(0);
  bench.order(id, { change: "filled", cumulative: lots(13) });
  assert.equal(bench.state.stray, -3);
  assert.deepEqual(bench.view().gates, ["stray:HOLD"]);
});

test("GRID-32 an accepted post-only order that the exchange cancels for crossing counts as a post-only reject", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.at(1000).reject(-1, "POST_ONLY_WOULD_TAKE");
  assert.equal(bench.slot(-1)?.postOnlyRejects, 1);
  assert.equal(bench.slot(-1)?.coolUntilMs, 1500);
});

test("N-19 the grid counts lots, not profit: its state knows no money but fees taken in base", () => {
  const bench = new GridBench(EXAMPLE);
  const amounts = Object.entries(bench.state).filter(([, value]) => typeof value === "bigint");
  assert.deepEqual(
    amounts.map(([key]) => key),
    ["baseFees"],
  );
});

test("GRID-30 late lots go to their slot while it is empty or of their leg, else they are stray", () => {
  const empty = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  empty.start("2999.99/3000.01");
  const { id } = empty.slotOrder(-1);
  empty.gate("operator", "HOLD");
  empty.order(id, { change: "withdrawn" });
  empty.order(id, { change: "executed", cumulative: lots(3) });
  assert.equal(empty.held(), "-1:0.003");

  const bench = new GridBench({ ...EXAMPLE, mode: "neutral" });
  bench.start("3000.29/3000.31");
  const sell = bench.slotOrder(0);
  assert.equal(sell.side, "sell");
  bench.order(sell.id, { change: "withdrawn" });
  bench.at(1000).mid("3004.20");
  assert.equal(bench.slotOrder(0).side, "buy");
  assert.match(bench.order(sell.id, { change: "executed", cumulative: lots(3) }), /ALERT stray/);
  assert.equal(bench.held(), "");
  assert.equal(bench.state.stray, -3);
});
