// The registry of bots in the database (OPS-18): the same rows and chain as in a file, owned by lease. Its owner is the
// process that hosts the bots; another one stands by.

import type { Holder } from "../open-options.ts";
import { Registry } from "../registry.ts";
import { type BotRecord, CHANGE_COLUMNS, type ChangeLog, changeCells, checkedChanges } from "../registry-rows.ts";
import { cannotWrite } from "../write-faults.ts";
import type { Lease, PostgresDatabase } from "./database.ts";
import { writingFailed } from "./failures.ts";
import type { Row } from "./protocol.ts";

const COLUMNS = CHANGE_COLUMNS.split(",").map((column) => column.trim().replaceAll('"', ""));
const READ = `SELECT ${CHANGE_COLUMNS} FROM change ORDER BY change`;
/** The table is locked, and what is read of it decides: a change of somebody else in between makes it fail. */
const ADD = `INSERT INTO change (${CHANGE_COLUMNS}) VALUES (${COLUMNS.map((_, i) => `$${i + 1}`).join(", ")})`;
const HASH = "SELECT hash FROM change WHERE change = $1";
/** Whoever has it hosts the bots. */
export const REGISTRY_LEASE = "registry";

class PostgresChanges implements ChangeLog {
  readonly where: string;
  private readonly database: PostgresDatabase;
  private readonly lease: Lease;
  private closed = false;

  constructor(database: PostgresDatabase, lease: Lease) {
    this.database = database;
    this.lease = lease;
    this.where = database.where;
  }

  read(): ReturnType<ChangeLog["read"]> {
    const rows = this.database.read({ sql: READ, values: [] });
    return checkedChanges(rows.map(named), `the registry in ${this.where}`);
  }

  add(record: BotRecord, lastHash: string): string {
    if (this.closed || !this.lease.holds()) {
      throw cannotWrite("lost", `${this.where} (this process does not hold the registry of bots any more)`);
    }
    const { cells, hash } = changeCells(record, lastHash);
    const answer = this.database.ask({ kind: "query", statement: { sql: ADD, values: cells }, twice: true });
    if (answer.kind === "failed") {
      const { failure } = answer;
      // said twice, the second time it was there
      const isDoubtful = failure.state === null || failure.state === "23505";
      const isMade = isDoubtful && this.hashOf(record.change) === hash;
      if (!isMade) throw writingFailed(failure, { where: this.where, goodTo: record.change - 1 });
    }
    return hash;
  }

  /** Looked up when the answer to a change was lost: what was made is not said to have failed. */
  private hashOf(change: number): string | null {
    const answer = this.database.ask({ kind: "query", statement: { sql: HASH, values: [change] }, twice: true });
    if (answer.kind !== "rows") return null;
    const hash = answer.rows[0]?.[0];
    return typeof hash === "string" ? hash : "";
  }

  lost(): string | null {
    if (this.closed || !this.lease.isGone()) return null;
    return `another process has taken over the bots in ${this.where}: their lease could not be renewed in time`;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.lease.release();
  }
}

const named = (row: Row): { readonly [column: string]: unknown } =>
  Object.fromEntries(COLUMNS.map((column, i) => [column, row[i]]));

/** As its only owner. Errors: LOCK_HELD, JOURNAL_CORRUPT, STORE_UNREACHABLE, CANNOT_WRITE. */
export function openPostgresRegistry(database: PostgresDatabase, holder: Holder): Registry {
  database.makeTables();
  const lease = database.acquire(REGISTRY_LEASE, "the registry", holder);
  try {
    return new Registry(new PostgresChanges(database, lease));
  } catch (error) {
    lease.release();
    throw error;
  }
}
