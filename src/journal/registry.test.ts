// The registry of bots: what is decided is on the disk before it is acted on, whole, in order, and for good.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { JournalError } from "./errors.ts";
import { openRegistry, REGISTRY_FILE, REGISTRY_FOLDER, type Registry, readRegistry, type Stamp } from "./registry.ts";

const HOLDER = { host: "here", pid: 1, sinceMs: 0 };
const ANN: Stamp = { by: "ann", reason: "trial", requestId: "r1", address: "127.0.0.1", atMs: 1_000 };

const bot = (id: string, change: { tag?: string; config?: string } = {}) => ({
  id,
  tag: change.tag ?? `${id}000000`.slice(0, 6),
  strategy: "grid",
  instruments: ["BTC/USDT:USDT"],
  config: change.config ?? "grid: {}",
});

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function taken(result: ReturnType<Registry["create"]>) {
  assert.ok(result.ok, result.ok ? "" : result.error.text);
  return result.value;
}

function refusal(result: ReturnType<Registry["create"]>): string {
  assert.ok(!result.ok);
  return `${result.error.code}: ${result.error.text}`;
}

test("OPS-18 what was decided about a bot is there after the process is gone, with who, when and why", (t) => {
  const folder = folderOf(t);
  const first = openRegistry(folder, HOLDER);
  taken(first.create(bot("btc"), "create", ANN));
  taken(first.want("btc", { act: "start", wanted: "running" }, { ...ANN, by: "bob" }));
  taken(first.update(bot("btc", { config: "grid: {levels: 3}" }), 1, { ...ANN, reason: "wider" }));
  taken(first.want("btc", { act: "pause", wanted: "paused", pause: { cancelEntries: true, leg: "L" } }, ANN));
  first.close();

  const second = openRegistry(folder, HOLDER);
  t.after(() => second.close());
  const [found] = second.bots();
  assert.deepEqual(found, {
    ...bot("btc", { config: "grid: {levels: 3}" }),
    ...ANN,
    change: 4,
    act: "pause",
    revision: 2,
    wanted: "paused",
    pause: { cancelEntries: true, leg: "L" },
  });
  const told = second.history("btc").map(({ act, by, reason, revision }) => `${act} ${by} ${reason} ${revision}`);
  assert.deepEqual(told, ["create ann trial 1", "start bob trial 1", "update ann wider 2", "pause ann trial 2"]);
  assert.deepEqual(readRegistry(folder), second.history());
});

test("OPS-18 a file seeds an id once: later differences are never merged silently", (t) => {
  const registry = openRegistry(folderOf(t), HOLDER);
  t.after(() => registry.close());
  assert.equal(taken(registry.create(bot("btc"), "seed", ANN)).wanted, "running");
  assert.match(refusal(registry.create(bot("btc", { config: "other" }), "seed", ANN)), /^EXISTS/);
  assert.equal(registry.get("btc")?.config, "grid: {}");
  taken(registry.want("btc", { act: "delete", wanted: "deleted" }, ANN));
  assert.match(refusal(registry.create(bot("btc"), "seed", ANN)), /^EXISTS/, "a deleted bot is not seeded again");
  assert.deepEqual(registry.bots(), []);
  assert.equal(taken(registry.create(bot("btc"), "create", ANN)).revision, 2);
});

test("OPS-09 a stale revision is refused and changes nothing", (t) => {
  const registry = openRegistry(folderOf(t), HOLDER);
  t.after(() => registry.close());
  taken(registry.create(bot("btc"), "create", ANN));
  taken(registry.update(bot("btc", { config: "a" }), 1, ANN));
  assert.match(refusal(registry.update(bot("btc", { config: "b" }), 1, ANN)), /^STALE_REVISION: btc is at revision 2/);
  assert.match(refusal(registry.update(bot("eth"), 1, ANN)), /^UNKNOWN_BOT/);
  assert.equal(registry.history().length, 2);
});

test("DUR-41 tags are unique per account, those of deleted bots too", (t) => {
  const registry = openRegistry(folderOf(t), HOLDER);
  t.after(() => registry.close());
  taken(registry.create(bot("btc", { tag: "aaaaaa" }), "create", ANN));
  taken(registry.want("btc", { act: "delete", wanted: "deleted" }, ANN));
  assert.match(refusal(registry.create(bot("eth", { tag: "aaaaaa" }), "create", ANN)), /^TAG_TAKEN/);
});

test("OPS-20 a second owner is told who holds the registry", (t) => {
  const folder = folderOf(t);
  const registry = openRegistry(folder, { host: "there", pid: 77, sinceMs: 0 });
  t.after(() => registry.close());
  const isHeld = (error: unknown): boolean =>
    error instanceof JournalError && error.code === "LOCK_HELD" && error.message.includes("process 77 on there");
  assert.throws(() => openRegistry(folder, HOLDER), isHeld);
});

test("OPS-18 the history is append-only: the table refuses changes, and a changed file is noticed", (t) => {
  const folder = folderOf(t);
  const registry = openRegistry(folder, HOLDER);
  taken(registry.create(bot("btc"), "create", ANN));
  taken(registry.want("btc", { act: "start", wanted: "running" }, ANN));
  registry.close();
  const db = new DatabaseSync(join(folder, REGISTRY_FOLDER, REGISTRY_FILE));
  assert.throws(() => db.exec("UPDATE change SET config = 'x'"), /a change is final/);
  assert.throws(() => db.exec("DELETE FROM change"), /a change stays/);
  db.exec("DROP TRIGGER changeIsFinal; UPDATE change SET reason = 'another' WHERE change = 1");
  db.close();
  const said = /^JOURNAL_CORRUPT: the registry of bots is damaged: .*row 1 of .* move it away/;
  assert.throws(() => openRegistry(folder, HOLDER), { code: "JOURNAL_CORRUPT", exitCode: 6, message: said });
});

test("DUR-22 a registry that is no database names what puts a registry right, not what puts a journal right", (t) => {
  const folder = folderOf(t);
  openRegistry(folder, HOLDER).close();
  for (const end of ["", "-wal", "-shm"])
    rmSync(join(folder, REGISTRY_FOLDER, `${REGISTRY_FILE}${end}`), { force: true });
  writeFileSync(join(folder, REGISTRY_FOLDER, REGISTRY_FILE), "this is no database at all\n".repeat(400));
  const damaged = caught(() => openRegistry(folder, HOLDER));
  assert.match(damaged.message, /registry\.db is no registry of ours\..*opensqt bot add FILE/);
  assert.doesNotMatch(damaged.message, /salvage|adopt/);
});

function caught(work: () => unknown): JournalError {
  try {
    work();
  } catch (error) {
    if (error instanceof JournalError) return error;
    throw error;
  }
  return assert.fail("it was not refused");
}
