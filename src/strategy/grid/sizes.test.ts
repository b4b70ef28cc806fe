// GRID-15 … GRID-18: how many lots an order has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ETH, EXAMPLE, GridBench, readConfig } from "../../../test/grid/bench.ts";
import { lots } from "../../market/amounts.ts";
import { valueText } from "./checks.ts";
import { entryLots, exitMinLots, minLots, targetLots, workableValue } from "./sizes.ts";

const config = readConfig(EXAMPLE);

test("GRID-16 N-01 the order amount is quote: nearest lots, never above the overspend limit", () => {
  const cases: readonly (readonly [number, number])[] = [
    [299_800, 10],
    [285_600, 11],
    [285_800, 10],
    [3_000_000, 1],
    [2_000_000, 1],
    [2_727_200, 1],
  ];
  for (const [price, expected] of cases) assert.equal(targetLots({ ...ETH, minNotional: 0 }, config, price), expected);
  // 1.5 lots would round up to 2, 33 % above what was asked: one lot it is
  assert.equal(targetLots({ ...ETH, minNotional: 0 }, config, 1_990_000), 1);
});

test("GRID-16 GRID-17 below the minimum the size is raised to it if that is affordable, else there is none", () => {
  assert.equal(targetLots({ ...ETH, minNotional: 3_200_000 }, config, 299_800), 11);
  assert.equal(targetLots({ ...ETH, minNotional: 4_000_000 }, config, 299_800), 0);
  assert.equal(targetLots({ ...ETH, minLots: lots(12) }, config, 299_800), 0);
  assert.equal(targetLots({ ...ETH, maxLots: lots(9) }, config, 299_800), 0);
});

test("GRID-15 minimums: the instrument's lots, and the smallest notional at the price", () => {
  assert.equal(minLots(ETH, 299_800), 7);
  assert.equal(minLots({ ...ETH, minLots: lots(9) }, 299_800), 9);
  assert.equal(exitMinLots(ETH, config, 300_000), 1);
  assert.equal(exitMinLots({ ...ETH, minLots: lots(5) }, config, 300_000), 5);
  assert.equal(exitMinLots({ ...ETH, minNotionalOnReduceOnly: true }, config, 300_000), 7);
  assert.equal(exitMinLots({ ...ETH, kind: "spot" }, config, 300_000), 7);
  // exits of a neutral grid are not reduce-only, so the exchange does not spare them
  assert.equal(exitMinLots(ETH, { ...config, mode: "neutral" }, 300_000), 7);
});

test("GRID-16 GRID-17 the overspend limit itself is affordable, exact however large the numbers", () => {
  const rules = { ...ETH, minNotional: 0 };
  const own = { ...config, orderValue: 100, overspendPct: 20 };
  assert.equal(targetLots({ ...rules, minLots: lots(12) }, own, 10), 12);
  assert.equal(targetLots({ ...rules, minLots: lots(11) }, own, 11), 0);
  assert.equal(workableValue({ ...rules, minLots: lots(12) }, own, 10), 100n);
  assert.equal(workableValue({ ...rules, minLots: lots(11) }, own, 11), 101n);
  // 3 lots come to 2^53 + 1, half a unit above the limit; 5 lots to the limit of 2^53 + 3
  const large = { ...config, overspendPct: 25 };
  const three = { ...large, orderValue: 7_205_759_403_792_794 };
  assert.equal(targetLots({ ...rules, minLots: lots(3) }, three, 3_002_399_751_580_331), 0);
  const five = { ...large, orderValue: 7_205_759_403_792_796 };
  assert.equal(targetLots({ ...rules, minLots: lots(5) }, five, 1_801_439_850_948_199), 5);
  assert.equal(targetLots({ ...rules, minLots: lots(6) }, five, 1_801_439_850_948_199), 0);
});

test("GRID-18 dust is topped up to a full order, by no less than the minimum", () => {
  assert.equal(entryLots(ETH, config, 299_800, 2), 8);
  assert.equal(entryLots(ETH, config, 299_800, 4), 7);
  assert.equal(entryLots(ETH, config, 299_800, 0), 10);
  // a level without a size has none for dust either
  assert.equal(entryLots({ ...ETH, maxLots: lots(9) }, config, 299_800, 2), 0);
});

test("GRID-17 a level without a size, met later, is skipped with one alert", () => {
  const instrument = { ...ETH, minNotional: 2_000_000 };
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 }, { instrument });
  bench.start("2999.99/3000.01");
  bench.instrument = { ...instrument, minNotional: 3_500_000 };
  bench.send({ kind: "instrument", instrument: bench.instrument });
  assert.match(bench.mid("3004.20"), /ALERT entry-size: level 3004.00 has no size/);
  assert.equal(bench.mid("3004.30"), "");
  assert.equal(bench.mid("3004.20"), "");
  assert.ok(bench.view().ladder.some((row) => row.note === "skip.too_small"));
});

test("N-03 an exit is as large as what is held, whatever the configuration says today", () => {
  const bench = new GridBench({ ...EXAMPLE, entryLevels: 1 });
  bench.start("2999.99/3000.01");
  bench.ack();
  bench.send({ kind: "config", config: readConfig({ ...EXAMPLE, entryLevels: 1, orderQuote: "90" }) });
  bench.mid("2998.01");
  assert.match(bench.fill(-1), /SELL 3000.00 x 0.010/);
});

test("GRID-01 value units are tick times lot of quote, exact", () => {
  assert.equal(config.orderValue, 3_000_000);
  assert.equal(valueText(ETH, 3_000_000n), "30.00");
  assert.equal(readConfig({ ...EXAMPLE, orderQuote: "30.000019" }).orderValue, 3_000_001);
});
