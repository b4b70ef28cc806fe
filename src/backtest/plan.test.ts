// How a backtest is put together: level, fees, the exchange's account and rules, and what the report says of them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sha256 } from "../base/canonical.ts";
import { type LoadedConfig, loadConfig, renderProblems } from "../config/load.ts";
import { ticks } from "../market/amounts.ts";
import type { RiskLimits } from "../risk/limits.ts";
import { fundingFrom } from "./funding-file.ts";
import type { MarketData } from "./market-data.ts";
import { adjustments, levelOf, pathsOf } from "./plan.ts";
import { calmMarketOf, planOf, START_US } from "./run.fixture.ts";
import type { TapeFacts } from "./tape-scan.ts";

const PERPETUAL = `instrument: "BTC/USDT:USDT"\n  grid: { mode: neutral`;
const SPOT = `instrument: "BTC/USDT"\n  grid: { mode: long`;

/** A grid whose section `backtest` is this, and the lines after it. */
function configOf(backtest: string, { kind = PERPETUAL, more = "" } = {}): LoadedConfig {
  const text = `bot:
  id: fixture
  strategy: grid
  ${kind}, interval: "5.0", orderQuote: "200", entryLevels: 6, exitLevels: 6, heldSlotsMax: 20 }
backtest: { ${backtest} }
${more}`;
  const loaded = loadConfig({ text, file: "fixture" }, { environment: {} });
  if (!loaded.ok) throw new Error(renderProblems(loaded.error));
  return loaded.value;
}

type Told = Pick<TapeFacts, "candles" | "quotes" | "depth">;
const NOTHING: Told = { candles: false, quotes: false, depth: false };
const CANDLES: Told = { ...NOTHING, candles: true };
const QUOTES: Told = { ...NOTHING, quotes: true };
const DEPTH: Told = { ...NOTHING, depth: true };

/** The calm market with the facts of data that tell this much. */
function marketOf(config: LoadedConfig, told: Told): MarketData {
  const facts = { ...told, startUs: START_US, endUs: START_US + 60_000_000, offsetUs: 7, firstPrice: ticks(600_000) };
  return { ...calmMarketOf(config, 60), facts };
}

test("BT-14 the level is the best the data can tell; one they cannot tell is refused with what they lack", () => {
  const cases: readonly [string, Told, string][] = [
    ["auto", CANDLES, "L0"],
    ["auto", QUOTES, "L1"],
    ["auto", { ...QUOTES, depth: true }, "L2"],
    ["auto", NOTHING, "these data hold trades alone: without quotes or a book no fill can be judged"],
    ["L0", CANDLES, "L0"],
    ["L1", { ...QUOTES, depth: true }, "L1"],
    ["L0", DEPTH, "level L0 needs candles, and these data have none; give level L2 or auto"],
    ["L1", DEPTH, "level L1 needs best quotes, and these data have none; give level L2 or auto"],
    ["L2", QUOTES, "level L2 needs depth with a snapshot, and these data have none; give level L1 or auto"],
  ];
  for (const [level, told, expected] of cases) {
    const config = configOf(`fillModel: { level: ${level} }`);
    const is = levelOf(config, marketOf(config, told));
    assert.equal(is.ok ? is.value : is.error, expected, `${level} of ${JSON.stringify(told)}`);
  }
});

test("BT-15 both paths are two runs over candles; no other level has a path", () => {
  const both = configOf("fillModel: { path: both }");
  assert.deepEqual(pathsOf(both, "L0"), ["olhc", "ohlc"]);
  assert.deepEqual(pathsOf(both, "L2"), ["nearest"]);
  assert.deepEqual(pathsOf(configOf("fillModel: { path: ohlc }"), "L0"), ["ohlc"]);
});

test("BT-20 a fee of the section backtest wins over the instrument's, and one not given stays", () => {
  const more = "simulated: { instrument: { makerPpm: 100, takerPpm: 400 } }\n";
  for (const [fees, maker, taker] of [
    ["fees: { makerPpm: -50 }", -50, 400],
    ["fees: { takerPpm: 900 }", 100, 900],
    ["seed: 1", 100, 400],
  ] as const) {
    const config = configOf(fees, { more });
    const { instrument, simulation } = planOf(config, marketOf(config, DEPTH));
    assert.deepEqual([instrument.makerPpm, instrument.takerPpm], [maker, taker], fees);
    assert.equal(simulation.markets[0]?.instrument, instrument, "the exchange charges what the bot reckons with");
  }
});

test("BT-21 BT-19 on spot nothing is margined and no band is kept, and the account may open with base", () => {
  const spot = configOf("seed: 1", { kind: SPOT, more: `simulated: { balance: "500", baseBalance: "0.25" }\n` });
  const { simulation: onSpot } = planOf(spot, marketOf(spot, DEPTH));
  assert.deepEqual(
    [...(onSpot.accounts[0]?.balances ?? [])],
    [
      ["USDT", 500n * 10n ** 18n],
      ["BTC", 25n * 10n ** 16n],
    ],
  );
  assert.equal(onSpot.markets[0]?.margin, undefined);
  assert.equal(onSpot.profile.priceBandPpm, null);

  const perpetual = configOf("seed: 1", { more: "simulated: { margin: isolated }\n" });
  const { simulation } = planOf(perpetual, marketOf(perpetual, DEPTH));
  assert.deepEqual([...(simulation.accounts[0]?.balances.keys() ?? [])], ["USDT"]);
  assert.deepEqual(simulation.markets[0]?.margin, { mode: "isolated", liquidationFeePpm: 5_000 });
  assert.notEqual(simulation.profile.priceBandPpm, null);
});

