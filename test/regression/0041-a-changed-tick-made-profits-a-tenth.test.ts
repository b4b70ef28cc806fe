// Found by reading: an exchange made its tick or lot ten times finer, and connector and bots were restarted as decision
// 0033 says. What the ledger keeps in ticks and lots was read in the new ones: a profit of before became a tenth, which
// the account's drawdown took for a loss and closed every bot; limits in lots became ten times too tight, or too loose.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { Bench, book, CONFIGURED, fillOf, INSTRUMENT } from "../../src/engine/probe.fixture.ts";
import { regrid } from "../../src/engine/regrid.ts";
import { profitOf } from "../../src/engine/view.ts";
import { figuresOf } from "../../src/host/account/figures.ts";
import { lots } from "../../src/market/amounts.ts";
import type { Instrument } from "../../src/market/instrument.ts";

/** Bought 10, sold 4 of them twenty ticks higher. */
function earned(): Bench {
  const bot = new Bench().running();
  const [buy, sell] = bot.placed();
  bot.feed(fillOf(bot.state, present(buy, "the buy"), { tradeId: "1", quantity: 10 }));
  bot.feed(fillOf(bot.state, present(sell, "the sell"), { tradeId: "2", quantity: 4 }));
  return bot;
}

const FINER: readonly (readonly [what: string, grid: Partial<Instrument>, scale: number])[] = [
  ["the tick", { tickSize: "0.001" }, 1],
  ["the lot", { lotSize: "0.0001" }, 10],
  ["both", { tickSize: "0.001", lotSize: "0.0001" }, 10],
];

for (const [what, grid, scale] of FINER) {
  test(`EXCH-29 a finer grid (${what}) changes no money, and the way back changes nothing at all`, () => {
    const bot = earned();
    const finer = { ...INSTRUMENT, ...grid };
    const before = structuredClone({ ledger: bot.state.ledger, orders: bot.state.orders, ended: bot.state.ended });
    const profit = present(profitOf(bot.state), "the profit");
    const told = figuresOf("probe", bot.state);
    bot.feed({ kind: "instrument", instrument: finer });
    const ticksFiner = grid.tickSize === undefined ? 1 : 10;
    bot.feed(book(300_000 * ticksFiner));
    const after = present(profitOf(bot.state), "the profit");
    assert.equal(after.realised, profit.realised);
    assert.equal(after.net, profit.net);
    assert.equal(figuresOf("probe", bot.state).profit, told.profit);
    assert.equal(bot.state.ledger.position, 6 * scale);
    assert.deepEqual([...bot.state.breakers], []);
    regrid(bot.state, finer, INSTRUMENT);
    const { ledger, ended } = bot.state;
    const orders = new Map([...bot.state.orders].filter(([id]) => before.orders.has(id)));
    assert.deepEqual({ ledger, orders, ended }, before);
  });
}

test("EXCH-29 limits in lots are the same quantities on another grid, also those an operator tightened", () => {
  const bot = earned();
  const { limits } = bot.state;
  const tightened = { ...present(limits, "the limits"), positionQuantityMax: lots(50) };
  bot.state.limits = tightened;
  bot.feed({ ...CONFIGURED, instrument: { ...INSTRUMENT, lotSize: "0.01" } } as typeof CONFIGURED);
  assert.equal(bot.state.limits?.positionQuantityMax, 5);
  bot.feed({ kind: "instrument", instrument: INSTRUMENT });
  assert.equal(bot.state.limits?.positionQuantityMax, 50);
});

test("EXCH-29 a coarser lot cuts what is no whole one, and a flat position costs nothing", () => {
  const bot = earned();
  bot.feed({ ...CONFIGURED, instrument: { ...INSTRUMENT, lotSize: "0.01" } } as typeof CONFIGURED);
  assert.deepEqual([bot.state.ledger.position, bot.state.ledger.cost], [0, 0n]);
});
