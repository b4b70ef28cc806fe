// Simulation seed 36: a settlement while the bot was down was never booked, and one that came after a later one was
// refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, INSTRUMENT } from "../../src/engine/probe.fixture.ts";
import { lots, milliTicks, money } from "../../src/market/amounts.ts";
import { balanceOf } from "../../src/trading/ledger.ts";

const settled = (settledAtMs: number) =>
  ({
    kind: "funding-settled",
    symbol: INSTRUMENT.symbol,
    settledAtMs,
    ratePpt: 100_000_000,
    mark: milliTicks(300_000_000),
    positionLots: lots(10),
    amount: money(-(10n ** 15n)),
  }) as const;

test("BT-20 DUR-71 settlements told late, twice or out of order are booked once each", () => {
  const bot = new Bench().running();
  for (const atMs of [2_000, 1_000, 2_000, 1_000]) bot.feed(settled(atMs));
  assert.equal(balanceOf(bot.state.ledger, "cash", "USDT"), -2n * 10n ** 15n);
});