test("BT-16 best quotes do not tell more of the queue than its front or its back, a book tells what was asked", () => {
  for (const [queue, told, is] of [
    ["front", QUOTES, "front"],
    ["log", QUOTES, "back"],
    ["back", QUOTES, "back"],
    ["power:3", DEPTH, "power:3"],
  ] as const) {
    const config = configOf(`fillModel: { queue: "${queue}" }`);
    const { simulation, identity } = planOf(config, marketOf(config, told));
    const fill = simulation.markets[0]?.fill;
    assert.equal(fill?.level === "L0" ? "" : fill?.queue, is);
    assert.equal(identity.fillModel, `queue ${is}`);
  }
});

test("BT-18 BT-33 the report says which delays were reckoned with", () => {
  for (const [latency, words] of [
    ["zero", "feed 0 ms, order entry 0 ms, response 0 ms"],
    ["constant:5,10.5,0", "feed 5 ms, order entry 10.5 ms, response 0 ms"],
    ["recorded:2,10,10", "feed as recorded + 2 ms, order entry 10 ms, response 10 ms"],
  ] as const) {
    const config = configOf(`latency: "${latency}"`);
    assert.equal(planOf(config, marketOf(config, DEPTH)).identity.latency, words);
  }
});

test("BT-15 BT-33 over candles the limits of age give way to one book a minute, and the run says so", () => {
  const config = configOf("fillModel: { rule: touch }");
  const plan = planOf(config, marketOf(config, CANDLES), { path: "olhc" });
  const { bookAgeMsMax, reconcileIntervalMs } = plan.configuration.config.risk as RiskLimits;
  assert.deepEqual([bookAgeMsMax, reconcileIntervalMs, plan.bookIntervalMs], [60_000, 3_600_000, 60_000]);
  assert.equal(plan.endUs, START_US + 120_000_000, "the last candle is run to its end");
  assert.equal(plan.identity.fillModel, "path olhc, fills touch, at most 10 % of a candle's volume");
  assert.equal(plan.identity.markSource, "candle path");
  assert.deepEqual(adjustments(config, "L0"), [
    "candles give one book a minute: risk.bookAgeMsMax counts as 60000",
    "at L0 the bot reconciles once an hour: risk.reconcileIntervalMs counts as 3600000",
  ]);
  assert.deepEqual(adjustments(config, "L2"), []);
  const uncapped = configOf(`fillModel: { volumeShareMax: "0" }`);
  assert.equal(planOf(uncapped, marketOf(uncapped, CANDLES)).identity.fillModel, "path nearest, fills through");
});

const RATES = `Symbol,Date,Funding Rate
BTCUSDT,2025-12-31 16:00:00,0.0001
BTCUSDT,2026-01-01 00:00:00,0.0002
ETHUSDT,2026-01-01 00:00:00,0.0009
BTCUSDT,2026-01-01 16:00:00,-0.0003
BTCUSDT,2026-01-02 00:00:00,0.0004
`;

test("BT-20 BT-33 a file of rates pays within the data's time, and the report names it with its findings", async () => {
  const config = configOf("seed: 1");
  const told = marketOf(config, DEPTH);
  const market = { ...told, facts: { ...told.facts, endUs: START_US + 16 * 3_600_000_000 } };
  const folder = mkdtempSync(join(tmpdir(), "funding-"));
  try {
    const file = join(folder, "rates.csv");
    writeFileSync(file, RATES);
    const request = { file, timeZone: "UTC", symbol: "BTC/USDT:USDT" };
    await assert.rejects(fundingFrom({ ...request, accept: [] }, market.facts), /missingFunding/);
    const funding = await fundingFrom({ ...request, accept: ["missingFunding"] }, market.facts);
    const { simulation, identity } = planOf(config, market, { funding });
    assert.deepEqual(simulation.markets[0]?.funding, [
      { atUs: START_US, ratePpt: 200_000_000 },
      { atUs: market.facts.endUs, ratePpt: -300_000_000 },
    ]);
    const own = market.sources[0]?.hash ?? "";
    assert.equal(identity.dataHash, sha256(`${own}\n${sha256(RATES)}`));
    assert.equal(planOf(config, market).identity.dataHash, own, "one source is known by its own hash");
    const said = identity.findings.map(({ finding, count, first }) => `${finding} ${count} ${first}`);
    // what is missing would stand after the newest of this instrument
    assert.deepEqual(said, ["foreignSymbol 1 rates.csv:4", "missingFunding 1 rates.csv:4"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
