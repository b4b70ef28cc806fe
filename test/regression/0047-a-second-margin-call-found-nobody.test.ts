// Found by reading: the margin breaker takes the position by halves until the account is safe, then stays open until
// a person closes it. When the margin ran short again before that, nothing was taken any more: the breaker was open
// already, and only its opening began the halves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { CLOSER_SLOT } from "../../src/engine/names.ts";
import { Bench, book, fillOf, orderSeen } from "../../src/engine/probe.fixture.ts";
import { money } from "../../src/market/amounts.ts";

const EQUITY = 10n ** 22n;

class Account extends Bench {
  private trades = 0;

  margin(bps: bigint): void {
    const maintenanceMargin = money((EQUITY * bps) / 10_000n);
    this.feed({ kind: "account", equity: money(EQUITY), quoteAvailable: money(0n), maintenanceMargin });
  }

  /** Cancels are confirmed, and slices of the closer filled, as they come. */
  pass(seconds: number): void {
    for (let n = 0; n < seconds; n += 1) {
      this.atMs += 1_000;
      this.feed(book(300_000));
      for (const { clientOrderId: id, order, cancelAsked } of this.state.orders.values()) {
        if (cancelAsked) this.feed(orderSeen(this.state, id, { status: "canceled", cumulative: 0 }));
        if (order.slotKey !== CLOSER_SLOT) continue;
        this.trades += 1;
        this.feed(fillOf(this.state, id, { tradeId: `closed ${this.trades}`, quantity: order.quantity }));
      }
    }
  }
}

test("RISK-18 a margin that runs short again is met by halves again, though the breaker is still open", () => {
  const bot = new Account().running();
  bot.feed(fillOf(bot.state, present(bot.placed()[0], "the buy"), { tradeId: "1", quantity: 10 }));
  bot.margin(9_000n);
  bot.pass(5);
  assert.equal(bot.state.ledger.position, 5);
  bot.margin(1_000n);
  bot.pass(30);
  assert.equal(bot.state.ledger.position, 5);
  assert.equal(bot.state.breakers.get("margin-ratio")?.phase, "open");
  bot.margin(9_000n);
  bot.pass(5);
  assert.equal(bot.state.ledger.position, 2);
  assert.equal(bot.alerts().filter((code) => code === "margin").length, 2);
  bot.margin(4_000n);
  bot.pass(15);
  assert.equal(bot.state.ledger.position, 1, "until the account is below the warning, not only below the trip");
});

test("RISK-18 a margin breaker that a person closed by force takes nothing more for the same shortage", () => {
  const bot = new Account().running();
  bot.feed(fillOf(bot.state, present(bot.placed()[0], "the buy"), { tradeId: "1", quantity: 10 }));
  bot.margin(9_000n);
  bot.pass(5);
  const command = { name: "breakerClose", breaker: "margin-ratio", force: true } as const;
  bot.feed({ kind: "command", command, by: "me", reason: "I know" });
  bot.margin(9_000n);
  bot.pass(30);
  assert.equal(bot.state.ledger.position, 5);
});
