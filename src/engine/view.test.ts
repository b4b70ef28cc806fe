// What screens ask of a state: the strategy's picture, the profit at the mark in use; nothing before there is one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, milliTicks } from "../market/amounts.ts";
import { holding } from "./evidence.fixture.ts";
import { Bench, MARK, probe } from "./probe.fixture.ts";
import { addStrategy } from "./strategies.ts";
import { markOf, profitOf, strategyView } from "./view.ts";

const USDT = 10n ** 18n;

addStrategy({
  ...probe,
  name: "mirror",
  view: (config: unknown, { position, instrument }, state: unknown) => ({
    phase: `${String(config)} of ${String(state)} holds ${position} ${instrument.base}`,
    reference: null,
    gates: [],
    ladder: [],
  }),
});

test("LIVE-01 the strategy shows itself from its own configuration, its own state and what the bot holds", () => {
  const { state } = holding(3);
  assert.ok(state.config !== null);
  const shown = { ...state, config: { ...state.config, strategy: "mirror", strategyConfig: "cloud" }, strategy: "sky" };
  assert.equal(strategyView(shown)?.phase, "cloud of sky holds 3 ETH");
  for (const missing of ["config", "instrument", "limits", "strategy"] as const)
    assert.equal(strategyView({ ...shown, [missing]: null }), null, missing);
});

test("LIVE-01 profit is what the ledger says at the mark in use, and nothing before there is an instrument", () => {
  assert.equal(profitOf(new Bench().state), null);
  const bot = holding(10);
  bot.feed({ ...MARK, mark: milliTicks(301_000_000) } as typeof MARK);
  // 0.010 ETH bought at 3,000.00 and worth 3,010.00
  assert.equal(profitOf(bot.state)?.unrealised, USDT / 10n);
  bot.state.ledger.position = lots(0);
  bot.state.ledger.cost = 0n;
  assert.equal(profitOf(bot.state)?.unrealised, 0n);
});

test("RISK-06 the mark in use is the exchange's while it is fresh, then the middle of the book", () => {
  const bot = holding(1);
  assert.equal(markOf(bot.state), 300_000_000);
  bot.feed({ ...MARK, mark: milliTicks(301_000_000) } as typeof MARK);
  assert.equal(markOf(bot.state), 301_000_000);
  bot.state.nowMs += 10_000;
  assert.equal(markOf(bot.state), 300_000_000);
});
