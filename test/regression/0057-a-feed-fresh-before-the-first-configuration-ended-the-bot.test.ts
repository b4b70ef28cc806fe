// The clock jumped, or the connector came back, when the first run had begun and the exchange had not named the
// instrument yet: the order feed was fresh again and asked for a read of an instrument nobody knew. The step threw, and
// so did every replay of that event, so the bot never started again. Found by seed 114051 of the simulation.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, book, CONFIGURED, INSTRUMENT, START_FACTS, STARTED } from "../../src/engine/probe.fixture.ts";
import { lots, money } from "../../src/market/amounts.ts";

const { symbol } = INSTRUMENT;
const CASH = money(10n ** 22n);

test("TEST-P11 RISK-20 feeds that go stale and fresh again before the first configuration end no bot", () => {
  const bot = new Bench();
  bot.feed(STARTED);
  for (const feed of ["book", "orders", "account"] as const) bot.feed({ kind: "feed", feed, state: "stale" });
  bot.feed({ kind: "account", equity: CASH, quoteAvailable: CASH, maintenanceMargin: money(0n) });
  bot.feed({ kind: "exchange-state", symbol, askedAtSeq: 3, openOrders: [], positionLots: lots(0) });
  for (const feed of ["book", "orders", "account"] as const) bot.feed({ kind: "feed", feed, state: "fresh" });
  const reads = (): number => bot.effects.filter(({ kind }) => kind === "reconcile").length;
  assert.equal(reads(), 0);
  bot.feed(CONFIGURED);
  bot.feed(START_FACTS);
  bot.feed({ kind: "recovered" });
  bot.feed(book(300_000));
  assert.equal(bot.state.phase, "running");
  assert.deepEqual([...bot.state.blocks.keys()], []);
  // from now on it is read at once, as ever
  bot.feed({ kind: "feed", feed: "orders", state: "stale" });
  bot.feed({ kind: "feed", feed: "orders", state: "fresh" });
  assert.equal(reads(), 1);
});
