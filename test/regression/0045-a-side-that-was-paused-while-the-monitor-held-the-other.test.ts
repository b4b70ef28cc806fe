// Found by reading: while the risk monitor held one side, the gate in front of every order forgot that an operator had
// paused the other one, or both. The strategy held still; what stands behind it did not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { modeOf } from "../../src/engine/mode.ts";
import { MONITOR_BLOCK, PAUSE_BLOCK } from "../../src/engine/names.ts";
import { Bench } from "../../src/engine/probe.fixture.ts";

type Leg = "L" | "S" | "both";

const ROWS: readonly (readonly [monitor: Leg, pause: Leg | null, blocks: string])[] = [
  ["L", null, "buy"],
  ["L", "L", "buy"],
  ["L", "S", "both"],
  ["L", "both", "both"],
  ["S", "L", "both"],
  ["both", "L", "both"],
];

test("RISK-05 a pause holds its side whatever side the monitor holds", () => {
  for (const [monitor, pause, blocks] of ROWS) {
    const { state } = new Bench().running();
    const block = { reason: "", sinceMs: 0, level: "HOLD", reducing: true } as const;
    state.blocks.set(MONITOR_BLOCK, { ...block, leg: monitor });
    if (pause !== null) state.blocks.set(PAUSE_BLOCK, { ...block, leg: pause });
    assert.deepEqual([modeOf(state).mode, modeOf(state).blocks], ["monitor", blocks], `${monitor} and ${pause}`);
  }
});
