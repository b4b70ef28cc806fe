// A disk that is really full under a bot (DUR-61): the reserve makes room, the stop is recorded, nothing stays open.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fillDisk, mountSmallDisk } from "../../test/contract/journal-sqlite.ts";
import { openJournalReader } from "../journal/reader.ts";
import { releaseReserve } from "../journal/reserve.ts";
import { openSqliteJournal } from "../journal/sqlite-open.ts";
import { TAG, World } from "./bench.fixture.ts";

test("DUR-61 DUR-60 a bot on a disk that fills up records its stop, cancels by policy, and ends with 13", (t) => {
  const disk = mountSmallDisk(8 * 1024 * 1024);
  if (typeof disk === "string") {
    t.skip(disk);
    return;
  }
  t.after(disk.unmount);
  const dir = join(disk.dir, "bot");
  const world = new World();
  const holder = { host: "test", pid: process.pid, sinceMs: 0 };
  const options = { bot: "probe", tag: TAG, sync: "send", holder, reserveBytes: 2 * 1024 * 1024 } as const;
  const bot = world.running({
    journal: openSqliteJournal(dir, { ...options, warn: () => undefined }),
    freeReserve: () => releaseReserve(join(dir, "reserve")),
  });
  assert.equal(world.village.open().length, 2);
  const makeRoom = fillDisk(disk.dir);
  for (let n = 0; n < 200 && bot.end === null; n += 1) {
    world.village.book(300_000 + n);
    world.run(200);
  }
  assert.deepEqual([bot.end?.code, bot.end?.exitCode, bot.end?.ordersLeft], ["CANNOT_WRITE", 13, []]);
  assert.equal(world.village.open().length, 0);
  makeRoom();
  const reader = openJournalReader(dir);
  t.after(() => reader.close());
  const records = [...reader.records(0)];
  assert.ok(records.some(({ kind, body }) => kind === "stop-requested" && body.includes("disk full")));
  assert.equal(new Set(records.filter(({ kind }) => kind === "cancel").map((r) => r.clientOrderId)).size, 2);
  assert.equal(records.at(-1)?.type, "seal");
  assert.equal(reader.verify(0), reader.position);
});

test("DUR-61 a snapshot that has no room is no half of a turn: the stop it causes is recorded", () => {
  const world = new World();
  let full = false;
  const freeReserve = (): boolean => {
    const had = full;
    full = false;
    return had;
  };
  const bot = world.running({ freeReserve, snapshots: { events: 30, ms: 1_000_000 } });
  assert.equal(world.village.open().length, 2);
  full = true;
  world.disk.fault = (write) => (full && write === "snapshot" ? "full" : null);
  for (let n = 0; n < 60 && bot.end === null; n += 1) {
    world.village.book(300_000 + n);
    world.run(200);
  }
  assert.deepEqual([bot.end?.code, bot.end?.exitCode, world.village.open().length], ["CANNOT_WRITE", 13, 0]);
  const records = [...(bot.journal?.records(0) ?? [])];
  assert.ok(records.some(({ kind }) => kind === "stop-requested"));
  assert.equal(records.at(-1)?.type, "seal");
});
