// What only a journal in a database can meet: lost connections, leases that end, a server that dies, tables of another
// release. On one server that the caller owns.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { SyncPolicy } from "../../src/journal/port.ts";
import { MIGRATIONS } from "../../src/journal/postgres/schema.ts";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import { verifyBeside } from "../../src/journal/verify-beside.ts";
import type { PostgresServer } from "../postgres.ts";
import { refusal } from "./journal.ts";
import { BackDoor } from "./journal-postgres.ts";
import * as bot from "./journal-turns.ts";
import { leases, opened, processes, SHORT_MS, taken } from "./postgres-lease-cases.ts";
import { standby } from "./postgres-sync-cases.ts";
import { openWire } from "./postgres-wire.ts";

export function postgresCases(server: PostgresServer): void {
  verifiedBeside(server);
  lostConnections(server);
  leases(server);
  processes(server);
  standby(server);
  tables(server);
  deadServer(server);
}

function verifiedBeside(server: PostgresServer): void {
  test("DUR-26 a journal in a database is verified whole by a thread beside its writer", async (t) => {
    const store = opened(t, server.url);
    const journal = store.openJournal(bot.options(), "nightly");
    bot.turns(journal, 20);
    const found = await verifyBeside(store.addressOf("nightly")).result;
    assert.deepEqual(found, { goodTo: journal.position, damage: null });
    const missing = await verifyBeside(store.addressOf("nobody")).result;
    assert.equal(missing.damage?.code, "JOURNAL_MISSING");
  });
}

