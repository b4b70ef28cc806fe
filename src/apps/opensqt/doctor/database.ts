// The database of journals, where a configuration names one: whether it answers, lets us in, has our tables, and how
// long a durable commit takes. Nothing is changed in it.

import type { PostgresConfig } from "../../../config/process/shapes.ts";
import { JournalError } from "../../../journal/errors.ts";
import { PostgresDatabase } from "../../../journal/postgres/database.ts";
import { type Check, type Finding, fine, hundredths, type Patient, skipped, stop, warn } from "./check.ts";

const COMMITS = 40;
/** A turn commits twice; alert JournalSlow of operations.md section 6. */
const COMMIT_MS_MAX = 50;
/** Writes a record of the server's log and no row. */
const PROBE = { sql: "SELECT pg_logical_emit_message(true, 'opensqt', 'doctor')", values: [] };

export const DATABASE_CHECK: Check = { area: "store", name: "database", timeoutMs: 20_000, run: looked };

async function looked({ marketMaker }: Patient): Promise<readonly Finding[]> {
  const postgres = marketMaker?.store.postgres ?? null;
  return postgres === null ? [skipped("journals are kept in files")] : databaseFindings(postgres);
}

export async function databaseFindings({ url, schema }: PostgresConfig): Promise<readonly Finding[]> {
  const database = new PostgresDatabase({ url: url.reveal(), schema, name: "opensqt doctor" });
  try {
    const version = String(database.read({ sql: "SHOW server_version", values: [] })[0]?.[0]);
    const waiting = database.waitingMigrations().map(({ name }) => name);
    const tables =
      waiting.length === 0 ? "its tables are up to date" : `to be made at the first start: ${waiting.join(", ")}`;
    return [fine(`${database.where}: PostgreSQL ${version}; ${tables}`), commits(database)];
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return [
      stop(error.message, "see that the server runs, the URL's user and password, and that no pooler is between"),
    ];
  } finally {
    await database.close();
  }
}

function commits(database: PostgresDatabase): Finding {
  const took: number[] = [];
  for (let index = 0; index < COMMITS; index += 1) {
    const startMs = performance.now();
    database.read(PROBE);
    took.push(performance.now() - startMs);
  }
  took.sort((a, b) => a - b);
  const p99Ms = took[Math.floor(COMMITS * 0.99)] ?? 0;
  const text = `a durable commit takes ${hundredths(p99Ms)} ms there and back (p99 of ${COMMITS})`;
  return p99Ms > COMMIT_MS_MAX
    ? warn(text, "every order waits for one: bring server and market-maker nearer")
    : fine(text);
}
