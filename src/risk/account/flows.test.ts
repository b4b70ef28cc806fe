// Flows as the account machine decides them: one of a kind for a bot, an id that is nobody else's, one end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCanonical } from "../../base/canonical.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent } from "../../trading/event.ts";
import { type AccountState, initialAccountState } from "./state.ts";
import { accountStep } from "./step.ts";

const at = { atMs: 1_700_000_000_000 };
const who = { by: "ann", reason: "because" };
const asked = (bot: string, lineage = 1): EngineEvent => {
  return { kind: "flow-asked", ...at, flow: "leverage", bot, facts: { leverage: 5 }, lineage, ...who };
};
const codes = (effects: readonly Effect[]): readonly string[] =>
  effects.map((effect) => (effect.kind === "alert" ? effect.code : effect.kind));
const idsOf = ({ flows }: AccountState): readonly string[] => [...(flows?.keys() ?? [])];

test("DUR-63 DUR-64 a flow has an id of its cause, is one of a kind for its bot, and open till its end", () => {
  const state = initialAccountState();
  const before = encodeCanonical({ ...state, seq: 0, nowMs: 0 });
  const [effect] = accountStep(state, asked("a"));
  assert.ok(effect?.kind === "flow");
  assert.deepEqual([effect.id, idsOf(state)], ["1.1.0", ["1.1.0"]]);
  assert.deepEqual(codes(accountStep(state, asked("a"))), ["flow-refused"]);
  assert.deepEqual(codes(accountStep(state, asked("b", 2))), ["flow"]);
  assert.deepEqual(idsOf(state), ["1.1.0", "2.3.0"]);
  const end = (id: string): EngineEvent => ({ kind: "flow-ended", ...at, id, result: "absent", text: "" });
  assert.deepEqual(codes(accountStep(state, end("1.1.0"))), ["flow-absent"]);
  assert.deepEqual(codes(accountStep(state, end("1.1.0"))), [], "told twice is once");
  accountStep(state, end("2.3.0"));
  assert.equal(encodeCanonical({ ...state, seq: 0, nowMs: 0 }), before, "nothing of it stays");
});

test("DUR-64 an open flow keeps the number of the run that recorded it, whatever runs come after", () => {
  const state = initialAccountState();
  const run = (epoch: number): EngineEvent => {
    const named = { host: "here", release: "0", coreHash: "", configHash: "", clockOffsetMs: 0 };
    return { kind: "run-started", ...at, epoch, lineage: 1, ...named };
  };
  accountStep(state, run(3));
  accountStep(state, asked("a"));
  accountStep(state, run(4));
  assert.deepEqual(
    [...(state.flows?.values() ?? [])].map(({ epoch }) => epoch),
    [3],
  );
});
