// What happened on spot: an adopted position, fills while the bot was down and fees taken in coins each looked like a
// divergence, an exit asked for more coins than there were, and a kill could never sell the last eaten lot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { provenPosition } from "../../src/engine/unbooked.ts";
import type { Instrument } from "../../src/market/instrument.ts";
import { ETH } from "../grid/bench.ts";
import { SmallLife, type SmallProcess, type Step, units } from "./small-life.ts";

const SPOT: Instrument = {
  ...ETH,
  symbol: "ETH/USDT",
  kind: "spot",
  feeIn: "received",
  makerPpm: 1000,
  takerPpm: 1000,
  fundingIntervalMs: 0,
  maintenancePpm: 0,
};
const GRID = { interval: "20.00", orderQuote: "30", anchor: "3000.00", entryLevels: 3, exitLevels: 3, windowSlack: 2 };

function live(eth: number, steps: readonly Step[], visit: (life: SmallLife) => void): void {
  const balances = new Map([
    ["USDT", units(10_000)],
    ["ETH", units(eth)],
  ]);
  const life = new SmallLife({ instrument: SPOT, balances, steps });
  try {
    visit(life);
  } finally {
    life.close();
  }
}

const codes = ({ alerts }: SmallProcess): readonly string[] => alerts.map(({ code }) => code);

test("GRID-42 RISK-34 coins adopted at the start are the bot's own from then on, also after a restart", () => {
  live(0.055, [{ ms: 0, mid: 300_000 }], (life) => {
    for (let run = 0; run < 2; run += 1) {
      const process = life.start({ grid: { ...GRID, adoptPosition: "market" } });
      life.run(150_000);
      assert.equal(provenPosition(process.host.state), 55);
      assert.deepEqual(codes(process), []);
      assert.equal(process.host.state.orders.size, 6);
      life.kill();
    }
  });
});

test("RISK-34 fills while the bot was down are found again and are no divergence", () => {
  live(
    5,
    [
      { ms: 0, mid: 300_000 },
      { ms: 30_000, mid: 297_900 },
    ],
    (life) => {
      const grid = { ...GRID, adoptPosition: "ignore" };
      life.start({ grid });
      life.run(20_000);
      life.kill();
      life.run(20_000);
      const process = life.start({ grid });
      life.run(150_000);
      assert.equal(process.host.state.ledger.fills, 1);
      assert.equal(process.host.state.blocks.size, 0);
      assert.deepEqual(codes(process), []);
    },
  );
});

test("RISK-34 coins that are gone stay missing through a restart", () => {
  live(0.055, [{ ms: 0, mid: 300_000 }], (life) => {
    const grid = { ...GRID, adoptPosition: "market" };
    life.start({ grid });
    life.run(5_000);
    life.kill();
    const account = life.exchange.clearing.account("bot");
    account.balances.set("ETH", units(0.02));
    const process = life.start({ grid });
    life.run(150_000);
    assert.ok(process.host.state.blocks.has("divergence"));
  });
});

test("GRID-03 the exit of a fill asks for no coin that the fee has eaten", () => {
  live(
    0,
    [
      { ms: 0, mid: 300_000 },
      { ms: 30_000, mid: 297_900 },
    ],
    (life) => {
      const process = life.start({ grid: GRID, budget: units(1000) });
      life.run(60_000);
      const { state } = process.host;
      assert.deepEqual(codes(process), []);
      const sells = [...state.orders.values()].filter(({ order }) => order.side === "sell");
      assert.deepEqual(
        sells.map(({ order }) => order.quantity),
        [9],
      );
      assert.equal(state.budget?.position, 9, "the budget holds what can be sold");
    },
  );
});

test("RISK-22 a kill sells what is there, and is proved though fees have eaten a lot", () => {
  live(
    0,
    [
      { ms: 0, mid: 300_000 },
      { ms: 30_000, mid: 297_900 },
    ],
    (life) => {
      const process = life.start({ grid: GRID });
      life.run(40_000);
      life.command({ name: "kill", flatten: true });
      life.run(30_000);
      assert.equal(provenPosition(process.host.state), 0);
      assert.ok(codes(process).includes("kill-proved"), codes(process).join(" "));
      assert.equal(process.host.state.refusals.size, 0);
    },
  );
});
