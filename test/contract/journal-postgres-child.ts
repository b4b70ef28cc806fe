// A process that holds a journal on Postgres until it is killed. Arguments: url, name, life of the lease in ms, and
// what it does: "write" prints the position of each turn that returned, "wait" does nothing, "die" is killed by its own
// crash point before the lease is renewed, "compact.…" at that point as it compacts. "migrate" brings the tables of
// schema NAME up to date, however long that takes.

import { writeSync } from "node:fs";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import { options, turn } from "./journal-turns.ts";

const [url = "", name = "", leaseMs = "15000", deed = "wait"] = process.argv.slice(2);
if (deed === "migrate") {
  const older = new PostgresStore({ url, schema: name, name: `child ${name}`, answerMs: 100_000 });
  older.database.migrate();
  await older.close();
  process.exit(0);
}
const store = new PostgresStore({ url, name: `child ${name}`, leaseMs: Number.parseInt(leaseMs, 10) });
const holder = { host: "here", pid: process.pid, sinceMs: Date.now() };
const journal = store.openJournal(options({ holder }), name);
if (deed === "die") {
  setCrashPoint((point) => {
    if (point === "lease.before-renew") process.kill(process.pid, "SIGKILL");
  });
}
if (deed.startsWith("compact.")) {
  setCrashPoint((point) => {
    if (point === deed) process.kill(process.pid, "SIGKILL");
  });
  while (!journal.compact({ keepMs: 0, bytesMax: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER).done);
}
writeSync(1, `${journal.position}\n`);
while (deed === "write") {
  turn(journal);
  writeSync(1, `${journal.position}\n`);
}
setInterval(() => {}, 1_000);
