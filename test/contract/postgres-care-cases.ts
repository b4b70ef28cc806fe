// Journals on Postgres looked after: archives that were tampered with, real processes killed as they compact or
// migrate, a database put back from its own backup.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Journal, JournalRecord } from "../../src/journal/port.ts";
import { adoptInDatabase, raiseRestored } from "../../src/journal/postgres/put-right.ts";
import { MIGRATIONS } from "../../src/journal/postgres/schema.ts";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import { opensqt } from "../cli/command-line.ts";
import type { PostgresServer } from "../postgres.ts";
import { refusal } from "./journal.ts";
import { LATER, NOTHING_KEPT, RUN } from "./journal-compact-cases.ts";
import { BackDoor } from "./journal-postgres.ts";
import * as bot from "./journal-turns.ts";
import { taken } from "./postgres-lease-cases.ts";
import { openWire } from "./postgres-wire.ts";

const CHILD = join(import.meta.dirname, "journal-postgres-child.ts");
const HOLDER = { host: "here", pid: process.pid, sinceMs: 1_700_000_000_000 };
const NUMBER = "(SELECT journal FROM meta WHERE name = $1)";

export function careCases(server: PostgresServer): void {
  const fresh = (t: TestContext, schema: string, url = server.url): PostgresStore => {
    const store = new PostgresStore({ url, schema });
    t.after(() => store.abandon());
    return store;
  };
  tampered(server, fresh);
  killed(server, fresh);
  migrated(server, fresh);
  restored(server, fresh);
}

type Fresh = (t: TestContext, schema: string, url?: string) => PostgresStore;

/** Turns with a snapshot after each few. */
function lived(journal: Journal): readonly JournalRecord[] {
  if (journal.seq === 0) {
    journal.appendEvents(1, [RUN, { kind: "stop-requested", atMs: RUN.atMs, by: "ann" }]);
  }
  for (let round = 0; round < 5; round += 1) {
    bot.turns(journal, 5);
    journal.writeSnapshot(bot.snapshotOf(journal));
  }
  return [...journal.records(0)];
}

function compactAll(journal: Journal): void {
  for (let n = 0; n < 100 && !journal.compact(NOTHING_KEPT, LATER).done; n += 1);
}

/** What is tampered with below, and put right after each. */
const TABLES = ["kept", "archive", "frame", "posting"] as const;
const TAMPERED: readonly (readonly [string, string])[] = [
  ["a kept record changed", `UPDATE kept SET body = replace(body, 'ann', 'bob') WHERE journal = ${NUMBER}`],
  ["a kept record left out", `DELETE FROM kept WHERE journal = ${NUMBER} AND kind = 'stop-requested'`],
  ["an archive that was never made", `UPDATE archive SET "to" = "to" - 1 WHERE journal = ${NUMBER}`],
  [
    "a flipped byte",
    `UPDATE frame SET packed = set_byte(packed, 99, 255 - get_byte(packed, 99)) WHERE journal = ${NUMBER}`,
  ],
  ["a frame cut short", `UPDATE frame SET packed = substr(packed, 1, 200) WHERE journal = ${NUMBER}`],
  ["a posting made smaller", `UPDATE posting SET amount = '1' WHERE journal = ${NUMBER} AND id = 4`],
];

function tampered(server: PostgresServer, fresh: Fresh): void {
  test("DUR-23 DUR-28 tampered archives in a database are JOURNAL_CORRUPT; without them it begins later", (t) => {
    const store = fresh(t, "tampered");
    const back = new BackDoor(server.url, "tampered");
    t.after(() => back.close());
    const journal = store.openJournal(bot.options());
    lived(journal);
    compactAll(journal);
    const read = () => store.openReader(bot.BOT, { archives: true });
    assert.equal(read().verify(0), journal.position);
    back.run(...TABLES.map((table) => [`CREATE TABLE good_${table} AS TABLE ${table}`] as const));
    for (const [what, sql] of TAMPERED) {
      back.run([sql, bot.BOT]);
      const error = refusal(() => read().verify(0));
      assert.deepEqual([error.code, error.exitCode], ["JOURNAL_CORRUPT", 6], `${what}: ${error.message}`);
      back.run(
        ...TABLES.flatMap((table) => [
          [`DELETE FROM ${table}`] as const,
          [`INSERT INTO ${table} SELECT * FROM good_${table}`] as const,
        ]),
      );
      assert.equal(read().verify(0), journal.position, `${what}: undone`);
    }
    back.run(["DELETE FROM frame"]);
    const reader = read();
    assert.deepEqual([reader.oldest, reader.verify(0)], [journal.oldest, journal.position - journal.oldest]);
    assert.equal(reader.placeOf(bot.idOf(3)), null);
    journal.close();
  });

  test("DUR-28 DUR-62 an answer lost in a compaction is looked up, and nothing is archived twice", async (t) => {
    const wire = await openWire(server.url);
    t.after(() => wire.close());
    const journal = fresh(t, "lost_answers", wire.url).openJournal(bot.options(), "lost");
    for (const mode of ["lose-answer", "lose-request"] as const) {
      const before = lived(journal);
      wire.set(mode);
      compactAll(journal);
      const left = before.filter(({ position }) => position > journal.oldest);
      assert.deepEqual([...journal.records(0)].slice(0, -1), left, mode);
    }
    assert.equal(wire.lost(), 2);
    const whole = fresh(t, "lost_answers").openReader("lost", { archives: true });
    assert.deepEqual([whole.oldest, whole.verify(0)], [0, journal.position]);
    journal.close();
  });
}

