// Names that stand in journals and snapshots, where the next release reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as names from "./names.ts";

test("DUR-31 timers, slots and blocks are called as the journals of earlier releases call them", () => {
  const { isUrgent: _isUrgent, ...called } = names;
  assert.deepEqual(called, {
    CANCEL_TIMER: "engine.cancel",
    UNKNOWN_TIMER: "engine.unknown",
    CLEAN_TIMER: "engine.clean",
    RECONCILE_TIMER: "engine.reconcile",
    STANDING_TIMER: "engine.standing",
    BREAKER_TIMER: "engine.breakers",
    CLOSER_SLOT: "closer",
    ORPHAN_SLOT: "orphan",
    MONITOR_BLOCK: "monitor",
    MONITOR_BLIND_BLOCK: "monitor-blind",
    PAUSE_BLOCK: "operator",
  });
});

test("RISK-36 RISK-37 what nears liquidation may pay more with time, a flatten by hand or by drawdown not", () => {
  const codes = ["reduce.margin", "flatten.liquidation", "flatten.manual", "flatten.drawdown-window", ""];
  assert.deepEqual(codes.map(names.isUrgent), [true, true, false, false, false]);
});
