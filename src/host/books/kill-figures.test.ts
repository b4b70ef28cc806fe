import assert from "node:assert/strict";
import { test } from "node:test";
import { benchWith } from "../../engine/breakers.fixture.ts";
import { killOf } from "./kill-figures.ts";

test("RISK-22 a kill that was not proved tells of the orders left now, not of those that have gone since", () => {
  const { state } = benchWith();
  const [gone, stays, ...others] = [...state.orders.keys()];
  assert.ok(gone !== undefined && stays !== undefined);
  const report = { proved: false, ordersLeft: [gone, stays], positionLots: 0, dust: false };
  const latchedAtMs = state.nowMs;
  state.kill = {
    ...state.kill,
    phase: "killed",
    latchedAtMs,
    report: { ...report, flatAfterMs: null, cleanReadsAtMs: [], latchedAtMs },
  };
  const told = () => killOf(state) ?? assert.fail("not killed");
  assert.deepEqual([told().step, told().ordersLeft], ["failed", [gone, stays]], `${others.length} came later`);
  state.orders.delete(gone);
  assert.deepEqual(told().ordersLeft, [stays]);
  state.orders.delete(stays);
  assert.deepEqual([told().ordersLeft, told().proven], [[], false], "that they are gone proves nothing of the kill");
});
