// Books beside a bot: they hear every turn, also those that come while the journal is read, and a mistake of theirs
// ends no bot.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { GridLife } from "../../../test/life/grid-life.ts";
import { openJournalReader } from "../../journal/reader.ts";
import { AlertRing } from "./alert-ring.ts";
import { BotBook } from "./bot-book.ts";
import { attachBook, readBook } from "./bot-book-attach.ts";

function lived(t: TestContext, seed: string, ms: number): GridLife {
  const dir = mkdtempSync(join(tmpdir(), "attach-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const life = new GridLife(dir, seed, { faults: {}, seconds: 900 });
  life.start();
  life.run(ms);
  return life;
}

const loudly = (error: unknown): void => assert.fail(String(error));

test("API-24 turns that come while the journal is being read are in the books, each once", async (t) => {
  const life = lived(t, "while-reading", 250_000);
  const { process } = life;
  assert.ok(process !== null && process.host.state.seq > 1_000);
  const book = new BotBook("grid", new AlertRing());
  const attached = attachBook(book, process, { onChange: () => undefined, onFailed: loudly });
  life.run(60_000);
  assert.equal(attached.stage(), "reading");
  assert.ok(book.seq < process.host.state.seq);
  await attached.ready;
  assert.equal(book.seq, process.host.state.seq);
  assert.deepEqual(book.ledger, process.host.state.ledger);
  attached.close();
  life.run(10_000);
  assert.ok(book.seq < process.host.state.seq, "closed books hear nothing more");
  life.kill();
});

test("RISK-19 a mistake of the books is told, and the bot trades on", async (t) => {
  const life = lived(t, "broken", 20_000);
  const { process } = life;
  assert.ok(process !== null);
  const failed: unknown[] = [];
  const book = new BotBook("grid", new AlertRing());
  const attached = attachBook(book, process, {
    onChange: () => {
      throw new Error("a bug of a listener");
    },
    onFailed: (error) => failed.push(error),
  });
  await attached.ready;
  const before = process.host.state.seq;
  life.run(20_000);
  assert.equal(attached.stage(), "failed");
  assert.equal(failed.length, 1);
  assert.equal(process.end, null);
  assert.ok(process.host.state.seq > before);
  attached.close();
  life.kill();
});

test("API-24 the books of a bot that does not run are read from its folder", async (t) => {
  const life = lived(t, "stopped", 100_000);
  const ledger = structuredClone(life.process?.host.state.ledger);
  life.kill();
  const book = new BotBook("grid", new AlertRing());
  const attached = readBook(book, () => openJournalReader(life.dir), loudly);
  await attached.ready;
  assert.equal(attached.stage(), "ready");
  assert.deepEqual(book.ledger, ledger);
  const failed: unknown[] = [];
  const nowhere = () => openJournalReader(join(life.dir, "none"));
  const missing = readBook(new BotBook("none", new AlertRing()), nowhere, (error) => failed.push(error));
  await missing.ready;
  assert.equal(missing.stage(), "failed");
  assert.equal(failed.length, 1);
});
