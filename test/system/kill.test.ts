// kill -9 of each process in turn, under load: the others go on, everything heals, and afterwards the journal and the
// exchange agree order for order (demand of the issue; OPS-14, DUR-01, API-22).

import assert from "node:assert/strict";
import { test } from "node:test";
import { BotPhase } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { opensqt } from "../cli/command-line.ts";
import { assertAgreement, exchangeFills } from "./agreement.ts";
import { type ProcessName, System, until } from "./system.ts";

/** Two bots on two instruments of one connection, close levels, a market twenty times as fast. */
const CONFIG = `
bots:
  - id: btc-grid
    strategy: grid
    instrument: "BTC/USDT:USDT"
    cancelOnExit: all
    grid: { mode: neutral, spacing: geometric, spacingBps: "5", orderQuote: "130", entryLevels: 5, exitLevels: 5, heldSlotsMax: 30, openOrdersMax: 40 }
  - id: eth-grid
    strategy: grid
    instrument: "ETH/USDT:USDT"
    cancelOnExit: all
    grid: { mode: neutral, spacing: geometric, spacingBps: "5", orderQuote: "130", entryLevels: 5, exitLevels: 5, heldSlotsMax: 30, openOrdersMax: 40 }
exchange: simulated
simulated:
  market: synthetic
  balance: "20000"
  seed: 7
  speed: 5
`;
const BOTS = [
  { id: "btc-grid", symbol: "BTC/USDT:USDT" },
  { id: "eth-grid", symbol: "ETH/USDT:USDT" },
] as const;
const NAMES: readonly ProcessName[] = ["liveServer", "marketMaker", "connector"];

async function fillsOf(system: System): Promise<number> {
  let fills = 0;
  for (const { symbol } of BOTS) fills += (await exchangeFills(system, symbol)).length;
  return fills;
}

/** Both bots trade and have orders out. */
async function trading(system: System, from: number): Promise<void> {
  await until("both bots have orders on the exchange", async () => {
    for (const { symbol } of BOTS) {
      if ((await system.exchange.getOpenOrders({ symbol })).orders.length < 4) return false;
    }
    return true;
  });
  await until(`more than ${from} fills`, async () => (await fillsOf(system)) > from);
}

test("OPS-14 OPS-55 API-22 DUR-52 each process killed under load: the others go on, journal and exchange agree", {
  timeout: 300_000,
}, async () => {
  const system = await System.start({ config: CONFIG });
  try {
    await trading(system, 0);
    for (const name of [...NAMES, ...NAMES]) {
      const others = NAMES.filter((other) => other !== name);
      const pids = others.map((other) => system.pid(other));
      const before = await fillsOf(system);
      await system.killed(name);
      await system.ready();
      assert.deepEqual(
        others.map((other) => system.pid(other)),
        pids,
        `only ${name} died`,
      );
      await trading(system, before);
    }
    for (const { id } of BOTS)
      await system.bots.stopBot({ botId: id, reason: "the test compares", cancelOnExit: "all" });
    await until("the bots have stopped", async () => {
      const { bots } = await system.bots.listBots({});
      return bots.every(({ phase }) => phase === BotPhase.STOPPED);
    });
    for (const bot of BOTS) {
      const { fills, orders } = await assertAgreement(system, bot);
      assert.ok(fills > 0 && orders > fills / 2, `${bot.id}: ${fills} fills of ${orders} orders were compared`);
    }
    const end = await system.stop();
    assert.equal(end.code, 0, `${end.out}${end.err}`);
    const journals = system.journals();
    assert.equal(journals.length, BOTS.length);
    for (const journal of journals) {
      const verified = opensqt(["journal", "verify", journal]);
      assert.equal(verified.code, 0, `${verified.out}${verified.err}`);
      const replayed = opensqt(["replay", journal]);
      assert.equal(replayed.code, 0, `${replayed.out}${replayed.err}`);
    }
  } finally {
    await system.close();
  }
});
