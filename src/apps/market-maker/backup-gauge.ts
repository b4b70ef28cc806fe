// How old the newest backup of each bot's journal is (OPS-24), as `opensqt journal backup` left word beside it. Backups
// of a database are made by the database's own tools, which leave none.

import type { Fleet } from "../../host/fleet/fleet.ts";
import { BOTS_MAX } from "../../host/metrics/bot-gauges.ts";
import { lastBackupMs } from "../../journal/backup.ts";
import type { JournalStore } from "../../journal/store.ts";
import type { Metrics } from "../../observe/metrics.ts";

/** A bot that was never backed up has no series. */
export function backupGauge(fleet: Fleet, store: JournalStore, metrics: Metrics): void {
  const age = metrics.gauge({
    name: "opensqt_backup_age_seconds",
    help: "age of the newest backup that journal backup made",
    labels: { bot: BOTS_MAX },
  });
  let told: readonly string[] = [];
  metrics.onScrape(() => {
    for (const bot of told) age.remove({ bot });
    const found = fleet.bots().flatMap(({ id }) => {
      const at = store.addressOf(id);
      const atMs = at.kind === "folder" ? lastBackupMs(at.folder) : null;
      return atMs === null ? [] : [[id, atMs] as const];
    });
    for (const [bot, atMs] of found) age.set({ bot }, Math.max(0, Date.now() - atMs) / 1000);
    told = found.map(([bot]) => bot);
  });
}
