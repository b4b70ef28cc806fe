// What happened around commands and restarts: a stop given while the bot recovered was forgotten, a refused update
// changed the limits all the same, a budget given to a bot that held something took its exits for new shorts, the
// closer sent slice after slice into a book that had not moved yet, and a restart told the grid of orders that were
// never its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asGridConfig } from "../../src/strategy/grid/config-change.ts";
import { ETH } from "../grid/bench.ts";
import { SmallLife, units } from "./small-life.ts";

const GRID = { interval: "10.00", orderQuote: "30", anchor: "3000.00", entryLevels: 3, exitLevels: 3, windowSlack: 2 };
const STEPS = [
  { ms: 0, mid: 300_000 },
  { ms: 30_000, mid: 298_900 },
  { ms: 90_000, mid: 300_300 },
];

function live(visit: (life: SmallLife) => void, depth = 100_000): void {
  const life = new SmallLife({
    instrument: ETH,
    balances: new Map([["USDT", units(10_000)]]),
    steps: STEPS,
    depth,
  });
  try {
    visit(life);
  } finally {
    life.close();
  }
}

test("GRID-45 a stop given while the bot recovers is not forgotten", () => {
  live((life) => {
    life.start({ grid: GRID });
    life.run(40_000);
    life.kill();
    const process = life.start({ grid: GRID });
    life.command({ name: "stop", cancelOnExit: null });
    life.run(30_000);
    assert.equal(process.end.value?.code, "CLEAN");
    assert.equal(process.host.state.orders.size, 0);
  });
});

test("GRID-44 an update that the strategy refuses changes nothing at all", () => {
  live((life) => {
    const { state } = life.start({ grid: GRID }).host;
    life.run(10_000);
    const { config, limits, budget } = state;
    assert.ok(config !== null && limits !== null);
    const grid = asGridConfig(config.strategyConfig);
    const strategyConfig = { ...grid, mode: "neutral" };
    const risk = { ...limits, orderNotionalMax: units(1) };
    life.command({ name: "update", config: { ...config, strategyConfig, risk, budget: units(5) } });
    assert.deepEqual({ config: state.config, limits: state.limits, budget: state.budget }, { config, limits, budget });
  });
});

test("RISK-13 a budget given to a bot that holds something begins with it, and with what it has resting", () => {
  live((life) => {
    life.start({ grid: GRID });
    life.run(40_000);
    life.kill();
    const { state } = life.start({ grid: GRID, budget: units(200) }).host;
    life.run(20_000);
    assert.equal(state.budget?.position, 10);
    assert.equal(state.budget?.invested, units(29.9));
    assert.equal(state.budget?.reservations.size, 3, "the three entries, not the exit");
    life.run(60_000);
    assert.equal(state.budget?.position, 0);
    assert.equal(state.budget?.invested, 0n);
    assert.equal(state.budget?.realisedNet, units(0.094), "0.10 gained, 0.006 paid for the exit");
  });
});

test("RISK-36 the closer sends one slice at a time, and no more than the book shows", () => {
  live((life) => {
    const process = life.start({ grid: GRID });
    life.run(40_000);
    const sent: number[] = [];
    process.host.observe(({ events, effects }) => {
      for (const { effect } of effects) if (effect.kind === "place") sent.push(events[0]?.atMs ?? 0);
    });
    life.command({ name: "kill", flatten: true });
    life.run(1_500);
    life.kill();
    const again = life.start({ grid: GRID });
    life.run(90_000);
    assert.equal(again.host.state.ledger.position, 0);
    assert.equal(again.host.state.refusals.size, 0);
    assert.deepEqual(
      again.alerts.map(({ code }) => code),
      ["flat", "kill-proved"],
    );
    sent.push(
      ...again.host.state.ended
        .values()
        .filter(({ order }) => order.slotKey === "closer")
        .map((o) => o.placedAtMs),
    );
    const times = [...new Set(sent)].sort((a, b) => a - b);
    assert.ok(times.length >= 3, "an order of ten lots, eight shown, half of them a slice");
    for (const [i, at] of times.entries()) assert.ok(i === 0 || at - (times[i - 1] ?? 0) >= 1_000, times.join(" "));
  }, 8);
});