function killed(server: PostgresServer, fresh: Fresh): void {
  test("DUR-29 DUR-49 a process killed at compact.after-archive or after-delete loses nothing", async (t) => {
    const store = fresh(t, "opensqt");
    const journal = store.openJournal(bot.options(), "killed-compacting");
    const before = lived(journal);
    journal.close();
    for (const point of ["compact.after-archive", "compact.after-delete"]) {
      const args = [CHILD, server.url, "killed-compacting", "15000", point];
      const child = spawn(process.execPath, args, { stdio: "ignore" });
      const [, signal] = (await once(child, "exit")) as [number | null, string | null];
      assert.equal(signal, "SIGKILL", point);
      const next = await taken(() => store.openJournal(bot.options({ holder: HOLDER }), "killed-compacting"));
      assert.equal(next.verify(0), next.position - next.oldest);
      const whole = [...store.openReader("killed-compacting", { archives: true }).records(0)];
      assert.deepEqual(whole.slice(0, before.length), before, point);
      next.close();
    }
  });
}

function migrated(server: PostgresServer, fresh: Fresh): void {
  /** Tables as release 0001 made them, with a journal of that time; what holds them fast, and who waits for that. */
  const older = (t: TestContext, schema: string) => {
    const store = fresh(t, schema);
    const journal = store.openJournal(bot.options());
    bot.turns(journal, 12);
    journal.writeSnapshot(bot.snapshotOf(journal));
    journal.close();
    const [back, lock] = [new BackDoor(server.url, schema), new BackDoor(server.url, schema)];
    t.after(() => {
      for (const door of [back, lock]) door.close();
    });
    back.run(
      ["DROP TABLE archive, frame, kept"],
      ["ALTER TABLE snapshot DROP COLUMN pinned"],
      ["DELETE FROM migration WHERE name <> '0001-journal'"],
    );
    const start = () => {
      const args = [CHILD, server.url, schema, "15000", "migrate"];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
      t.after(() => child.kill("SIGKILL"));
      return { child, ended: once(child, "exit") };
    };
    const count = (which: string): unknown =>
      back.run([
        `SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 ${which}`,
        `child ${schema}`,
      ])[0]?.[0]?.[0];
    lock.alone("BEGIN");
    lock.alone("LOCK TABLE snapshot IN ACCESS SHARE MODE");
    return { store, back, start, count, free: () => lock.alone("ROLLBACK") };
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await wait(20);
  };
  const WAITING = "AND wait_event_type = 'Lock'";

  test("DUR-32 OPS-60 older tables are read, not written; a migration killed in its middle never was", async (t) => {
    const { store, back, start, count, free } = older(t, "half_migrated");
    assert.equal(refusal(() => store.openJournal(bot.options())).code, "JOURNAL_OLD");
    const reader = store.openReader(bot.BOT, { archives: true });
    assert.deepEqual([reader.oldest, reader.verify(0), reader.kept()], [0, reader.position, []]);
    const { child, ended } = start();
    await until(() => count(WAITING) === 1);
    child.kill("SIGKILL");
    await ended;
    free();
    await until(() => count("") === 0);
    const names = MIGRATIONS.map(({ name }) => name);
    assert.deepEqual(back.run(["SELECT name FROM migration"])[0], [["0001-journal"]]);
    assert.deepEqual(back.run(["SELECT to_regclass('archive')::text"])[0], [[null]], "nothing of it is there");
    assert.deepEqual(store.database.migrate(), names.slice(1));
    const journal = store.openJournal(bot.options());
    assert.deepEqual([journal.verify(0), journal.snapshots().length], [journal.position, 1]);
    lived(journal);
    compactAll(journal);
    assert.ok(journal.oldest > 0);
    journal.close();
  });

  test("DUR-32 two processes that migrate at once both end well, and it is done once", async (t) => {
    const { store, back, start, count, free } = older(t, "twice_migrated");
    const both = [start(), start()];
    await until(() => count(WAITING) === 2);
    free();
    for (const { ended } of both) assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(back.run(["SELECT count(*) FROM migration"])[0], [[MIGRATIONS.length]]);
    store.openJournal(bot.options()).close();
  });
}

