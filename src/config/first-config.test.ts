// What `opensqt init` writes loads, for each exchange and both markets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FirstConfig, firstConfigText } from "./first-config.ts";
import { renderProblems } from "./problem.ts";
import { loadUp } from "./process/load-up.ts";

const EXCHANGES = ["simulated", "emulator", "binance", "okx", "bybit", "gate", "bitget"] as const;
const environment = { EXCHANGE_KEY: "k".repeat(20), EXCHANGE_SECRET: "s".repeat(20), EXCHANGE_PASSPHRASE: "p" };

const written = (given: Partial<FirstConfig>): string =>
  firstConfigText({ exchange: "simulated", symbol: "BTC/USDT:USDT", schema: "./up.json", ...given });

for (const exchange of EXCHANGES) {
  test(`OPS-07 what init writes for ${exchange} loads, of perpetuals and of spot, and never means real money`, () => {
    for (const symbol of ["BTC/USDT:USDT", "ETH/USDT"]) {
      const loaded = loadUp({ text: written({ exchange, symbol }), file: "opensqt.yaml" }, { environment });
      if (!loaded.ok) assert.fail(renderProblems(loaded.error));
      assert.equal(loaded.value.exchange, exchange);
      assert.notEqual(loaded.value.connector.environment, "live");
      assert.equal(loaded.value.marketMaker.bots[0]?.symbol, symbol);
    }
  });
}

test("OPS-07 the first line tells an editor the schema", () => {
  assert.match(written({ schema: "docs/x.json" }), /^# yaml-language-server: \$schema=docs\/x\.json\n/);
});
