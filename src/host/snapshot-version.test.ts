// A snapshot that another release wrote stops the start with the name of the release that reads it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { STATE_VERSION } from "../engine/state.ts";
import { openMemoryJournal } from "../journal/memory.ts";
import { World } from "./bench.fixture.ts";
import { productionEngine } from "./engine.ts";
import { HostError } from "./host-error.ts";
import { baseFor } from "./replay-journal.ts";
import { replayTail } from "./replay-tail.ts";

test("DUR-20 a snapshot of another state version names the release it needs, with exit code 6", () => {
  const world = new World();
  const { host } = world.running();
  host.requestStop("test");
  world.run(5_000);
  world.kill();
  const newest = world.disk.snapshots.at(-1);
  assert.ok(newest !== undefined);
  world.disk.snapshots = [{ ...newest, version: STATE_VERSION + 1 }];
  const journal = openMemoryJournal(world.disk, { bot: "probe", tag: "probe0" });
  const needsRelease = (error: unknown): boolean => {
    assert.ok(error instanceof HostError);
    assert.equal(error.code, "OTHER_STATE_VERSION");
    assert.equal(error.exitCode, 6);
    const [theirs, ours] = [STATE_VERSION + 1, STATE_VERSION];
    const told = `holds a state of version ${theirs}, this release knows version ${ours}: it needs release 0,`;
    assert.ok(error.message.includes(told), error.message);
    return true;
  };
  assert.throws(() => baseFor(journal, productionEngine, journal.seq + 1), needsRelease);
  const identity = { bot: "probe", tag: "probe0", lineage: journal.meta.lineage };
  const options = { identity, engine: productionEngine, warn: () => undefined };
  assert.throws(() => replayTail(journal, options), needsRelease);
});
