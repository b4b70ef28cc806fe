// Simulation seed 13: the word "filled" came, its fills were lost on the way; until they were read back the order
// counted neither as live nor as position, and the grid opened past its limit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { Bench, fillOf, orderSeen } from "../../src/engine/probe.fixture.ts";
import { provenPosition } from "../../src/engine/unbooked.ts";

test("RISK-07 DUR-35 lots that are proven executed count in every limit before their fill is booked, and once after", () => {
  const bot = new Bench().running();
  const id = present(bot.placed()[0], "the first order");
  bot.feed(orderSeen(bot.state, id, { status: "filled", cumulative: 10 }));
  assert.equal(bot.state.ledger.position, 0);
  assert.equal(provenPosition(bot.state), 10);
  bot.feed(fillOf(bot.state, id, { tradeId: "1", quantity: 10 }));
  assert.equal(bot.state.ledger.position, 10);
  assert.equal(provenPosition(bot.state), 10);
  assert.equal(bot.state.unbooked.size, 0);
});
