// What a seed's line tells a person: enough to have the same run again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainFailure, lineOf } from "./report.ts";
import { drawScenario } from "./scenario.ts";
import { simulate } from "./simulate.ts";

test("TEST-07 whoever reads a seed's line, or its failure, can type the command that plays it again", () => {
  const verdict = simulate({ ...drawScenario(41), durationMs: 60_000, eventsMax: 200 });
  const failed = { ...verdict, violations: [{ checker: "position", text: "1 is not 2", atMs: 0 }] };
  assert.match(lineOf(verdict, "abc1234"), /^ok {3}seed=41 commit=abc1234 replay: make sim SEED=41 /);
  assert.match(lineOf(failed, "abc1234"), /^FAIL seed=41 commit=abc1234 replay: make sim SEED=41 /);
  assert.match(explainFailure(failed), /position: 1 is not 2\n[\s\S]*replay: make sim SEED=41\n$/);
});
