// What happened on restart: the money tied up in the bot's own resting orders counted as not there, so a bot that was
// killed was refused its start, and its orders stayed on the exchange with nobody behind them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instrument } from "../../src/market/instrument.ts";
import { ETH } from "../grid/bench.ts";
import { SmallLife, units } from "./small-life.ts";

const SPOT: Instrument = { ...ETH, symbol: "ETH/USDT", kind: "spot", feeIn: "received", fundingIntervalMs: 0 };
const GRID = { interval: "20.00", orderQuote: "30", anchor: "3000.00", entryLevels: 3, exitLevels: 3, windowSlack: 2 };

test("RISK-30 a restart is not refused because its money rests in its own orders", () => {
  const steps = [{ ms: 0, mid: 300_000 }];
  // to the cent what three entries need: nothing is left over
  const life = new SmallLife({ instrument: SPOT, balances: new Map([["USDT", units(88.8)]]), steps });
  try {
    const risk = { affordableOrdersMin: 1 };
    life.start({ grid: GRID, risk });
    life.run(20_000);
    assert.equal(life.process?.host.state.orders.size, 3);
    life.kill();
    const process = life.start({ grid: GRID, risk: { affordableOrdersMin: 100 } });
    life.run(20_000);
    assert.equal(process.end.value, null);
    assert.equal(process.host.state.phase, "running");
    assert.equal(process.host.state.orders.size, 3);
  } finally {
    life.close();
  }
});
