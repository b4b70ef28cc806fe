// How old the newest backup of a journal is, as a scrape of the market-maker tells it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ANN, botText, done, world } from "../../host/fleet/fleet.fixture.ts";
import { backupJournal } from "../../journal/backup.ts";
import { SqliteStore } from "../../journal/sqlite-store.ts";
import { Metrics } from "../../observe/metrics.ts";
import { backupGauge } from "./backup-gauge.ts";

test("RISK-46 OPS-24 a scrape tells how old a journal's backup is, and nothing where none is", async (t) => {
  const w = world(t, 2);
  const store = new SqliteStore(w.folder);
  const p = w.start({ store });
  for (const [n, id] of ["kept", "bare"].entries()) {
    done(await w.until(p.fleet.create({ id, text: botText(id, n), dryRun: false }, ANN)));
    done(await w.until(p.fleet.startBot(id, ANN)));
  }
  await w.run(1_000);
  const metrics = new Metrics({ process: "market-maker", release: "test", own: false });
  t.after(() => metrics.close());
  backupGauge(p.fleet, store, metrics);
  const told = async (): Promise<readonly string[]> =>
    (await metrics.text()).split("\n").filter((line) => line.startsWith("opensqt_backup_age_seconds"));
  assert.deepEqual(await told(), []);
  const at = store.addressOf("kept");
  assert.ok(at.kind === "folder");
  await backupJournal(at.folder, join(w.folder, "backup"));
  const [line = "", ...more] = await told();
  assert.deepEqual(more, []);
  const [, seconds = ""] = /^opensqt_backup_age_seconds\{bot="kept"\} (\S+)$/.exec(line) ?? assert.fail(line);
  assert.ok(Number(seconds) >= 0, seconds);
  await w.until(p.fleet.close("test"));
});
