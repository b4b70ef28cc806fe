// Gates, one decision alone: the strictest wins for each leg, a change is told once, and what a book shuts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMPLE, GridBench } from "../../../test/grid/bench.ts";
import { ticks } from "../../market/amounts.ts";
import type { GateLevel } from "../contract.ts";
import type { GridConfig } from "./config.ts";
import { CHANGED, gateTexts, isAtLeast, judgeBook, levelOf, SAME, STOPPED, setBoth, setGate } from "./gates.ts";
import type { GridState } from "./state.ts";

const FENCE = { low: 100_000, high: 900_000 };

/** A grid without gates on a book around this mid. */
function at(mid: number, change: Partial<GridConfig> = {}, spread = 2): GridState {
  const { state } = new GridBench(EXAMPLE);
  const half = spread / 2;
  state.gates.clear();
  return Object.assign(state, {
    config: { ...state.config, ...change },
    reference: { bid: mid - half, ask: mid + half, ref0: mid, first: 0, second: 0 },
  });
}

const gates = (state: GridState): readonly string[] =>
  [...state.gates].map(([name, { L, S, reason }]) => `${name} ${L}/${S}: ${reason}`);

test("GRID-19 the strictest gate of a leg holds it, whatever the order they came in", () => {
  const state = at(300_000);
  const levels = (): readonly GateLevel[] => [levelOf(state, "L"), levelOf(state, "S")];
  assert.deepEqual(levels(), ["RUN", "RUN"]);
  setGate(state, "a", { L: "REDUCE", S: "RUN", reason: "" });
  setGate(state, "b", { L: "HOLD", S: "FREEZE", reason: "" });
  assert.deepEqual(levels(), ["REDUCE", "FREEZE"]);
  const strict: readonly GateLevel[] = ["RUN", "HOLD", "REDUCE", "FREEZE", "HALT"];
  const rows = strict.map((level) => strict.filter((than) => isAtLeast(level, than)).length);
  assert.deepEqual(rows, [1, 2, 3, 4, 5]);
});

test("GRID-25 setting a gate is a change when a level of either leg changes; RUN on both takes it away", () => {
  const state = at(300_000);
  const set = (L: GateLevel, S: GateLevel, reason = ""): boolean => setGate(state, "trend", { L, S, reason });
  assert.equal(set("RUN", "RUN"), false, "there was none");
  assert.deepEqual([set("REDUCE", "RUN"), set("REDUCE", "RUN", "newer")], [true, false]);
  assert.deepEqual(gates(state), ["trend REDUCE/RUN: newer"], "the newest reason is kept");
  assert.deepEqual(
    [set("HOLD", "RUN"), set("HOLD", "HOLD"), set("RUN", "HOLD"), set("RUN", "RUN")],
    [true, true, true, true],
  );
  assert.deepEqual(gates(state), []);
  assert.deepEqual([setBoth(state, "stray", "HOLD", "why"), gates(state)], [true, ["stray HOLD/HOLD: why"]]);
});

test("GRID-25 gates read as short texts: both legs as one, else the legs that are held", () => {
  const state = at(300_000);
  setBoth(state, "stray", "HOLD", "");
  setGate(state, "a", { L: "REDUCE", S: "RUN", reason: "" });
  setGate(state, "b", { L: "RUN", S: "HOLD", reason: "" });
  setGate(state, "c", { L: "HALT", S: "HOLD", reason: "" });
  assert.deepEqual(gateTexts(state), ["stray:HOLD", "a:L:REDUCE", "b:S:HOLD", "c:L:HALT", "c:S:HOLD"]);
});

test("GRID-19 a spread above its limit holds both legs until it is within again", () => {
  const limit = { spreadBpsMax: 100 };
  const state = at(300_000, limit, 3_000);
  assert.deepEqual([judgeBook(state, FENCE), gates(state)], [SAME, []], "at the limit it is within");
  state.reference.ask += 1;
  assert.deepEqual([judgeBook(state, FENCE), gates(state)], [CHANGED, ["spread HOLD/HOLD: spread above 100 bps"]]);
  assert.equal(judgeBook(state, FENCE), SAME);
  state.reference.ask -= 1;
  assert.deepEqual([judgeBook(state, FENCE), gates(state)], [CHANGED, []]);
});

test("GRID-19 a price outside the fence freezes both legs, and only an operator lifts that", () => {
  const shut = ["fence FREEZE/FREEZE: price outside ten times the anchor"];
  const after = (mid: number): readonly unknown[] => {
    const state = at(mid, { spreadBpsMax: 1_000 });
    return [judgeBook(state, FENCE), gates(state), judgeBook(state, FENCE)];
  };
  assert.deepEqual(
    [after(FENCE.low), after(FENCE.high)],
    [
      [SAME, [], SAME],
      [SAME, [], SAME],
    ],
  );
  assert.deepEqual(
    [after(FENCE.low - 1), after(FENCE.high + 1)],
    [
      [CHANGED, shut, SAME],
      [CHANGED, shut, SAME],
    ],
  );
});

test("GRID-36 a stop price reached shuts once: what is held is worked off, or flattened", () => {
  const stops = { stopLow: ticks(290_000), stopHigh: ticks(310_000) };
  const after = (mid: number, change: Partial<GridConfig> = stops): readonly unknown[] => {
    const state = at(mid, change);
    return [judgeBook(state, FENCE), gates(state), judgeBook(state, FENCE)];
  };
  assert.deepEqual(
    [after(290_001), after(309_999)],
    [
      [SAME, [], SAME],
      [SAME, [], SAME],
    ],
  );
  const low = "price at or below stopLow";
  assert.deepEqual(after(290_000), [STOPPED, [`stop REDUCE/REDUCE: ${low}`], SAME]);
  const flatten = { ...stops, stopAction: "flatten" } as const;
  assert.deepEqual(after(290_000, flatten), [STOPPED, [`stop HALT/HALT: ${low}`], SAME]);
  assert.deepEqual(after(310_000), [STOPPED, ["stop REDUCE/REDUCE: price at or above stopHigh"], SAME]);
  assert.deepEqual(after(200_000, { stopLow: null, stopHigh: null }), [SAME, [], SAME]);
});
