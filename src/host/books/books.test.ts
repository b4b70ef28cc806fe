// Many books of one account: they follow their bots through runs, and tie to the exchange's wallet to the last unit.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ETH } from "../../../test/grid/bench.ts";
import { GridLife } from "../../../test/life/grid-life.ts";
import { SmallLife, units } from "../../../test/regression/small-life.ts";
import { JOURNAL_FILE, openJournalReader } from "../../journal/reader.ts";
import type { Instrument } from "../../market/instrument.ts";
import { Books } from "./books.ts";

const SPOT: Instrument = {
  ...ETH,
  symbol: "ETH/USDT",
  kind: "spot",
  feeIn: "received",
  makerPpm: 1000,
  takerPpm: 1000,
  fundingIntervalMs: 0,
  maintenancePpm: 0,
};

test("API-24 books tie to the exchange's wallet: the difference is 0, a transfer shows as how much", async () => {
  const dir = mkdtempSync(join(tmpdir(), "books-"));
  const life = new GridLife(dir, "tie-1", { faults: {}, seconds: 900 });
  const books = new Books({
    bots: () => {
      const { process } = life;
      const run = { host: process?.host ?? null, journal: process?.journal ?? null };
      const stored = { hasJournal: existsSync(join(dir, JOURNAL_FILE)), openReader: () => openJournalReader(dir) };
      return [{ id: "grid", ...stored, state: process?.host.state ?? null, ...run }];
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
    assert.equal(books.of("grid"), book, "books that are whole go on where they ended");
    const { seq } = book;
    life.run(20_000);
    assert.ok(book.seq > seq);
    assert.deepEqual(book.ledger, life.process?.host.state.ledger);
  } finally {
    books.close();
    life.kill();
    rmSync(dir, { recursive: true, force: true });
  }
});

test("API-24 RISK-34 a spot wallet ties too: coins adopted cost it nothing, fees are taken in coins", async () => {
  const balances = new Map([
    ["USDT", units(10_000)],
    ["ETH", units(0.055)],
  ]);
  const moves = [297_900, 300_100, 302_200, 299_900];
  const steps = [{ ms: 0, mid: 300_000 }, ...moves.map((mid, i) => ({ ms: 20_000 + i * 20_000, mid }))];
  const life = new SmallLife({ instrument: SPOT, balances, steps });
  const process = life.start({
    grid: {
      interval: "20.00",
      orderQuote: "30",
      anchor: "3000.00",
      entryLevels: 3,
      exitLevels: 3,
      windowSlack: 2,
      adoptPosition: "market",
    },
  });
  const journal = openJournalReader(life.dir);
  const { host } = process;
  const books = new Books({
    bots: () => [{ id: "small", hasJournal: true, openReader: () => journal, state: host.state, host, journal }],
    onFailed: (_bot, error) => assert.fail(String(error)),
  });
  try {
    books.refresh();
    await books.ready();
    life.run(170_000);
    const book = books.of("small");
    assert.ok(book !== null && book.ledger.fills > 1, `${book?.ledger.fills} fills`);
    assert.ok([...book.money.rows].some(({ entry }) => entry.cause === "adoption"));
    assert.deepEqual(books.tie([book]).difference, 0n);
    assert.ok(book.money.totals.fees > 0n);
  } finally {
    books.close();
    journal.close();
    life.close();
  }
});
