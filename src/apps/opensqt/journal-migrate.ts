// What `opensqt journal migrate` does: the tables of a shared database are changed by this command alone (OPS-60).
// Those of SQLite are changed by the process that owns them, at its start.

import { PostgresStore } from "../../journal/postgres/store.ts";
import { CommandError, print, printJson, usageError } from "./output.ts";

const STORE = /^env:([A-Za-z_][A-Za-z0-9_]*)(?:\/([a-z_][a-z0-9_]{0,62}))?$/;

/** Errors: JournalError (5, 6, 13), CommandError 2 and 3. */
export async function migrate(path: string, flags: { readonly check?: true; readonly json?: true }): Promise<void> {
  const [, name = "", schema] = STORE.exec(path) ?? [];
  if (name === "") throw usageError(`${path} is not allowed; give env:NAME, the variable that holds the URL`);
  const url = process.env[name] ?? "";
  if (url === "") throw new CommandError(3, `the variable ${name} is not set: it holds the URL of the database`);
  const store = new PostgresStore({ url, name: "opensqt migrate", ...(schema === undefined ? {} : { schema }) });
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
