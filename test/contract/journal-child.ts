// A process that writes a journal until it is killed. Each turn that returned is printed, so that the parent knows what
// must be there afterwards. Arguments: folder, sync policy, crash point or "-", and at which passage it dies.

import { writeSync } from "node:fs";
import { CRASH_POINTS, setCrashPoint } from "../../src/base/crash-point.ts";
import type { SyncPolicy } from "../../src/journal/port.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import { options, snapshotOf, turn } from "./journal-turns.ts";

const [dir = "", policy = "send", point = "-", passage = "1"] = process.argv.slice(2);
const sync: SyncPolicy = policy === "kill" || policy === "all" ? policy : "send";
const at = CRASH_POINTS.find((name) => name === point);
let left = Number.parseInt(passage, 10);
if (at !== undefined) {
  setCrashPoint((name) => {
    if (name !== at) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  });
}

const journal = openSqliteJournal(dir, { ...options({ sync }), reserveBytes: 0 });
for (;;) {
  turn(journal);
  writeSync(1, `${journal.position}\n`);
  if (journal.seq % 7 === 0) journal.writeSnapshot(snapshotOf(journal));
  if (journal.seq % 100 === 0) journal.checkpoint();
  if (point.startsWith("compact.")) {
    // all but the newest three snapshots may go, a slice after each turn
    journal.compact({ keepMs: 0, bytesMax: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER);
    writeSync(1, `${journal.position}\n`);
  }
}
