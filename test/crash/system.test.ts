// The crash matrix on real processes (DUR-72, TEST-20…22): the emulator, which nobody kills, the real connector, the
// real market-maker. Here a few points, other ones with each commit; `make crash` goes through all of them.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CRASH_POINTS } from "../../src/base/crash-point.ts";
import { commitNumber } from "../commit-number.ts";
import { startPostgres } from "../postgres.ts";
import { COMBINATIONS, deedsOf, type Played, play } from "./system/runner.ts";
import { SYSTEM_REACHABLE, SYSTEM_UNREACHABLE } from "./system/system-points.ts";
import { systemTable } from "./table.ts";

/** Deaths of one run. */
const DEEDS = 2;
/** Where the suite shares its cores, only what never comes back is told from what comes late. */
const RECOVERY_MS_MAX = 120_000;

const commit = commitNumber();
const played: Played = { rows: [], failures: [] };

after(() => {
  process.stdout.write(`${systemTable(played.rows, "plain")}\ncommit=${commit}; make crash plays all of it\n`);
});

test("DUR-72 every crash point is either reached on the real processes or left out with a reason", () => {
  const listed = [...Object.keys(SYSTEM_REACHABLE), ...Object.keys(SYSTEM_UNREACHABLE)].sort();
  assert.deepEqual(listed, [...CRASH_POINTS].sort());
});

test("DUR-72 DUR-52 TEST-20 TEST-22 EMU-42 connector and market-maker killed at a point lose nothing and do nothing twice", async () => {
  const combination = COMBINATIONS[commit % COMBINATIONS.length];
  assert.ok(combination !== undefined);
  const server = combination.store === "postgres" ? await startPostgres() : null;
  try {
    const all = deedsOf(combination, commit);
    const first = (Math.floor(commit / COMBINATIONS.length) * DEEDS) % all.length;
    // after the last point comes the first one again
    const deeds = [...all, ...all].slice(first, first + DEEDS);
    await play({ ...combination, seed: String(commit), server }, deeds, played);
  } finally {
    await server?.close();
  }
  assert.deepEqual(played.failures, []);
  const wrong = played.rows.flatMap(({ what, texts }) => texts.map((text) => `${what}: ${text}`));
  assert.deepEqual(wrong, [], "duplicates, losses or differences");
  const late = played.rows.filter(({ recoveryMs }) => recoveryMs > RECOVERY_MS_MAX);
  assert.deepEqual(late, []);
  assert.ok(played.rows.length > DEEDS, "every deed was judged");
});
