// An upgrade (DUR-33): after a clean stop new code decides nothing of old again; after a crash it decides the tail, and
// where it would decide otherwise it says which release must close the journal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { upcastState } from "../engine/state-upcast.ts";
import { JournalError } from "../journal/errors.ts";
import { World } from "./bench.fixture.ts";
import { productionEngine } from "./engine.ts";

/** Code of another release: it gives other reasons for the same orders. */
const other: typeof productionEngine = {
  ...productionEngine,
  step(...given) {
    const { effects, postings } = productionEngine.step(...given);
    const changed = effects.map((effect) =>
      effect.kind === "place" ? { ...effect, because: { code: "another.reason" } } : effect,
    );
    return { effects: changed, postings };
  },
};

test("DUR-33 after a crash, code that decides otherwise names the release it needs, and sends nothing", () => {
  const world = new World();
  world.running({ release: "7.1.0", coreHash: "old" });
  world.kill();
  const before = world.village.mutations.length;
  assert.throws(
    () => world.start({ engine: other, release: "8.0.0", coreHash: "new" }),
    (error) => {
      assert.ok(error instanceof JournalError);
      assert.deepEqual([error.code, error.exitCode], ["JOURNAL_NEEDS_RELEASE", 7]);
      assert.match(
        error.message,
        /^JOURNAL_NEEDS_RELEASE 7\.1\.0: .*Start 7\.1\.0 once and stop it cleanly.*journal adopt/,
      );
      assert.match(error.message, /recorded .*probe\.buy/);
      return true;
    },
  );
  assert.equal(world.village.mutations.length, before);
});

test("DUR-33 after a crash, code that decides the same goes on", () => {
  const world = new World();
  world.running({ release: "7.1.0", coreHash: "old" });
  world.kill();
  const next = world.running({ release: "8.0.0", coreHash: "new" });
  assert.equal(next.end, null);
});

test("DUR-33 after a clean stop, code that decides otherwise goes on from the snapshot", () => {
  const world = new World();
  const { host } = world.running({ release: "7.1.0", coreHash: "old" });
  host.requestStop("upgrade");
  world.run(5_000);
  world.kill();
  const next = world.running({ engine: other, release: "8.0.0", coreHash: "new" });
  assert.equal(next.end, null);
  assert.equal(next.host.recovered, true);
});

test("DUR-31 a state of version 1 with an open breaker becomes one whose breaker an operator can close", () => {
  const block = { reason: "checked by ann", sinceMs: 5, level: "REDUCE", leg: "both", reducing: true } as const;
  const old = { version: 1, equity: { equity: 5n }, closer: null, blocks: new Map([["manual", block]]) };
  const state = upcastState(old, 1, 2);
  assert.equal(state["version"], 2);
  assert.deepEqual(state["equity"], { equity: 5n, maintenanceMargin: null });
  const breakers = state["breakers"] as ReadonlyMap<string, { readonly phase: string; readonly action: string }>;
  assert.deepEqual([breakers.get("manual")?.phase, breakers.get("manual")?.action], ["open", "O"]);
  assert.equal(upcastState(old, 2, 2), old);
});
