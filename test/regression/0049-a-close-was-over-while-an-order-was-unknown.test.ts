// Found by reading: a close of the position (a drawdown, a liquidation that came near, an operator's word) said "flat"
// while an order of the strategy was still unknown. Its fill came later, and its lots were left to the market.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { CLOSER_SLOT } from "../../src/engine/names.ts";
import { Bench, book, fillOf, orderSeen } from "../../src/engine/probe.fixture.ts";
import { provenPosition } from "../../src/engine/unbooked.ts";

function pass(bot: Bench, seconds: number): void {
  for (let n = 0; n < seconds; n += 1) {
    bot.atMs += 1_000;
    bot.feed(book(300_000));
  }
}

/** Told to close everything while its buy is unknown; its sell is gone. */
function closing(): { readonly bot: Bench; readonly buy: ReturnType<Bench["placed"]>[number] } {
  const bot = new Bench().running();
  const [first, second] = bot.placed();
  const [buy, sell] = [present(first, "the buy"), present(second, "the sell")];
  const unknown = { kind: "outcome", of: "place", result: "unknown", exchangeOrderId: null, reason: null } as const;
  bot.feed({ ...unknown, clientOrderId: buy, text: "" });
  const command = { name: "breakerOpen", breaker: "manual", action: "F" } as const;
  bot.feed({ kind: "command", command, by: "me", reason: "out" });
  bot.feed(orderSeen(bot.state, sell, { status: "canceled", cumulative: 0 }));
  pass(bot, 20);
  assert.equal(bot.alerts().includes("flat"), false);
  return { bot, buy };
}

test("RISK-36 lots an unknown order brings while the position is closed are closed too, before it is called flat", () => {
  const { bot, buy } = closing();
  bot.feed(orderSeen(bot.state, buy, { status: "filled", cumulative: 10 }));
  bot.feed(fillOf(bot.state, buy, { tradeId: "1", quantity: 10 }));
  pass(bot, 5);
  const slice = present(
    [...bot.state.orders.values()].find(({ order }) => order.slotKey === CLOSER_SLOT),
    "the slice",
  );
  assert.deepEqual([slice.order.side, slice.order.quantity], ["sell", 10]);
  bot.feed(fillOf(bot.state, slice.clientOrderId, { tradeId: "2", quantity: 10 }));
  pass(bot, 2);
  assert.equal(provenPosition(bot.state), 0);
  assert.equal(bot.alerts().filter((code) => code === "flat").length, 1);
  assert.equal(bot.state.closer, null);
});

test("RISK-36 the close is over when the unknown order is proved never to have been", () => {
  const { bot, buy } = closing();
  bot.feed({ kind: "absent", clientOrderId: buy, note: "not-found" });
  pass(bot, 2);
  assert.deepEqual([bot.state.closer, bot.alerts().at(-1)], [null, "flat"]);
});
