// A process that is killed between the two halves of a turn leaves events without what they caused. Its successor reads
// the journal for its books before the bot has recovered, and must not keep what it read then.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GridLife } from "../../../test/life/grid-life.ts";
import { setCrashPoint } from "../../base/crash-point.ts";
import { openJournalReader } from "../../journal/reader.ts";
import { Books } from "./books.ts";

/** Trades until a turn has a fill, and dies before anything that it caused is on the disk. */
function killedWithAFill(life: GridLife): void {
  let fill = false;
  setCrashPoint((name) => {
    if (name === "stream.fill-received") fill = true;
    if (fill && name === "turn.after-events-commit") throw new Error("killed");
  });
  try {
    life.start();
    assert.throws(() => life.run(400_000), /killed/);
  } finally {
    setCrashPoint(null);
    life.kill();
  }
}

test("API-24 DUR-52 a fill whose postings a killed process did not write is in the books of the next", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "half-turn-"));
  const life = new GridLife(dir, "half-turn", { faults: {}, seconds: 900 });
  const books = new Books({
    bots: () => {
      const { process } = life;
      const run = { host: process?.host ?? null, journal: process?.journal ?? null };
      const stored = { hasJournal: true, openReader: () => openJournalReader(dir) };
      return [{ id: "grid", ...stored, state: process?.host.state ?? null, ...run }];
    },
    onFailed: (_bot, error) => assert.fail(String(error)),
  });
  t.after(() => {
    books.close();
    life.kill();
    rmSync(dir, { recursive: true, force: true });
  });
  killedWithAFill(life);
  books.refresh();
  await books.ready();
  assert.equal(books.of("grid")?.ledger.fills, 0, "the bot waits for its instrument: nobody knows what the fill did");
  const { host } = life.start();
  books.refresh();
  await books.ready();
  life.run(5_000);
  const book = books.of("grid");
  assert.ok(book !== null && host.state.ledger.fills > 0);
  assert.deepEqual(book.ledger, host.state.ledger);
  for (const id of host.state.orders.keys()) assert.ok(book.orders.get(id) !== undefined, `${id} is in the books`);
});
