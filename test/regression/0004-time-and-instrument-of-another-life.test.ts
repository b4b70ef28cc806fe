// What happened when a bot came back: its engine time stood still for as long as the paper exchange had kept quiet
// before the kill (an idle hour: no order rate, no timer for an hour), a wall clock set back stopped a paced market, a
// fast one was told that its disk is slow, and a configuration for another instrument took the old position for its
// own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PacedClock } from "../../src/base/paced-clock.ts";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { ETH } from "../grid/bench.ts";
import { SmallLife, units } from "./small-life.ts";

const GRID = { interval: "10.00", orderQuote: "30", anchor: "3000.00", entryLevels: 3, exitLevels: 3, windowSlack: 2 };

test("EXCH-47 a paced clock goes on where the bot has already been, and never goes back", () => {
  const clock = new PacedClock(new VirtualClock(0), 1_000, 10);
  clock.skipTo(500);
  assert.equal(clock.nowMs(), 1_000);
  clock.skipTo(3_600_000);
  assert.equal(clock.nowMs(), 3_600_000);
});

test("TEST-P30 the clock a paced market runs on knows no wall time", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 5_000_000 });
  const before = MONOTONIC_CLOCK.nowMs();
  t.mock.timers.setTime(1_000);
  assert.ok(MONOTONIC_CLOCK.nowMs() >= before && MONOTONIC_CLOCK.nowMs() < 1_000_000);
});

test("DUR-05 a journal of one instrument does not become that of another", () => {
  const steps = [
    { ms: 0, mid: 300_000 },
    { ms: 10_000, mid: 298_900 },
  ];
  const life = new SmallLife({ instrument: ETH, balances: new Map([["USDT", units(10_000)]]), steps });
  try {
    life.start({ grid: GRID });
    life.run(20_000);
    life.kill();
    const other = { ...ETH, symbol: "BTC/USDT:USDT", base: "BTC" };
    const elsewhere = new SmallLife({
      instrument: other,
      balances: new Map([["USDT", units(10_000)]]),
      steps,
      dir: life.dir,
    });
    const process = elsewhere.start({ grid: GRID });
    elsewhere.run(20_000);
    assert.equal(process.end.value?.code, "ANOTHER_INSTRUMENT");
    assert.equal(process.end.value?.exitCode, 3);
    assert.equal([...elsewhere.exchange.desk.ledger.openOrders("bot")].length, 0);
  } finally {
    life.close();
  }
});