function restored(server: PostgresServer, fresh: Fresh): void {
  test("DUR-27 DUR-42 a database put back from its own backup goes on with the next lineage and a newer epoch", (t) => {
    const store = fresh(t, "put_back");
    const [one, two] = ["one", "two"].map((name) => store.openJournal(bot.options({ bot: name }), name));
    const account = store.openAccountJournal(bot.options({ bot: "account" }));
    for (const journal of [one, two, account]) bot.turns(journal ?? assert.fail(), 4);
    const other = fresh(t, "put_back");
    assert.equal(refusal(() => raiseRestored(other, HOLDER)).code, "LOCK_HELD", "a process uses it");
    for (const journal of [one, two, account]) journal?.close();
    const back = new BackDoor(server.url, "put_back");
    t.after(() => back.close());
    back.run(["CREATE SCHEMA put_back_flows"]);
    const raised = raiseRestored(store, HOLDER, 5);
    assert.deepEqual(
      raised.map(({ name, lineage, seq }) => [name, lineage, seq]),
      [
        ["/account", 5, 4],
        ["one", 5, 4],
        ["two", 5, 4],
      ],
    );
    const next = store.openJournal(bot.options({ bot: "one", warn: assert.fail }), "one");
    assert.deepEqual([next.meta.lineage, next.position, next.verify(0)], [5, 8, 8]);
    assert.ok(next.meta.epoch > 1_000_000, "no start that the backup does not know of had a higher one");
    bot.turns(next, 2);
    next.close();
    assert.deepEqual(
      back.run(["SELECT to_regnamespace('put_back_flows')::text"])[0],
      [[null]],
      "workflows are begun anew",
    );
    back.run([`UPDATE record SET body = '{}' WHERE position = 3 AND journal = ${NUMBER}`, "two"]);
    assert.equal(refusal(() => raiseRestored(store, HOLDER)).code, "JOURNAL_CORRUPT");
    assert.equal(store.openReader("one").meta.lineage, 5, "all of them or none");
  });

  test("DUR-27 DUR-42 an adopted journal is empty, of a lineage above all; the old one stays aside", (t) => {
    const store = fresh(t, "adopted");
    const owner = { bot: bot.BOT, tag: bot.TAG, lineageMin: 1 };
    assert.deepEqual(adoptInDatabase(store, owner, HOLDER), { lineage: 2, aside: null });
    const journal = store.openJournal(bot.options({ warn: assert.fail }));
    bot.turns(journal, 3);
    const { epoch } = journal.meta;
    assert.ok(epoch > 1_000_000, "no start of a journal that is gone had a higher one");
    assert.equal(refusal(() => adoptInDatabase(fresh(t, "adopted"), owner, HOLDER)).code, "LOCK_HELD");
    journal.close();
    const { lineage, aside } = adoptInDatabase(store, owner, HOLDER);
    assert.equal(lineage, 3);
    assert.equal(store.openReader(aside ?? assert.fail()).position, journal.position, "kept");
    assert.deepEqual(store.bots(), [bot.BOT]);
    const next = store.openJournal(bot.options({ warn: assert.fail }));
    assert.deepEqual([next.position, next.meta.lineage, next.meta.epoch > epoch], [0, 3, true]);
    next.close();
  });

  test("OPS-11 DUR-28 DUR-30 commands on a database: compact and restore do, backup says whose matter it is", (t) => {
    const store = fresh(t, "commands");
    const journal = store.openJournal(bot.options());
    lived(journal);
    const environment = { JOURNALS: server.url };
    const at = `env:JOURNALS/commands/${bot.BOT}`;
    const compact = ["journal", "compact", at, "--keep-days", "0"];
    assert.equal(opensqt(compact, { environment }).code, 8, "the bot runs");
    journal.close();
    const said = opensqt(compact, { environment });
    assert.match(`${said.out}${said.err}`, /grid-1: \d+ records went to the archive; the journal begins after/);
    const backup = opensqt(["journal", "backup", at, "nowhere"], { environment });
    assert.equal(backup.code, 2);
    assert.match(backup.err, /pg_dump/);
    const restore = opensqt(["journal", "restore", "env:JOURNALS/commands"], { environment });
    assert.match(`${restore.out}${restore.err}`, /grid-1 goes on after event \d+ .*it is lineage 2/);
  });
}
