// What `opensqt journal migrate` does: the tables of a shared database are changed by this command alone (OPS-60).
// Those of SQLite are changed by the process that owns them, at its start.

import { databaseAt } from "./journal-database.ts";
import { print, printJson } from "./output.ts";

/** Errors: JournalError (5, 6, 13), CommandError 2 and 3. */
export async function migrate(path: string, flags: { readonly check?: true; readonly json?: true }): Promise<void> {
  const store = databaseAt(path);
  try {
    const { database, where } = store;
    const check = flags.check === true;
    const names = check ? database.waitingMigrations().map((one) => one.name) : database.migrate();
    if (flags.json === true) return printJson({ where, check, migrations: names });
    if (names.length === 0) return print(`the tables of ${where} are up to date`);
    print(`${check ? "to be done" : "done"} in ${where}: ${names.join(", ")}`);
  } finally {
    await store.close();
  }
}
