// The Postgres journal as a place of the contract suite: a journal of its own on one server, and what is done to it.

import { execFileSync } from "node:child_process";
import { chownSync } from "node:fs";
import type { OpenOptions } from "../../src/journal/open-options.ts";
import type { Journal, JournalRecord, Snapshot } from "../../src/journal/port.ts";
import { PostgresDatabase } from "../../src/journal/postgres/database.ts";
import type { Cell } from "../../src/journal/postgres/protocol.ts";
import type { PostgresReader } from "../../src/journal/postgres/reader.ts";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import { packState, RECORD_COLUMNS, recordCells, SNAPSHOT_COLUMNS } from "../../src/journal/sqlite-rows.ts";
import type { PostgresServer } from "../postgres.ts";
import type { JournalStore } from "./journal.ts";
import type { CompactedPlace, CompactingStore } from "./journal-compact-cases.ts";
import { fillDisk, mountSmallDisk } from "./journal-sqlite.ts";

/** What others do behind the journal's back, one statement after the other. */
export class BackDoor {
  private readonly database: PostgresDatabase;

  constructor(url: string, schema?: string) {
    this.database = new PostgresDatabase({ url, name: "back door", ...(schema === undefined ? {} : { schema }) });
  }

  run(...statements: (readonly [sql: string, ...values: Cell[]])[]): readonly (readonly (readonly unknown[])[])[] {
    return this.database.write(statements.map(([sql, ...values]) => ({ sql, values })));
  }

  /** Outside of a transaction. */
  alone(sql: string): void {
    const answer = this.database.ask({ kind: "query", statement: { sql, values: [] }, twice: false });
    if (answer.kind === "failed") throw new Error(answer.failure.text);
  }

  /** Breaks the connections of this application and waits until the server has forgotten them. */
  disconnect(name: string): void {
    const theirs = "FROM pg_stat_activity WHERE application_name = $1 OR application_name = $1 || ' lease'";
    this.run([`SELECT pg_terminate_backend(pid) ${theirs}`, name]);
    while (this.run([`SELECT count(*) ${theirs}`, name])[0]?.[0]?.[0] !== 0);
  }

  close(): void {
    void this.database.abandon();
  }
}

/** The server's journals: one set of tables, as a database has it; a place is one journal in them. */
class Town {
  readonly url: string;
  readonly back: BackDoor;
  private readonly idle: Named[] = [];
  private made = 0;
  private places = 0;

  constructor(url: string) {
    this.url = url;
    this.back = new BackDoor(url);
  }

  /** A process of the market-maker, as far as its store goes. */
  take(): Named {
    const one = this.idle.pop();
    if (one !== undefined) return one;
    this.made += 1;
    const name = `process ${this.made}`;
    return { name, store: new PostgresStore({ url: this.url, name }) };
  }

  give(one: Named): void {
    this.idle.push(one);
  }

  nextPlace(): string {
    this.places += 1;
    return `place-${this.places}`;
  }

  close(): void {
    for (const { store } of this.idle) void store.abandon();
    this.back.close();
  }
}

interface Named {
  readonly name: string;
  readonly store: PostgresStore;
}

const NUMBER = "(SELECT journal FROM meta WHERE name = $1)";

class PostgresPlace implements CompactedPlace {
  private readonly town: Town;
  private readonly name: string;
  private readonly cleanUp: () => void;
  private readonly opened: Journal[] = [];
  private readonly burnt: Named[] = [];
  private process: Named;
  private marked = 0;
  private tampered = false;

  constructor(town: Town, cleanUp: () => void = () => {}) {
    this.town = town;
    this.name = town.nextPlace();
    this.process = town.take();
    this.cleanUp = cleanUp;
  }

  /** One name whatever the bot calls itself, as a folder has one. */
  open(options: OpenOptions): Journal {
    const journal = this.process.store.openJournal(options, this.name);
    this.opened.push(journal);
    return journal;
  }

  reader(archives: boolean): PostgresReader {
    return this.process.store.openReader(this.name, { archives });
  }

  kill(): void {
    const { back } = this.town;
    void this.process.store.abandon();
    back.disconnect(this.process.name);
    // as long a time passes as the dead holder's lease has left
    back.run(["UPDATE lease SET expiresAt = expiresAt - interval '1 hour'"]);
    this.next();
  }

  breakLock(): void {
    const lease = `${this.process.name} lease`;
    this.town.back.run(
      ["DELETE FROM lease WHERE name = $1", `bot/${this.name}`],
      ["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", lease],
    );
    this.next();
  }

  mark(): void {
    const row = this.town.back.run([`SELECT max(position) FROM record WHERE journal = ${NUMBER}`, this.name])[0]?.[0];
    this.marked = Number(row?.[0] ?? 0);
  }