function lostConnections(server: PostgresServer): void {
  for (const mode of ["lose-answer", "lose-request"] as const) {
    test(`DUR-62 an append is looked up before it is repeated, and is there once: ${mode}`, async (t) => {
      const wire = await openWire(server.url);
      t.after(() => wire.close());
      const journal = opened(t, wire.url).openJournal(bot.options(), `lost-${mode}`);
      bot.turns(journal, 4);
      for (let i = 1; i <= 10; i += 1) {
        wire.set(mode);
        bot.turn(journal);
      }
      assert.equal(wire.lost(), 10);
      const records = [...journal.records(0)];
      assert.equal(records.length, journal.position);
      assert.equal(journal.verify(0), journal.position);
      assert.deepEqual([...journal.postings(0)].length, 4 * Math.floor(journal.seq / 5));
    });
  }

  test("DUR-62 OPS-23 an answer that never comes costs one try; the bot goes on, health tells of it", async (t) => {
    const wire = await openWire(server.url);
    t.after(() => wire.close());
    const store = opened(t, wire.url);
    const [journal, other] = ["swallowed", "beside"].map((name) => store.openJournal(bot.options(), name));
    if (journal === undefined || other === undefined) assert.fail();
    bot.turns(journal, 3);
    assert.deepEqual([store.database.health().ok, store.database.health().lost], [true, 0]);
    wire.set("swallow");
    bot.turn(journal);
    assert.equal(wire.lost(), 1);
    bot.turns(other, 2);
    bot.turns(journal, 2);
    assert.deepEqual([journal.seq, journal.verify(0)], [6, journal.position], "it is there once");
    const { ok, lost, longestMs } = store.database.health();
    assert.deepEqual([ok, lost > 0], [true, true]);
    t.diagnostic(`the turn waited ${Math.round(longestMs)} ms`);
  });

  test("DUR-62 OPS-23 a database that is away holds a process up once: the next bot is told at once", async (t) => {
    const wire = await openWire(server.url);
    t.after(() => wire.close());
    const store = new PostgresStore({ url: wire.url, answerMs: 2_000 });
    t.after(() => store.abandon());
    const journals = ["away-1", "away-2", "away-3"].map((name) => store.openJournal(bot.options(), name));
    for (const journal of journals) bot.turns(journal, 2);
    wire.set("silent");
    const said = journals.map((journal) => refusal(() => bot.turns(journal, 100)).message);
    assert.match(said[0] ?? "", /no answer|not answer/);
    for (const text of said.slice(1)) assert.match(text, /it gave no answer a moment ago/);
    assert.equal(store.database.health().ok, false);
    wire.set("pass");
    while (!store.isThere()) await wait(20);
    assert.equal(store.database.health().ok, true);
  });

  test("DUR-62 DUR-10 what cannot be committed in time ends the writer with CANNOT_WRITE", async (t) => {
    const wire = await openWire(server.url);
    t.after(() => wire.close());
    const store = new PostgresStore({ url: wire.url, answerMs: 1_500 });
    t.after(() => store.abandon());
    const journal = store.openJournal(bot.options(), "silent");
    bot.turns(journal, 3);
    wire.set("silent");
    const error = refusal(() => {
      while (journal.position < 1_000_000) bot.turn(journal);
    });
    const { position } = journal;
    assert.deepEqual([error.code, error.exitCode, error.facts.disk], ["CANNOT_WRITE", 13, "lost"], error.message);
    assert.match(error.message, /nothing of it was sent/);
    assert.doesNotMatch(error.message, new RegExp(`${new URL(server.url).password}@`));
    wire.set("pass");
    assert.equal(
      refusal(() => bot.turn(journal)),
      error,
    );
    const there = opened(t, server.url).openReader("silent").position;
    assert.ok(there >= position && there <= position + 2, `${there} records, ${position} were said to be written`);
  });

  test("DUR-15 what is committed synchronously is said by the policy", async (t) => {
    const back = new BackDoor(server.url);
    t.after(() => {
      back.run(["DROP TRIGGER seen ON head"]);
      back.close();
    });
    const store = opened(t, server.url);
    store.openJournal(bot.options(), "sync").close();
    back.run(
      ["CREATE TABLE seen (sync TEXT)"],
      [
        `CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$`,
      ],
      [
        `CREATE CONSTRAINT TRIGGER seen AFTER UPDATE ON head
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see()`,
      ],
    );
    for (const [sync, expected] of [
      ["kill", ["off", "on", "off"]],
      ["send", ["off", "on", "off"]],
      ["all", ["on", "on", "on"]],
    ] as const satisfies readonly (readonly [SyncPolicy, readonly string[]])[]) {
      await t.test(
        `DUR-15 "${sync}": synchronous_commit is ${expected.join(", ")} for events, places and others`,
        () => {
          const journal = store.openJournal(bot.options({ sync }), `sync-${sync}`);
          back.run(["TRUNCATE seen"]);
          journal.appendEvents(1, [bot.book(1)]);
          journal.appendEffects(bot.placing(1));
          journal.appendEffects({ ...bot.NOTHING, mark: { seq: 1, atMs: bot.book(1).atMs, stateHash: "s" } });
          const seen = back.run(["SELECT sync FROM seen"])[0]?.map(([value]) => value);
          assert.deepEqual(seen, [...expected]);
        },
      );
    }
  });
}

