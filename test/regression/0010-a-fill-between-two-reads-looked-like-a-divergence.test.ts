// Simulation seed 59: a fill executed between the read of fills and the read of the position opened the divergence
// breaker at once, and accepting it an hour later booked the same lots again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { Bench, fillOf, INSTRUMENT } from "../../src/engine/probe.fixture.ts";
import { lots } from "../../src/market/amounts.ts";

const read = { kind: "exchange-state", symbol: INSTRUMENT.symbol, openOrders: [] } as const;

test("RISK-31 RISK-33 a position read before its fill arrives is asked again, not judged", () => {
  const bot = new Bench().running();
  const id = present(bot.placed()[0], "the first order");
  const effects = bot.feed({ ...read, askedAtSeq: bot.state.seq, positionLots: lots(10) });
  assert.ok(effects.some(({ kind }) => kind === "reconcile"));
  assert.equal(bot.state.blocks.has("divergence"), false);
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 10 }));
  bot.feed({ ...read, askedAtSeq: bot.state.seq, positionLots: lots(10) });
  assert.equal(bot.state.blocks.has("divergence"), false);
  assert.equal(bot.state.ledger.position, 10);
});

test("RISK-33 a divergence that a late fill explained leaves nothing to accept", () => {
  const bot = new Bench().running();
  const id = present(bot.placed()[0], "the first order");
  for (let i = 0; i < 2; i += 1) bot.feed({ ...read, askedAtSeq: bot.state.seq, positionLots: lots(10) });
  assert.ok(bot.state.blocks.has("divergence"));
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 10 }));
  bot.feed({ ...read, askedAtSeq: bot.state.seq, positionLots: lots(10) });
  bot.feed({ kind: "command", command: { name: "reconcileAccept" }, by: "ann", reason: "seen" });
  assert.equal(bot.state.blocks.has("divergence"), false);
  assert.equal(bot.state.ledger.position, 10, "the lots are booked once");
});
