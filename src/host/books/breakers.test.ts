// Breakers as they are listed: each under the scope the table gives it, so that who asks for a scope finds it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH_PERPETUAL } from "../../../test/instruments.ts";
import { initialState } from "../../engine/step.ts";
import { BREAKERS, type BreakerName } from "../../risk/breaker/breaker.ts";
import { breakersOf } from "./breakers.ts";

test("RISK-18 a breaker about the instrument is listed under it, and every other one a bot keeps under the bot", () => {
  const state = initialState({ bot: "b", tag: "bbbbbb", lineage: 1 });
  const names = Object.keys(BREAKERS) as BreakerName[];
  for (const name of names) {
    state.blocks.set(name, { reason: "opened", sinceMs: 1, level: "HALT", leg: "both", reducing: false });
  }
  for (const { name, scope, id } of breakersOf("b", ETH_PERPETUAL, state)) {
    const wanted = ["stale-feed", "liquidation", "unknown", "divergence"].includes(name)
      ? ["instrument", ETH_PERPETUAL.symbol]
      : ["bot", "b"];
    assert.deepEqual([scope, id], wanted, name);
  }
});
