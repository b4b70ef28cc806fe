// The supervisor itself killed: its processes notice and end in order, the engine with the proof that needs its
// exchange.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive } from "../../src/apps/opensqt/run-file.ts";
import { readExchange } from "../../src/exchange/simulated-file.ts";
import { System, until } from "./system.ts";

const CONFIG = `
bot:
  id: btc-grid
  strategy: grid
  instrument: "BTC/USDT:USDT"
  cancelOnExit: all
  grid: { mode: neutral, spacing: geometric, spacingBps: "6", orderQuote: "130" }
simulated: { seed: 11 }
`;

test("OPS-55 up killed: its processes end by themselves, the engine first and without an order left", {
  timeout: 120_000,
}, async () => {
  const system = await System.start({ config: CONFIG });
  try {
    await until("orders rest", async () => (await system.exchange.getOpenOrders({})).orders.length > 0);
    const pids = [system.pid("connector"), system.pid("marketMaker"), system.pid("liveServer")];
    assert.ok(pids.every(isAlive));
    system.up.kill("SIGKILL");
    await system.up.ended;
    await until("all processes are gone", async () => !pids.some(isAlive));
    const kept = readExchange(join(system.folder, "data", "synthetic-11", "exchange.json"));
    assert.deepEqual([kept?.open.length, kept !== null && kept.finished.length > 0], [0, true]);
  } finally {
    await system.close();
  }
});
