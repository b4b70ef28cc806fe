// Who may write a journal on Postgres, and until when (DUR-56): holders that are cut off, that die, that reconnect.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { PostgresJournal } from "../../src/journal/postgres/journal.ts";
import { PostgresStore } from "../../src/journal/postgres/store.ts";
import type { PostgresServer } from "../postgres.ts";
import { refusal } from "./journal.ts";
import { BackDoor } from "./journal-postgres.ts";
import * as bot from "./journal-turns.ts";
import { openWire } from "./postgres-wire.ts";

const CHILD = join(import.meta.dirname, "journal-postgres-child.ts");
/** Life of a lease where a test waits for its end: long enough that a busy machine renews it. */
export const SHORT_MS = 2_000;

export function opened(t: TestContext, url: string, leaseMs = 15_000): PostgresStore {
  const store = new PostgresStore({ url, leaseMs, name: t.name.slice(0, 30), answerMs: 3_000 });
  t.after(() => store.abandon());
  return store;
}

export function leases(server: PostgresServer): void {
  test("TEST-10 DUR-56 a holder that is cut off may send no more before another takes over", async (t) => {
    const wire = await openWire(server.url);
    t.after(() => wire.close());
    const holder = opened(t, wire.url, SHORT_MS).openJournal(bot.options(), "cut-off");
    const taker = opened(t, server.url, SHORT_MS);
    bot.turn(holder);
    assert.equal(holder.holds(), true);
    wire.set("silent");
    const other = bot.options({ holder: { host: "there", pid: 1, sinceMs: 0 } });
    const next = await taken(() => {
      const journal = taker.openJournal(other, "cut-off");
      assert.equal(holder.holds(), false, "it stopped before");
      return journal;
    });
    assert.equal(next.meta.epoch, 2);
    wire.set("pass");
    assert.equal(refusal(() => bot.turn(holder)).exitCode === 8 || holder.holds() === false, true);
    assert.equal(next.position, 2);
    bot.turn(next);
    assert.equal(next.verify(0), 4);
  });

  test("TEST-10 DUR-56 a lost connection does not lose the lease: the lock is taken again in time", async (t) => {
    const back = new BackDoor(server.url);
    t.after(() => back.close());
    const store = new PostgresStore({ url: server.url, name: "renewing", leaseMs: SHORT_MS });
    t.after(() => store.abandon());
    const journal = store.openJournal(bot.options(), "renewing");
    const locks =
      "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) " +
      "WHERE locktype = 'advisory' AND application_name = $1";
    const held = (): unknown => back.run([locks, "renewing lease"])[0]?.[0]?.[0];
    assert.equal(held(), 1);
    back.run(["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", "renewing lease"]);
    while (held() !== 0);
    while (held() !== 1) await wait(5);
    assert.equal(journal.holds(), true);
    bot.turn(journal);
    const error = refusal(() => opened(t, server.url, SHORT_MS).openJournal(bot.options(), "renewing"));
    assert.deepEqual([error.code, error.facts.freeInMs], ["LOCK_HELD", undefined]);
  });

  test("DUR-56 all leases of a process end together: who waited for the registry's has waited for every bot's", (t) => {
    const store = new PostgresStore({ url: server.url, schema: "together" });
    const back = new BackDoor(server.url, "together");
    t.after(async () => {
      back.close();
      await store.abandon();
    });
    store.openRegistry({ host: "h", pid: 1, sinceMs: 0 });
    for (const name of ["a", "b"]) {
      store.openJournal(bot.options(), name);
      const last = back.run(["SELECT name FROM lease ORDER BY expiresAt DESC, name = 'registry' DESC LIMIT 1"]);
      const spread = back.run(["SELECT max(expiresAt) - min(expiresAt) < interval '50 ms' FROM lease"]);
      assert.equal(spread[0]?.[0]?.[0], true, `the last to end is ${String(last[0]?.[0]?.[0])}`);
    }
  });

  test("TEST-10 DUR-56 clocks of the hosts do not matter: years ahead or behind, leases end alike", async (t) => {
    for (const sinceMs of [0, 4_000_000_000_000]) {
      const name = `skew-${sinceMs}`;
      const store = opened(t, server.url, SHORT_MS);
      store.openJournal(bot.options({ holder: { host: "alpha", pid: 1, sinceMs } }), name);
      const other = opened(t, server.url, SHORT_MS);
      assert.equal(refusal(() => other.openJournal(bot.options(), name)).facts.freeInMs, undefined);
      await store.abandon();
      const { freeInMs = 0 } = await gone(() => other.openJournal(bot.options(), name));
      assert.ok(freeInMs > 0 && freeInMs <= SHORT_MS * 1.2, String(freeInMs));
    }
  });
}