function tables(server: PostgresServer): void {
  const fresh = (t: TestContext, schema: string): PostgresStore => {
    const store = new PostgresStore({ url: server.url, schema });
    t.after(() => store.abandon());
    return store;
  };
  const later = [...MIGRATIONS, { name: "0999-note", sql: "ALTER TABLE meta ADD COLUMN note TEXT" }];

  test("DUR-32 tables of a newer release are JOURNAL_TOO_NEW; changed ones are not ours", (t) => {
    const store = fresh(t, "newer");
    store.openJournal(bot.options()).close();
    assert.deepEqual(store.database.migrate(later), ["0999-note"]);
    assert.equal(refusal(() => store.openJournal(bot.options())).code, "JOURNAL_TOO_NEW");
    assert.equal(refusal(() => store.openReader(bot.BOT)).code, "JOURNAL_TOO_NEW");
    const back = new BackDoor(server.url, "newer");
    t.after(() => back.close());
    back.run(["DELETE FROM migration WHERE name = '0999-note'"], ["UPDATE migration SET digest = 'x'"]);
    assert.equal(refusal(() => store.openJournal(bot.options())).code, "JOURNAL_CORRUPT");
  });

  test("DUR-32 two processes that make the tables at once both find them made, and none is half-made", (t) => {
    const [one, two] = [fresh(t, "twice"), fresh(t, "twice")];
    assert.equal(one.hasJournal("a"), false);
    two.openJournal(bot.options(), "a").close();
    one.openJournal(bot.options(), "b").close();
    assert.deepEqual(one.bots(), ["a", "b"]);
    assert.equal(refusal(() => one.openReader("c")).code, "JOURNAL_MISSING");
  });

  test("OPS-18 the registry of bots in a database: one owner, every change kept, a changed row found", (t) => {
    const [one, two] = [fresh(t, "registry"), fresh(t, "registry")];
    const holder = (pid: number) => ({ host: "h", pid, sinceMs: 0 });
    const stamp = { by: "me", reason: "", requestId: "", address: "", atMs: 1 };
    const bots = one.openRegistry(holder(1));
    const made = bots.create(
      { id: "a", tag: "aaaaaa", strategy: "grid", instruments: ["X"], config: "c" },
      "create",
      stamp,
    );
    assert.ok(made.ok);
    assert.ok(bots.want("a", { act: "start", wanted: "running" }, stamp).ok);
    assert.match(refusal(() => two.openRegistry(holder(2))).message, /process 1 on h/);
    const before = bots.history();
    bots.close();
    const next = two.openRegistry(holder(2));
    assert.deepEqual(next.history(), before);
    next.close();
    const back = new BackDoor(server.url, "registry");
    t.after(() => back.close());
    back.run(["DELETE FROM change"]);
    const kept = one.openRegistry(holder(1));
    assert.equal(kept.history().length, 2, "a change stays");
    kept.close();
    back.run(["DROP RULE changeIsFinal ON change"], ["UPDATE change SET wanted = 'stopped' WHERE change = 2"]);
    assert.match(refusal(() => one.openRegistry(holder(1))).message, /JOURNAL_CORRUPT.*row 2/);
  });

  test("OPS-18 DUR-62 a change of the registry whose answer was lost is looked up, and was made", async (t) => {
    const wire = await openWire(server.url);
    t.after(() => wire.close());
    const store = new PostgresStore({ url: wire.url, schema: "answer" });
    t.after(() => store.abandon());
    const bots = store.openRegistry({ host: "h", pid: 1, sinceMs: 0 });
    wire.set("lose-answer");
    // the wire loses what speaks of an append
    const stamp = { by: "me", reason: "append", requestId: "", address: "", atMs: 1 };
    const bot = { id: "a", tag: "aaaaaa", strategy: "grid", instruments: ["X"], config: "c" };
    assert.ok(bots.create(bot, "create", stamp).ok);
    assert.equal(wire.lost(), 1);
    assert.ok(bots.want("a", { act: "start", wanted: "running" }, stamp).ok);
    assert.equal(bots.history().length, 2);
    bots.close();
  });
}

function deadServer(server: PostgresServer): void {
  test("DUR-62 DUR-15 a killed server comes back with what was synced; the lost turn ends the writer", async (t) => {
    const store = new PostgresStore({ url: server.url, answerMs: 2_000, leaseMs: SHORT_MS });
    t.after(() => store.abandon());
    const journal = store.openJournal(bot.options({ sync: "send" }), "dead-server");
    bot.turns(journal, 4);
    const { position, chainHash } = journal;
    await server.kill();
    // its children live until they see that it is gone
    while (store.isThere()) await wait(20);
    const error = refusal(() => bot.turn(journal));
    assert.deepEqual([error.code, error.facts.disk], ["CANNOT_WRITE", "lost"]);
    assert.equal(refusal(() => store.openReader("dead-server")).code, "STORE_UNREACHABLE");
    journal.close();
    await server.start();
    while (!store.isThere()) await wait(20);
    const next = await taken(() => store.openJournal(bot.options(), "dead-server"));
    assert.deepEqual([next.position, next.chainHash, next.meta.epoch], [position, chainHash, 2]);
    bot.turns(next, 2);
    assert.equal(next.verify(0), next.position);
  });
}
