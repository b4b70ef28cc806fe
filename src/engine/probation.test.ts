// Limits are halved while any breaker, the bot's own or the account's, is on probation.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { BreakerState } from "../risk/breaker/breaker.ts";
import { onProbationNow } from "./probation.ts";
import { Bench } from "./probe.fixture.ts";

const BREAKER: BreakerState = {
  phase: "open",
  reason: "",
  value: "",
  limit: "",
  action: "P",
  openedAtMs: 0,
  cooldownMs: 0,
  untilMs: null,
};

test("RISK-18 a bot is on probation while one of its own breakers is, not while one is open", () => {
  const { state } = new Bench();
  assert.equal(onProbationNow(state), false);
  state.breakers.set("rejects", BREAKER);
  assert.equal(onProbationNow(state), false);
  state.breakers.set("latency", { ...BREAKER, phase: "probation" });
  assert.equal(onProbationNow(state), true);
});

test("RISK-18 a bot is on probation while a breaker of its account is", () => {
  const { state } = new Bench();
  state.accountProbation = ["net-exposure"];
  assert.equal(onProbationNow(state), true);
  state.accountProbation = [];
  assert.equal(onProbationNow(state), false);
});
