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

const saidOf = (effects: readonly Effect[]): readonly unknown[] =>
  effects.map((effect) =>
    effect.kind === "alert" ? [`${effect.code} ${effect.severity}: ${effect.text}`, effect.facts] : effect.kind,
  );

test("DUR-64 each end of a flow is told in its own words, with how long it took", () => {
  const ends = ["done", "refused", "absent", "unknown"] as const;
  const said = ends.map((result) => {
    const state = initialAccountState();
    accountStep(state, asked("a"));
    return saidOf(
      accountStep(state, { kind: "flow-ended", atMs: at.atMs + 250, id: "1.1.0", result, text: "it was asked" }),
    );
  });
  const facts = { flow: "leverage", bot: "a", id: "1.1.0", tookMs: 250 };
  assert.deepEqual(said, [
    [["flow-done info: leverage of a: done, it was asked", facts]],
    [["flow-refused warning: leverage of a: refused, it was asked", facts]],
    [["flow-absent warning: leverage of a: absent, it was asked", facts]],
    [["flow-unknown error: leverage of a: unknown, it was asked", facts]],
  ]);
});

test("DUR-64 a flow of no bot is named alone, an end without words has none, and an unknown one is nobody's", () => {
  const state = initialAccountState();
  const end = (id: string): EngineEvent => ({ kind: "flow-ended", ...at, id, result: "done", text: "" });
  assert.deepEqual(saidOf(accountStep(state, end("9.9.9"))), []);
  accountStep(state, asked(""));
  accountStep(state, asked("b"));
  assert.deepEqual(saidOf(accountStep(state, end("1.2.0"))), [
    ["flow-done info: leverage: done", { flow: "leverage", bot: "", id: "1.2.0", tookMs: 0 }],
  ]);
  assert.deepEqual(codes(accountStep(state, end("1.3.0"))), ["flow-done"], "the other is open still");
});

test("DUR-64 a second flow of the kind waits for the first, another kind does not, and 200 are enough", () => {
  const state = initialAccountState();
  accountStep(state, asked("a"));
  assert.deepEqual(saidOf(accountStep(state, asked("a"))), [
    ["flow-refused warning: leverage of a is not begun: 1.1.0 is not over", { flow: "leverage", bot: "a" }],
  ]);
  const other: EngineEvent = { ...asked("a"), kind: "flow-asked", flow: "margin-mode" } as EngineEvent;
  assert.deepEqual(codes(accountStep(state, other)), ["flow"]);
  for (let n = 2; n < 200; n += 1) assert.deepEqual(codes(accountStep(state, asked(`bot${n}`))), ["flow"]);
  assert.deepEqual(saidOf(accountStep(state, asked("b"))), [
    ["flow-refused warning: leverage of b is not begun: 200 flows are open", { flow: "leverage", bot: "b" }],
  ]);
});
