// Simulation seeds 7 and 18: an old copy of the journal was started; it cancelled the newer orders as orphans before
// the exchange was heard as witness that this journal has lost its end (DUR-25).

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, INSTRUMENT, START_FACTS, STARTED } from "../../src/engine/probe.fixture.ts";
import { lots, ticks } from "../../src/market/amounts.ts";
import { makeClientOrderId } from "../../src/trading/client-order-id.ts";

const stranger = makeClientOrderId({ tag: "probe0", lineage: 0, seq: 9_000, index: 0 });
const shown = {
  clientOrderId: stranger,
  exchangeOrderId: "x9",
  side: "buy",
  price: ticks(299_000),
  quantity: lots(10),
  cumulative: lots(0),
} as const;

test("DUR-25 DUR-48 an own order the journal does not know is cancelled when recovery is over, not before", () => {
  const bot = new Bench().running();
  bot.feed(STARTED);
  const read = { kind: "exchange-state", symbol: INSTRUMENT.symbol, openOrders: [shown] } as const;
  const during = bot.feed({ ...read, askedAtSeq: bot.state.seq, positionLots: lots(0) });
  const early = bot.feed({ kind: "timer", name: "engine.cancel", missed: 0 });
  assert.equal([...during, ...early].filter(({ kind }) => kind === "cancel").length, 0);
  assert.ok(bot.state.orders.has(stranger), "it counts in every limit all the same");
  bot.feed(START_FACTS);
  const after = bot.feed({ kind: "recovered" });
  assert.ok(after.some((effect) => effect.kind === "cancel" && effect.clientOrderId === stranger));
});
