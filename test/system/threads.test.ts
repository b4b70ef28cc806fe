// `isolation: worker` on the real processes: bots in threads of their own are killed with their process and lose their
// connector, and afterwards journal and exchange agree order for order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { BotPhase } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { assertAgreement, exchangeFills } from "./agreement.ts";
import { System, until } from "./system.ts";

const GRID = [
  'mode: neutral, spacing: geometric, spacingBps: "5", orderQuote: "130"',
  "entryLevels: 5, exitLevels: 5, heldSlotsMax: 30, openOrdersMax: 40",
].join(", ");
const CONFIG = `
bots:
  - { id: btc-grid, strategy: grid, instrument: "BTC/USDT:USDT", cancelOnExit: all, grid: { ${GRID} } }
  - { id: eth-grid, strategy: grid, instrument: "ETH/USDT:USDT", cancelOnExit: all, grid: { ${GRID} } }
exchange: simulated
simulated: { market: synthetic, balance: "20000", seed: 7, speed: 5 }
`;
const BOTS = [
  { id: "btc-grid", symbol: "BTC/USDT:USDT" },
  { id: "eth-grid", symbol: "ETH/USDT:USDT" },
] as const;

/** What no bot leaves by itself: one that failed is not waited for. */
const ENDED: ReadonlySet<BotPhase> = new Set([BotPhase.STOPPED, BotPhase.FAILED, BotPhase.QUARANTINED]);

/** Every bot has orders out, and more fills than `from`. */
async function trading(system: System, from: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const fills: Record<string, number> = {};
  await until("every bot trades", async () => {
    for (const { id, symbol } of BOTS) {
      const { orders } = await system.exchange.getOpenOrders({ symbol });
      fills[id] = (await exchangeFills(system, symbol)).length;
      if (orders.length < 4 || fills[id] <= (from[id] ?? 0)) return false;
    }
    return true;
  });
  return fills;
}

test("OPS-17 OPS-14 DUR-52 bots in threads of their own: killed with their process, without their connector, stopped", {
  timeout: 280_000,
}, async () => {
  const system = await System.start({ config: CONFIG, marketMaker: "isolation: worker" });
  try {
    let fills = await trading(system, {});
    for (const name of ["marketMaker", "connector"] as const) {
      await system.killed(name);
      await system.ready();
      fills = await trading(system, fills);
    }
    for (const { id } of BOTS)
      await system.bots.stopBot({ botId: id, reason: "they are compared", cancelOnExit: "all" });
    await until("the bots have stopped", async () => {
      const { bots } = await system.bots.listBots({});
      if (bots.every(({ phase }) => ENDED.has(phase))) return true;
      throw new Error(inspect(bots, { depth: 3, breakLength: 200 }));
    });
    const { bots } = await system.bots.listBots({});
    const stopped = bots.every(({ phase }) => phase === BotPhase.STOPPED);
    assert.ok(stopped, inspect(bots, { depth: 3, breakLength: 200 }));
    for (const bot of BOTS) {
      const compared = await assertAgreement(system, bot);
      assert.ok(compared.fills > 0, bot.id);
    }
    const end = await system.stop();
    assert.equal(end.code, 0, `${end.out}${end.err}`);
  } finally {
    await system.close();
  }
});