/** Tries until the lease has ended; errors other than LOCK_HELD are thrown. */
export async function taken<T>(open: () => T): Promise<T> {
  for (;;) {
    try {
      return open();
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "LOCK_HELD")) throw error;
      await wait(10);
    }
  }
}

/** Facts of the first refusal that says when the lease ends: the server has noticed that its holder is gone. */
async function gone(open: () => PostgresJournal): Promise<{ readonly freeInMs?: number }> {
  for (;;) {
    const { facts } = refusal(open);
    if (facts.freeInMs !== undefined) return facts;
    await wait(5);
  }
}

export function processes(server: PostgresServer): void {
  const started = (t: TestContext, ...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [CHILD, server.url, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => child.kill("SIGKILL"));
    return child;
  };

  test("TEST-10 DUR-56 a process killed as it writes loses nothing; the next of its host takes over", async (t) => {
    const child = started(t, "killed", "15000", "write");
    let said = 0;
    for await (const line of createInterface({ input: child.stdout ?? assert.fail() })) {
      said = Number.parseInt(line, 10);
      if (said > 40) child.kill("SIGKILL");
    }
    const store = opened(t, server.url);
    const holder = { host: "here", pid: process.pid, sinceMs: Date.now() };
    const journal = await taken(() => store.openJournal(bot.options({ holder }), "killed"));
    assert.ok(journal.position >= said, `${journal.position} records, ${said} were said to be written`);
    assert.equal(journal.verify(0), journal.position);
    assert.equal(journal.meta.epoch, 2);
  });

  test("DUR-55 DUR-56 a process asleep past its lease is taken over, and wakes to write nothing", async (t) => {
    const args = [CHILD, server.url, "asleep", String(SHORT_MS), "write"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    t.after(() => child.kill("SIGKILL"));
    const ended = once(child, "close");
    let [said, failed] = ["", ""];
    child.stdout.on("data", (bytes: Buffer) => {
      said += bytes.toString();
    });
    child.stderr.on("data", (bytes: Buffer) => {
      failed += bytes.toString();
    });
    while (said.split("\n").length < 10) await wait(5);
    child.kill("SIGSTOP"); // its connections stay open: the kernel answers for it
    const elsewhere = bot.options({ holder: { host: "there", pid: 1, sinceMs: 0 } });
    const store = opened(t, server.url, SHORT_MS);
    const journal = await taken(() => store.openJournal(elsewhere, "asleep"));
    bot.turns(journal, 2);
    const { position } = journal;
    child.kill("SIGCONT");
    assert.deepEqual(await ended, [1, null], "refused, it ended by itself");
    assert.match(failed, /FENCED|the lease was not renewed/);
    assert.deepEqual([journal.verify(0), journal.meta.epoch], [position, 2]);
    bot.turn(journal);
  });

  test("TEST-10 DUR-56 a kill at lease.before-renew leaves the lease as it was: it ends, and is taken", async (t) => {
    const child = started(t, "before-renew", String(SHORT_MS), "die");
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    assert.equal(signal, "SIGKILL");
    const elsewhere = bot.options({ holder: { host: "there", pid: 1, sinceMs: 0 } });
    const store = opened(t, server.url, SHORT_MS);
    const journal = await taken(() => store.openJournal(elsewhere, "before-renew"));
    assert.equal(journal.meta.epoch, 2);
  });
}
