// The margin breaker takes the position by halves, each for a fresh reading of the account. A reading that came while
// a half was still under way counted as fresh for the next, so three quarters went for one shortage.

import assert from "node:assert/strict";
import { test } from "node:test";
import { benchWith, buy, newest, wait } from "../../src/engine/breakers.fixture.ts";
import { fillOf, orderSeen } from "../../src/engine/probe.fixture.ts";
import { money } from "../../src/market/amounts.ts";

const marginOf = (maintenance: number) =>
  ({
    kind: "account",
    equity: money(2_000n * 10n ** 18n),
    quoteAvailable: money(0n),
    maintenanceMargin: money(BigInt(maintenance) * 10n ** 18n),
  }) as const;

test("RISK-18 a reading from before a half was closed takes no second half", () => {
  const bot = benchWith();
  const target = (): number | null => bot.state.closer?.target ?? null;
  buy(bot);
  bot.feed(marginOf(1_000));
  assert.equal(target(), 5);
  wait(bot, 1_000);
  const slice = newest(bot);
  bot.feed(marginOf(1_000));
  wait(bot, 4_000);
  bot.feed(fillOf(bot.state, slice, { tradeId: "2", quantity: 5 }));
  bot.feed(orderSeen(bot.state, slice, { status: "filled", cumulative: 5 }));
  wait(bot, 1_000);
  assert.equal(target(), null);
  wait(bot, 6_000);
  assert.equal(target(), null, "the reading was of ten lots, and five are left");
  bot.feed(marginOf(800));
  assert.equal(target(), 2, "a fresh one counts");
});
