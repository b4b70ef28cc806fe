// Many books of one account: they follow their bots through runs, and tie to the exchange's wallet to the last unit.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GridLife } from "../../../test/life/grid-life.ts";
import { Books } from "./books.ts";

test("API-24 books tie to the exchange's wallet: the difference is 0, a transfer shows as how much", async () => {
  const dir = mkdtempSync(join(tmpdir(), "books-"));
  const life = new GridLife(dir, "tie-1", { faults: {}, seconds: 900 });
  const books = new Books({
    bots: () => {
      const { process } = life;
      const run = { host: process?.host ?? null, journal: process?.journal ?? null };
      return [{ id: "grid", folder: dir, state: process?.host.state ?? null, ...run }];
    },
    onFailed: (_bot, error) => assert.fail(String(error)),
  });
  try {
    life.start();
    books.refresh();
    await books.ready();
    life.run(200_000);
    const book = books.of("grid");
    assert.ok(book !== null && book.money.rows.length > 5);
    assert.deepEqual(books.tie([book]).difference, 0n);
    assert.ok(books.tie([book]).tiedAtMs > 0);
    life.exchange.clearing.move(life.exchange.clearing.account("bot"), "insurance", "USDT", -7n);
    life.run(130_000);
    assert.deepEqual(books.tie([book]).difference, -7n);
    life.kill();
    books.refresh();
    assert.equal(books.of("grid"), book, "a run that is over leaves its books");
    life.start();
    books.refresh();
    await books.ready();
    assert.notEqual(books.of("grid"), book);
    assert.deepEqual(books.of("grid")?.money.totals, book.money.totals);
  } finally {
    books.close();
    life.kill();
    rmSync(dir, { recursive: true, force: true });
  }
});