  loseEnd(): void {
    for (const table of ["record", "posting"]) {
      this.town.back.run([`DELETE FROM ${table} WHERE journal = ${NUMBER} AND position > $2`, this.name, this.marked]);
    }
  }

  tamper(change: (records: readonly JournalRecord[]) => readonly JournalRecord[]): void {
    const records = change([...this.process.store.openReader(this.name).records(0)]);
    this.tampered = true;
    this.town.back.run(
      ["DROP INDEX IF EXISTS place"],
      [`DELETE FROM record WHERE journal = ${NUMBER}`, this.name],
      ...this.inserting("record", RECORD_COLUMNS, records.map(recordCells) as Cell[][]),
    );
  }

  tamperSnapshots(change: (snapshots: readonly Snapshot[]) => readonly Snapshot[]): void {
    const snapshots = change(this.process.store.openReader(this.name).snapshots());
    this.town.back.run(
      [`DELETE FROM snapshot WHERE journal = ${NUMBER}`, this.name],
      ...this.inserting(
        "snapshot",
        SNAPSHOT_COLUMNS,
        snapshots.map((s) => [s.position, s.version, s.seq, s.chainHash, s.stateHash, packState(s.state)]),
      ),
    );
  }

  dispose(): void {
    for (const journal of this.opened) journal.close();
    for (const { store } of this.burnt) void store.abandon();
    this.town.give(this.process);
    if (this.tampered) {
      this.town.back.run([`DELETE FROM record WHERE journal = ${NUMBER}`, this.name], [PLACE_INDEX]);
    }
    this.cleanUp();
  }

  /** One statement for all rows, or none where there are none. */
  private inserting(table: string, columns: string, rows: readonly Cell[][]): (readonly [string, ...Cell[]])[] {
    if (rows.length === 0) return [];
    let at = 1;
    const next = (): string => {
      at += 1;
      return `$${at}`;
    };
    const values = rows.map((cells) => `(${NUMBER}, ${cells.map(next).join(", ")})`).join(", ");
    return [[`INSERT INTO ${table} (journal, ${columns}) VALUES ${values}`, this.name, ...rows.flat()]];
  }

  private next(): void {
    this.burnt.push(this.process);
    this.process = this.town.take();
  }
}

const PLACE_INDEX =
  "CREATE UNIQUE INDEX IF NOT EXISTS place ON record (journal, clientOrderId) WHERE type = 'effect' AND kind = 'place'";

/** `close` ends what the places of one run share. */
export function postgresStore(server: PostgresServer): JournalStore & CompactingStore & { close(): void } {
  const town = new Town(server.url);
  return {
    name: "postgres",
    oneIn: 8,
    make: () => new PostgresPlace(town),
    fullDisk: () => fullDisk(town),
    close: () => town.close(),
  };
}

/** The table of records lies on a small disk of its own. */
function fullDisk(town: Town): ReturnType<JournalStore["fullDisk"]> {
  const disk = mountSmallDisk(2 * 1024 * 1024);
  if (typeof disk === "string") return disk;
  const { uid, gid } = ownerOf("postgres");
  chownSync(disk.dir, uid, gid);
  const { back } = town;
  back.alone(`CREATE TABLESPACE small LOCATION '${disk.dir}'`);
  const place = new PostgresPlace(town, () => {
    back.run(["DELETE FROM record WHERE journal = 999"], ["ALTER TABLE record SET TABLESPACE pg_default"]);
    back.alone("DROP TABLESPACE small");
    disk.unmount();
  });
  const fillUp = (): (() => void) => {
    back.run(["DELETE FROM record WHERE journal NOT IN (SELECT journal FROM meta)"]);
    back.alone("VACUUM FULL record");
    back.run(["ALTER TABLE record SET TABLESPACE small"]);
    const makeRoom = fillDisk(disk.dir);
    // what is left in the pages the table has already
    for (const size of [1500, 20]) while (fits(back, size));
    return makeRoom;
  };
  return { place, fillUp };
}

let junk = 0;

function fits(back: BackDoor, size: number): boolean {
  junk += 1;
  const row = "SELECT 999, $1, 'mark', 0, 0, 0, 0, 'x', 1, NULL, repeat('x', $2), 'x'";
  try {
    back.run([`INSERT INTO record (journal, ${RECORD_COLUMNS}) ${row}`, junk, size]);
    return true;
  } catch {
    return false;
  }
}

function ownerOf(user: string): { readonly uid: number; readonly gid: number } {
  const id = (flag: string): number => Number.parseInt(execFileSync("id", [flag, user], { encoding: "utf8" }), 10);
  return { uid: id("-u"), gid: id("-g") };
}
