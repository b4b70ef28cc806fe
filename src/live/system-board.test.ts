// What the board tells of a process that went away: never what it said before, as if it still were so.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeedState } from "./messages.ts";
import { SystemBoard } from "./system-board.ts";

const SAID = { release: "1", host: "here", pid: 1, uptimeMs: 5, ready: true, checks: [] } as const;
const ENGINE = { id: "engine", kind: "engine", address: "127.0.0.1:1" } as const;

test("DUR-51 LIVE-15 an engine that was away counts as recovering until it has said again how far it is", () => {
  const board = new SystemBoard(() => 0);
  let state: FeedState = "LIVE";
  const told = () => board.read(() => state).processes[0]?.told;
  board.process({ ...ENGINE, told: SAID });
  assert.equal(told()?.ready, true);
  state = "DOWN";
  assert.ok(board.changed(() => state));
  assert.equal(told()?.ready, false);
  state = "LIVE";
  board.process({ ...ENGINE, told: null });
  assert.equal(told()?.ready, false, "it is back, and has said nothing yet");
  assert.match(told()?.checks[0]?.text ?? "", /^recovering/);
  const check = { name: "b0", ok: false, text: "recovering, settle 4 of 9: 5 orders without an outcome" };
  board.process({ ...ENGINE, told: { ...SAID, ready: false, checks: [check] } });
  assert.deepEqual(told()?.checks, [check]);
  board.process({ ...ENGINE, told: SAID });
  assert.equal(told()?.ready, true);
});
