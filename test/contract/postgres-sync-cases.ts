// A commit counts when the synchronous standby has it (DUR-62, DUR-67), and one epoch is one writer's (DUR-55): what a
// server can say that is not so. On one server that the caller owns.

import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import { metaSum } from "../../src/journal/sqlite-rows.ts";
import type { PostgresServer } from "../postgres.ts";
import { refusal } from "./journal.ts";
import { BackDoor } from "./journal-postgres.ts";
import * as bot from "./journal-turns.ts";
import { opened } from "./postgres-lease-cases.ts";

/** Ends the session of this name as it waits for a standby, once; when it is gone all see what it had committed. */
const END_WAITER = `DO $$ BEGIN
  FOR i IN 1..600 LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity
      WHERE wait_event = 'SyncRep' AND application_name = 'alone';
    EXIT WHEN FOUND;
    PERFORM pg_sleep(0.02);
  END LOOP;
END $$`;

export function standby(server: PostgresServer): void {
  test("DUR-62 DUR-67 a commit that the standby does not have is not taken for one, though it is shown", async (t) => {
    const back = new BackDoor(server.url);
    const store = new PostgresStore({ url: server.url, name: "alone", answerMs: 5_000 });
    const client = new pg.Client({ connectionString: server.url });
    client.on("error", () => undefined);
    t.after(async () => {
      back.alone("ALTER SYSTEM RESET synchronous_standby_names");
      back.run(["SELECT pg_reload_conf()"]);
      back.close();
      await client.end();
      await store.abandon();
    });
    const journal = store.openJournal(bot.options({ sync: "all" }), "alone");
    bot.turns(journal, 3);
    await client.connect();
    back.alone("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    back.run(["SELECT pg_reload_conf()"]);
    const ending = client.query(END_WAITER);
    // until the server has read it, commits are told as before
    const error = refusal(() => {
      while (journal.position < 100_000) bot.turn(journal);
    });
    assert.deepEqual([error.code, error.facts.disk], ["CANNOT_WRITE", "lost"]);
    await ending;
    const { position } = journal;
    assert.ok(
      opened(t, server.url).openReader("alone").position > position,
      "it is there to see, and was not believed",
    );
    assert.equal(
      refusal(() => bot.turn(journal)),
      error,
    );
  });

  test("DUR-55 DUR-62 who was asleep while another took over is fenced", async (t) => {
    const back = new BackDoor(server.url);
    t.after(() => back.close());
    const store = opened(t, server.url);
    const first = store.openJournal(bot.options(), "asleep");
    bot.turns(first, 4);
    first.writeSnapshot(bot.snapshotOf(first));
    first.close();
    const mine = "journal = (SELECT journal FROM meta WHERE name = 'asleep')";
    back.run([`UPDATE snapshot SET stateHash = 'x' WHERE ${mine}`]);
    // the journal is read, and not raised yet: it says that it skips the snapshot
    const warn = (): void => {
      back.run(
        [`UPDATE head SET epoch = 2 WHERE ${mine}`],
        ["UPDATE meta SET epoch = 2, sum = $1 WHERE name = 'asleep'", metaSum({ ...first.meta, epoch: 2 })],
      );
    };
    assert.equal(refusal(() => store.openJournal({ ...bot.options(), warn }, "asleep")).code, "FENCED");
    assert.equal(store.openReader("asleep").meta.epoch, 2, "nothing was changed");
  });
}
