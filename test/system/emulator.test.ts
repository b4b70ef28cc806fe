// The whole system over a real exchange's wire: market-maker, connector, ccxt, HTTP and WebSocket to the emulator,
// each a process of its own; killed, healed, stopped. And paper trading that follows such a wire without sending it
// an order.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeCanonical } from "../../src/base/canonical.ts";
import { assertAgreement } from "./agreement.ts";
import { System, until } from "./system.ts";

const CONFIG = `
bot:
  id: btc-grid
  strategy: grid
  instrument: "BTC/USDT:USDT"
  cancelOnExit: all
  grid: { mode: neutral, spacing: geometric, spacingBps: "6", orderQuote: "130", entryLevels: 5, exitLevels: 5 }
`;
const BOT = { id: "btc-grid", symbol: "BTC/USDT:USDT" };

/** Orders that rest in the world an emulator kept when it was stopped. */
function keptOpen(path: string): unknown {
  const world = decodeCanonical(readFileSync(path, "utf8")) as { readonly exchange: string };
  return (decodeCanonical(world.exchange) as { readonly open: unknown }).open;
}

const resting = async (system: System): Promise<number> =>
  (await system.exchange.getOpenOrders({ symbol: BOT.symbol })).orders.length;

test("DUR-01 EXCH-53 a grid through connector, ccxt and the emulator's wire lives through kills and leaves nothing behind", {
  timeout: 240_000,
}, async () => {
  const system = await System.start({ config: CONFIG, words: ["--exchange", "emulator"] });
  try {
    await until("orders rest on the emulated exchange", async () => (await resting(system)) >= 4);
    for (const name of ["connector", "marketMaker"] as const) {
      await system.killed(name);
      await until("orders rest again", async () => (await resting(system)) >= 4);
    }
    await system.ready();
    await until("journal and exchange agree", async () => {
      await assertAgreement(system, BOT);
      return true;
    });
    // no log of ours holds a secret (EXCH-53)
    for (const name of ["connector", "market-maker", "live-server"]) {
      assert.ok(!system.logOf(name).includes("demo-secret"), name);
    }
    const { code, err } = await system.stop();
    assert.equal(code, 0, err);
    assert.deepEqual(keptOpen(join(system.folder, "data/emulator-synthetic-1/world.json")), []);
  } finally {
    await system.close();
  }
});
