// Simulation seed 77: a list of open orders from a moment ago still showed a filled order; it was taken for an orphan,
// its booked fills were forgotten and its lots counted twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { Bench, fillOf, INSTRUMENT, orderSeen } from "../../src/engine/probe.fixture.ts";
import { provenPosition } from "../../src/engine/unbooked.ts";
import { lots } from "../../src/market/amounts.ts";

test("RISK-31 N-14 an order whose end the exchange told stays ended, whatever an older list shows", () => {
  const bot = new Bench().running();
  const id = present(bot.placed()[0], "the first order");
  const { order } = present(bot.state.orders.get(id), "the order");
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 10 }));
  bot.feed(orderSeen(bot.state, id, { status: "filled", cumulative: 10 }));
  const shown = { ...order, clientOrderId: id, exchangeOrderId: "x1", cumulative: lots(0) };
  const read = { kind: "exchange-state", symbol: INSTRUMENT.symbol, openOrders: [shown] } as const;
  const effects = bot.feed({ ...read, askedAtSeq: bot.state.seq, positionLots: lots(10) });
  assert.deepEqual(
    effects.filter((effect) => effect.kind === "cancel" && effect.clientOrderId === id),
    [],
  );
  assert.equal(bot.state.orders.has(id), false);
  assert.equal(provenPosition(bot.state), 10);
});
