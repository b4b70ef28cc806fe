// The journals of all bots in one database of Postgres, told apart by name: who makes them, opens them and reads them.

import { randomUUID } from "node:crypto";
import { genesisOf } from "../chain.ts";
import { JournalError } from "../errors.ts";
import { FIRST_LINEAGE, type Holder, JOURNAL_FORMAT, type OpenOptions } from "../open-options.ts";
import type { JournalMeta } from "../port.ts";
import type { Registry } from "../registry.ts";
import { metaSum } from "../sqlite-rows.ts";
import type { JournalStore } from "../store.ts";
import type { JournalAddress } from "../verify-beside.ts";
import { PostgresDatabase, type PostgresOptions } from "./database.ts";
import { PostgresJournal } from "./journal.ts";
import type { Cell } from "./protocol.ts";
import { PostgresReader } from "./reader.ts";
import { openPostgresRegistry } from "./registry.ts";
import { ARCHIVE_MIGRATION } from "./schema.ts";
import { NEW_HEAD, NEW_META } from "./statements.ts";

/** No bot can be called that. */
const ACCOUNT = "/account";
const NUMBER_OF = "SELECT journal FROM meta WHERE name = $1";
const TAG_OF = "SELECT tag FROM meta WHERE name = $1";
const NAMES = "SELECT name FROM meta WHERE name NOT LIKE '/%' ORDER BY name";
const HAS_TABLES = "SELECT to_regclass('meta') IS NOT NULL";

export class PostgresStore implements JournalStore {
  readonly database: PostgresDatabase;
  private readonly address: string;
  private readonly reached: Pick<PostgresOptions, "url" | "schema">;
  private readonly known = new Set<string>();

  /** Connects when it is first asked. Whoever made it closes it. `address`: how commands are told of it. */
  constructor(options: PostgresOptions, address = "env:NAME") {
    this.database = new PostgresDatabase(options);
    this.address = address;
    const { url, schema } = options;
    this.reached = schema === undefined ? { url } : { url, schema };
  }

  get where(): string {
    return this.database.where;
  }

  /** `name`: what the journal is called in the database; the bot unless given. */
  openJournal(options: OpenOptions, name = options.bot): PostgresJournal {
    const { database } = this;
    database.makeTables();
    const lease = database.acquire(`bot/${name}`, options.bot, options.holder);
    try {
      const journal = this.numberOf(name) ?? this.makeNew(name, options);
      return new PostgresJournal({ database, journal, lease, options });
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  isThere(): boolean {
    return this.database.isThere();
  }

  openAccountJournal(options: OpenOptions): PostgresJournal {
    return this.openJournal(options, ACCOUNT);
  }

  openRegistry(holder: Holder): Registry {
    return openPostgresRegistry(this.database, holder);
  }

  addressOf(bot: string | null): JournalAddress {
    return { kind: "database", ...this.reached, name: bot ?? ACCOUNT };
  }

  /** `archives`: begin with what was archived, as far back as it is there. */
  openReader(name: string, { archives = false }: { readonly archives?: boolean } = {}): PostgresReader {
    const journal = this.hasTables() ? this.numberOf(name) : null;
    if (journal === null) {
      throw new JournalError("JOURNAL_MISSING", `JOURNAL_MISSING: there is no journal of bot ${name} in ${this.where}`);
    }
    // says so when the tables are newer than this release
    const waiting = this.database.waitingMigrations().map((migration) => migration.name);
    const hasArchives = !waiting.includes(ARCHIVE_MIGRATION);
    return new PostgresReader({ database: this.database, journal, hasArchives }, archives);
  }

  /** One that was there stays. A server that is away is asked again the next time; till then it may have been there. */
  hasJournal(name: string): boolean {
    if (this.known.has(name)) return true;
    try {
      if (!this.hasTables() || this.numberOf(name) === null) return false;
    } catch (error) {
      if (error instanceof JournalError && error.code === "STORE_UNREACHABLE") return true;
      throw error;
    }
    this.known.add(name);
    return true;
  }

  /** What the orders of a journal carry, unchecked; null where there is none. */
  tagOf(name: string): string | null {
    const tag = this.hasTables() ? this.database.read({ sql: TAG_OF, values: [name] })[0]?.[0] : null;
    return typeof tag === "string" ? tag : null;
  }

  bots(): readonly string[] {
    return this.hasTables() ? this.database.read({ sql: NAMES, values: [] }).map(([name]) => String(name)) : [];
  }

  flagsFor(bot: string): string {
    return `--journal ${this.address}/${bot}`;
  }

  /** The server's disk is not ours to look at. */
  freeBytes(): number | null {
    return null;
  }

  bytesOf(): number {
    return 0;
  }

  freeReserve(): boolean {
    return false;
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** As a killed process leaves it. For tests. */
  abandon(): Promise<void> {
    return this.database.abandon();
  }

  hasTables(): boolean {
    return this.database.read({ sql: HAS_TABLES, values: [] })[0]?.[0] === true;
  }

  private numberOf(name: string): number | null {
    const journal = this.database.read({ sql: NUMBER_OF, values: [name] })[0]?.[0];
    return typeof journal === "number" ? journal : null;
  }

  private makeNew(name: string, { bot, tag }: OpenOptions): number {
    const owner = { format: JOURNAL_FORMAT, journalId: randomUUID(), bot, tag };
    const meta = { ...owner, lineage: FIRST_LINEAGE, epoch: 0, genesis: genesisOf(owner) };
    this.database.write([
      { sql: NEW_META, values: newMetaValues(name, meta) },
      { sql: NEW_HEAD, values: [name, meta.genesis] },
    ]);
    const journal = this.numberOf(name);
    if (journal === null)
      throw new JournalError("JOURNAL_MISSING", `JOURNAL_MISSING: ${name} was made and is not there`);
    return journal;
  }
}

/** Values of NEW_META. */
export function newMetaValues(name: string, meta: JournalMeta): Cell[] {
  const { format, journalId, bot, tag, lineage, epoch, genesis } = meta;
  return [name, format, journalId, bot, tag, lineage, epoch, genesis, metaSum(meta)];
}
