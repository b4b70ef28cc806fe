// Which market up trades on: nobody who asked for real money gets paper in silence, nor the other way round.

import assert from "node:assert/strict";
import test from "node:test";
import { DEFAULT_CONFIG_TEXT } from "../../../config/default-config.ts";
import { loadUp } from "../../../config/process/load-up.ts";
import type { UpConfig } from "../../../config/process/shapes.ts";
import { marketOf } from "./market.ts";

const real = (environment: string): string => `
exchange: binance
environment: ${environment}
connector:
  credentials: { apiKey: { env: KEY }, secret: { env: SECRET } }
bot:
  id: btc-grid
  strategy: grid
  instrument: BTC/USDT:USDT
  budget: "500"
  grid: { mode: neutral, spacing: geometric, spacingBps: "20", orderQuote: "130", entryLevels: 3, exitLevels: 3, heldSlotsMax: 5 }
`;

function read(text: string): UpConfig {
  const environment = { KEY: "k".repeat(32), SECRET: "s".repeat(32) };
  const loaded = loadUp({ text, file: "up.yaml" }, { environment });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

test("OPS-11 --live with simulated money is refused, not answered with paper", () => {
  const paper = read(DEFAULT_CONFIG_TEXT);
  assert.match(marketOf(paper, {}).words, /^synthetic market/);
  assert.throws(() => marketOf(paper, { live: true }), /--live is real money, and the configuration's is simulated/);
  assert.throws(() => marketOf(paper, { live: true, paper: true }), /--live and --paper contradict each other/);
});

test("OPS-11 real money is traded only where file and flag both say so", () => {
  assert.match(marketOf(read(real("live")), { live: true }).words, /^REAL MONEY on binance/);
  assert.throws(() => marketOf(read(real("live")), {}), /is real money, and up trades on paper/);
  assert.match(marketOf(read(real("testnet")), {}).words, /testnet$/);
  assert.throws(() => marketOf(read(real("testnet")), { live: true }), /--live is real money, .* is testnet/);
});

test("OPS-11 a flag of simulated money beside a real exchange is refused, not ignored", () => {
  for (const flags of [
    { paper: true },
    { market: "binance" },
    { data: "a.gz" },
    { seed: "1" },
    { speed: "9" },
  ] as const) {
    assert.throws(() => marketOf(read(real("testnet")), flags), /is for simulated money, .* trades on binance/);
  }
});
