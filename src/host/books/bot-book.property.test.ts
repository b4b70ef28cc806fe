// The books of a bot that is killed again and again are, after each start, what they were before: the journal is all
// they need. And they are the engine's own figures, to the last unit.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GridLife } from "../../../test/life/grid-life.ts";
import { Prng } from "../../base/prng.ts";
import { profitOf } from "../../engine/view.ts";
import { openJournalReader } from "../../journal/reader.ts";
import { AlertRing } from "./alert-ring.ts";
import { BotBook } from "./bot-book.ts";
import { attachBook } from "./bot-book-attach.ts";
import { toldOfJournal } from "./told.ts";

async function bookOf(life: GridLife): Promise<BotBook> {
  const { process } = life;
  assert.ok(process !== null);
  const book = new BotBook("grid", new AlertRing());
  const attached = attachBook(book, process, {
    onChange: () => undefined,
    onFailed: (error) => assert.fail(String(error)),
  });
  await attached.ready;
  return book;
}

/** What a start finds. */
function fromJournal(dir: string): BotBook {
  const journal = openJournalReader(dir);
  try {
    const book = new BotBook("grid", new AlertRing());
    for (const each of toldOfJournal(journal, journal.seq)) book.fold(each);
    return book;
  } finally {
    journal.close();
  }
}

/** Everything a book answers with, as plain data. */
function told(book: BotBook): unknown {
  return {
    seq: book.seq,
    ledger: book.ledger,
    totals: book.money.totals,
    rows: [...book.money.rows],
    orders: book.orders.newestFirst(),
    samples: book.samples.all(),
    reconciliations: book.reconciliations.all(),
    account: book.account,
    startWallet: book.startWallet,
    mark: book.mark(),
    result: book.result(),
    times: [book.openedAtMs, book.movedAtMs, book.nowMs],
  };
}

for (const seed of ["books-1", "books-2", "books-3"]) {
  test(`API-24 a restart gives the same books, and they are the engine's own figures (seed ${seed})`, async () => {
    const dir = mkdtempSync(join(tmpdir(), "books-"));
    const random = new Prng(seed);
    try {
      const life = new GridLife(dir, seed, { faults: {}, seconds: 900 });
      life.start();
      let book = await bookOf(life);
      for (let i = 0; i < 4; i += 1) {
        life.run(20_000 + random.integer(0, 120_000));
        const { process } = life;
        assert.ok(process !== null && process.end === null);
        const { ledger, instrument } = process.host.state;
        assert.ok(instrument !== null);
        assert.deepEqual(book.ledger, ledger, "rebuilt from postings");
        const profit = profitOf(process.host.state);
        const { realised, unrealized } = book.result();
        assert.equal(realised + unrealized, profit?.net, "net at mark");
        for (const [id, order] of process.host.state.orders) assert.deepEqual(book.orders.get(id)?.order, order);
        const before = told(book);
        life.kill();
        assert.deepEqual(told(fromJournal(dir)), before);
        life.start();
        book = await bookOf(life);
      }
      assert.ok(book.money.rows.length > 5, "the life had fills");
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
}
