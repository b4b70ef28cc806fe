// The nightly look at journals: when it comes, what it finds, and that the writer goes on meanwhile.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { open, temporaryFolder, withDatabase } from "../../test/contract/journal-sqlite.ts";
import { snapshotOf, turns } from "../../test/contract/journal-turns.ts";
import { VirtualClock } from "../base/virtual-clock.ts";
import { NightlyVerify, nextHour } from "./nightly.ts";

const NIGHT_MS = Date.UTC(2026, 0, 2, 3);

/** Journals in folders, and the clock of a machine at noon. */
function nights(t: TestContext, names: readonly string[]) {
  const told: string[] = [];
  const clock = new VirtualClock(NIGHT_MS - 15 * 3_600_000);
  const journals = names.map((name) => ({ name, at: { kind: "folder", folder: temporaryFolder() } as const }));
  const nightly = new NightlyVerify({
    clock,
    hourUtc: 3,
    journals: () => journals,
    onFound: (journal, { code, severity, text }) => told.push(`${journal} ${code} ${severity}: ${text}`),
    onOver: (journal, { code }) => told.push(`${journal} ${code} over`),
  });
  t.after(async () => {
    await nightly.close();
    for (const { at } of journals) rmSync(at.folder, { recursive: true });
  });
  return { told, clock, nightly, folders: journals.map(({ at }) => at.folder) };
}

test("DUR-26 the whole of a live journal is verified at its hour, while its writer goes on", async (t) => {
  const { told, clock, nightly, folders } = nights(t, ["b-one"]);
  const journal = open(folders[0] ?? "");
  turns(journal, 300);
  assert.deepEqual(nightly.report(), [{ journal: "b-one", atMs: 0, goodTo: 0, problem: "" }]);
  assert.equal(nightly.nextAtMs, NIGHT_MS);
  clock.runUntil(NIGHT_MS * 1000);
  turns(journal, 200);
  journal.writeSnapshot(snapshotOf(journal));
  // a round asked for after the one that the hour began
  await nightly.round();
  const [found] = nightly.report();
  assert.deepEqual([found?.atMs, found?.goodTo, found?.problem], [NIGHT_MS, journal.position, ""]);
  assert.equal(nightly.nextAtMs, NIGHT_MS + 86_400_000);
  assert.deepEqual(told, []);
  journal.close();
});

test("DUR-26 RISK-42 damage is alerted once a night, names the journal, and is over when it is gone", async (t) => {
  const { told, nightly, folders } = nights(t, ["b-one", "b-two"]);
  for (const folder of folders) {
    const journal = open(folder);
    turns(journal, 50);
    journal.close();
  }
  const set = (body: string): void =>
    withDatabase(folders[0] ?? "", (db) => void db.prepare("UPDATE record SET body = ? WHERE position = 7").run(body));
  let before = "";
  withDatabase(folders[0] ?? "", (db) => {
    before = String(db.prepare("SELECT body FROM record WHERE position = 7").get()?.["body"]);
  });
  set("{}");
  await nightly.round();
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? "",
    /^b-one journal-corrupt critical: the nightly look at the journal of b-one: .* position 7/,
  );
  assert.deepEqual(
    nightly.report().map(({ problem }) => problem === ""),
    [false, true],
  );
  set(before);
  await nightly.round();
  assert.deepEqual(told.slice(1), ["b-one journal-corrupt over", "b-one journal-not-verified over"]);
});

test("DUR-26 what cannot be looked at is told apart from damage, and a close does not wait for a night", async (t) => {
  const { told, nightly, folders } = nights(t, ["b-one"]);
  await nightly.round();
  assert.match(told[0] ?? "", /^b-one journal-not-verified warning: .*there is no journal at/);
  turns(open(folders[0] ?? ""), 10);
  const round = nightly.round();
  await nightly.close();
  await round;
  assert.equal(told.length, 1);
});

test("DUR-26 the next night is later today, or tomorrow", () => {
  assert.equal(nextHour(NIGHT_MS - 1, 3), NIGHT_MS);
  assert.equal(nextHour(NIGHT_MS, 3), NIGHT_MS + 86_400_000);
  assert.equal(nextHour(NIGHT_MS + 1, 0), NIGHT_MS + 21 * 3_600_000);
});
