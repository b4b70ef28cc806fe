// Found by reading: a kill that was to close the position gave its report while an order was still unknown. The order
// had been filled; its lots came after the report, and nobody closed them or said a word.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { Bench, book, fillOf, orderSeen } from "../../src/engine/probe.fixture.ts";
import { provenPosition } from "../../src/engine/unbooked.ts";
import { ticks } from "../../src/market/amounts.ts";

/** Killed, with its buy still unknown when the report was given. */
function killed(flatten: boolean): Bench {
  const bot = new Bench().running();
  const [buy, sell] = bot.placed();
  const unknown = { kind: "outcome", of: "place", result: "unknown", exchangeOrderId: null, reason: null } as const;
  bot.feed({ ...unknown, clientOrderId: present(buy, "the buy"), text: "" });
  bot.feed({ kind: "command", command: { name: "kill", flatten }, by: "me", reason: "enough" });
  bot.feed(orderSeen(bot.state, present(sell, "the sell"), { status: "canceled", cumulative: 0 }));
  pass(bot, 120);
  assert.deepEqual([bot.state.kill.phase, bot.alerts().at(-1)], ["killed", "kill-failed"]);
  const id = present(buy, "the buy");
  bot.feed(orderSeen(bot.state, id, { status: "filled", cumulative: 10 }));
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 10 }));
  return bot;
}

function pass(bot: Bench, seconds: number): void {
  for (let n = 0; n < seconds; n += 1) {
    bot.atMs += 1_000;
    bot.feed(book(300_000));
  }
}

test("RISK-22 lots that turn up after the report of a kill are closed like those before it, and reported", () => {
  const bot = killed(true);
  assert.equal(provenPosition(bot.state), 10);
  const slice = present(
    bot.effects.findLast((effect) => effect.kind === "place"),
    "the slice",
  );
  assert.ok(slice.kind === "place");
  assert.deepEqual([slice.order.side, slice.order.quantity, slice.order.reduceOnly], ["sell", 10, true]);
  const sold = fillOf(bot.state, slice.clientOrderId, { tradeId: "2", quantity: 10 });
  bot.feed({ ...sold, price: ticks(299_999) } as typeof sold);
  pass(bot, 90);
  assert.equal(provenPosition(bot.state), 0);
  const reports = bot.alerts().filter((code) => code.startsWith("kill-"));
  assert.equal(reports.length, 2, reports.join(" "));
});

test("RISK-22 a kill that was not to close anything keeps what turns up later", () => {
  const bot = killed(false);
  pass(bot, 30);
  assert.equal(provenPosition(bot.state), 10);
  assert.equal(bot.placed().length, 2);
});
