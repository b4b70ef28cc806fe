// One bot's journal is damaged: that bot says so and stays down, the others resume what they did (DUR-51).

import assert from "node:assert/strict";
import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { phaseOf } from "./bot-view.ts";
import { botOf, trading, world } from "./fleet.fixture.ts";

test("DUR-51 DUR-27 one bot's damaged journal stops that bot alone, with the ways out", async (t) => {
  const w = world(t, 2);
  const first = w.start();
  for (const [n, id] of ["a", "b"].entries()) await trading(w, first, id, n);
  w.kill(first);
  const [journal, ...more] = globSync("**/a/journal.db", { cwd: w.folder });
  assert.ok(journal !== undefined && more.length === 0);
  writeFileSync(join(w.folder, journal), "this was a journal once\n");

  const second = w.start();
  await w.untilTrue(() => phaseOf(botOf(second, "b")) === "RUNNING" && w.open(1) >= 3);
  const { end } = botOf(second, "a");
  assert.equal(end?.exitCode, 6);
  assert.match(end?.text ?? "", /JOURNAL_CORRUPT[\s\S]*journal restore[\s\S]*journal salvage[\s\S]*journal adopt/);
  const told = second.alerts.filter(({ bot }) => bot === "a");
  assert.deepEqual(
    told.map(({ code, severity }) => `${code} ${severity}`),
    ["journal-corrupt critical"],
  );
  assert.equal(botOf(second, "b").end, null);
  await w.until(second.fleet.close("test"));
});
