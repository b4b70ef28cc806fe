// Journals in a database put right: when its own backup was put back, or one of them is lost. The lineage rises, so no
// id is ever used for two orders (DUR-27, DUR-42); what happened since is found on the exchange.

import { randomUUID } from "node:crypto";
import { toSafe } from "../../base/integer.ts";
import { genesisOf } from "../chain.ts";
import { JournalError } from "../errors.ts";
import { FIRST_LINEAGE, type Holder, JOURNAL_FORMAT } from "../open-options.ts";
import type { JournalMeta } from "../port.ts";
import { LINEAGE_MAX, UNREAD_EPOCHS } from "../put-in-place.ts";
import type { Adoption } from "../restore.ts";
import { metaSum } from "../sqlite-rows.ts";
import { verifyReader } from "../verify.ts";
import type { Lease, PostgresDatabase } from "./database.ts";
import type { Statement } from "./protocol.ts";
import { REGISTRY_LEASE } from "./registry.ts";
import { dropFlows } from "./schema.ts";
import { NEW_HEAD, NEW_META, RAISE_HEAD, RAISE_META } from "./statements.ts";
import { newMetaValues, type PostgresStore } from "./store.ts";

const ALL = "SELECT journal, name FROM meta WHERE name NOT LIKE '/before-%' ORDER BY name";
const GENERATION = `SELECT max(lineage), max(epoch) FROM meta WHERE name = $1 OR name LIKE '/before-%/' || $1`;
const RENAME = "UPDATE meta SET name = $2 WHERE name = $1";
const SET_EPOCH = "UPDATE head SET epoch = $2 WHERE journal = (SELECT journal FROM meta WHERE name = $1)";

/** A journal that goes on under a new lineage. */
export interface Raised {
  /** As the database calls it; that of the account machine begins with a slash. */
  readonly name: string;
  readonly lineage: number;
  readonly position: number;
  readonly seq: number;
}

/**
 * The database is that of an earlier time: its own backup was put back. Every journal in it is verified whole, then the
 * lineage of each rises, and its epoch above that of any start it cannot know of; what workflows left behind goes.
 * Errors: LOCK_HELD while a process
 * uses it, JOURNAL_* of damage, JOURNAL_MISSING, STORE_UNREACHABLE, CANNOT_WRITE.
 */
export function raiseRestored(store: PostgresStore, holder: Holder, lineageMin = FIRST_LINEAGE): readonly Raised[] {
  const { database } = store;
  const journals = store.hasTables() ? database.read({ sql: ALL, values: [] }) : [];
  if (journals.length === 0)
    throw new JournalError("JOURNAL_MISSING", `JOURNAL_MISSING: there is no journal in ${store.where}`);
  const names = journals.map(([, name]) => String(name));
  return held(database, { names, holder }, () => {
    const statements: Statement[] = [];
    const raised = journals.map(([journal, name]): Raised => {
      const { meta, position, seq } = verified(store, String(name));
      const lineage = Math.max(lineageMin, meta.lineage + 1);
      const next = { ...meta, lineage, epoch: meta.epoch + UNREAD_EPOCHS };
      refuseTooHigh(lineage);
      const number = toSafe(BigInt(String(journal)));
      statements.push(
        { sql: RAISE_HEAD, values: [number, next.epoch, meta.epoch] },
        { sql: RAISE_META, values: [number, lineage, next.epoch, metaSum(next), meta.epoch] },
      );
      return { name: String(name), lineage, position, seq };
    });
    // of a later time than the journals: a step it knows of would be taken for done
    database.write([...statements, dropFlows(database.schema)]);
    return raised;
  });
}

/**
 * An empty journal for a bot that goes on from what the exchange shows. The old one stays in the database under the
 * name `aside`. Errors: LOCK_HELD, STORE_UNREACHABLE, CANNOT_WRITE.
 */
export function adoptInDatabase(
  store: PostgresStore,
  { bot, tag, lineageMin }: Adoption,
  holder: Holder,
): { readonly lineage: number; readonly aside: string | null } {
  const { database } = store;
  database.makeTables();
  return held(database, { names: [bot], holder }, () => {
    const [known = []] = database.read({ sql: GENERATION, values: [bot] });
    const [lastLineage, lastEpoch] = known.map((value) => (typeof value === "number" ? value : 0));
    const lineage = Math.max(lineageMin, FIRST_LINEAGE + 1, (lastLineage ?? 0) + 1);
    refuseTooHigh(lineage);
    const isThere = store.hasJournal(bot);
    const aside = isThere ? `/before-adopt-${holder.sinceMs}/${bot}` : null;
    const owner = { format: JOURNAL_FORMAT, journalId: randomUUID(), bot, tag };
    // a damaged row is not believed, and one that is gone says nothing: no start can have had that epoch
    const epoch = (lastEpoch ?? 0) + UNREAD_EPOCHS;
    const meta = { ...owner, lineage, epoch, genesis: genesisOf(owner) };
    database.write([
      ...(aside === null ? [] : [{ sql: RENAME, values: [bot, aside] }]),
      { sql: NEW_META, values: newMetaValues(bot, meta) },
      { sql: NEW_HEAD, values: [bot, meta.genesis] },
      { sql: SET_EPOCH, values: [bot, epoch] },
    ]);
    return { lineage, aside };
  });
}

function verified(store: PostgresStore, name: string): { meta: JournalMeta; position: number; seq: number } {
  const reader = store.openReader(name, { archives: true });
  const { damage } = verifyReader(reader, reader.head());
  if (damage !== null) throw damage;
  const { meta, position, seq } = reader;
  return { meta, position, seq };
}

function refuseTooHigh(lineage: number): void {
  if (lineage <= LINEAGE_MAX) return;
  const text = `JOURNAL_FOREIGN: lineage ${lineage} does not fit an order id. Use a new bot with another tag.`;
  throw new JournalError("JOURNAL_FOREIGN", text);
}

/** Nobody else has the registry or one of these journals while the work lasts. */
function held<T>(
  database: PostgresDatabase,
  { names, holder }: { readonly names: readonly string[]; readonly holder: Holder },
  work: () => T,
): T {
  const leases: Lease[] = [];
  try {
    leases.push(database.acquire(REGISTRY_LEASE, "the registry", holder));
    for (const name of names) leases.push(database.acquire(`bot/${name}`, name, holder));
    return work();
  } finally {
    for (const lease of leases) lease.release();
  }
}
