// When the breakers look at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import { benchWith } from "./breakers.fixture.ts";
import type { BotState } from "./state.ts";
import { watched } from "./watched.ts";

test("RISK-18 breakers watch a bot that runs and is not killed, by its own limits", () => {
  const { state } = benchWith({ lossesInRowMax: "7" });
  const of = (change: Partial<BotState>): number | null => watched({ ...state, ...change })?.lossesInRowMax ?? null;
  assert.equal(of({}), 7);
  assert.deepEqual([of({ phase: "recovering" }), of({ phase: "stopping" })], [null, null]);
  assert.equal(of({ kill: { ...state.kill, phase: "cancelling" } }), null);
  assert.equal(of({ limits: null }), null, "without limits there is nothing to watch by");
  const { breakers: _breakers, ...old } = state.limits ?? assert.fail();
  assert.equal(of({ limits: old }), null, "a configuration of a release before the breakers");
});
