// The limits over all bots as they are written, and what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { renderProblems } from "../load.ts";
import { sharesProblem } from "./account-limits.ts";
import { loadMarketMaker } from "./load-process.ts";

const BOT = (id: string, symbol: string, budget: string): string =>
  [
    `  - id: ${id}`,
    "    strategy: grid",
    `    instrument: ${symbol}`,
    `    budget: "${budget}"`,
    '    grid: { interval: "60", orderQuote: "200" }',
    "",
  ].join("\n");

const load = (risk: string, bots = ""): ReturnType<typeof loadMarketMaker> => {
  const head = ["store: { sqlite: data }", "environment: emulator", "exchange: simulated", `risk: ${risk}`, ""];
  const text = head.join("\n") + (bots === "" ? "" : `bots:\n${bots}`);
  return loadMarketMaker({ file: "maker.yaml", text }, { environment: {} });
};

test("RISK-09 RISK-11 RISK-50 limits over all bots are read exactly, with the defaults of the table", () => {
  const given = load('{ exposureGrossMax: "12345.5", accountShareBps: 2500 }');
  assert.ok(given.ok, given.ok ? "" : renderProblems(given.error));
  const { account } = given.value;
  assert.equal(account.exposureGrossMax, 12_345_500_000_000_000_000_000n);
  assert.equal(account.exposureNetMax, 10_000n * 10n ** 18n);
  assert.deepEqual(
    [account.drawdownTotalBpsMax, account.latencyP99MsMax, account.retryRatioBpsMax, account.accountShareBps],
    [1_500, 2_000, 5_000, 2_500],
  );
});

for (const [name, risk, bots, text] of [
  [
    "budgets",
    '{ exposureGrossMax: "10000" }',
    BOT("a", "BTC/USDT:USDT", "7000") + BOT("b", "ETH/USDT:USDT", "5000"),
    "budgets add up to 12,000 USDT, account limit is 10,000",
  ],
  ["a share above all", "{ accountShareBps: 10001 }", "", "1–10,000"],
  ["no share", "{ accountShareBps: 0 }", "", "1–10,000"],
  [
    "warning above trip",
    "{ marginRatioWarnBps: 6000 }",
    "",
    "marginRatioWarnBps 6000 must be below marginRatioTripBps 5000",
  ],
  ["a name that is none", '{ exposureGrosMax: "1" }', "", "exposureGrossMax"],
] as const) {
  test(`RISK-50 the account's limits are refused with the sentence that helps: ${name}`, () => {
    const given = load(risk, bots);
    assert.ok(!given.ok);
    const said = renderProblems(given.error);
    assert.ok(said.includes(text), said);
  });
}

test("RISK-11 shares of several processes on one account must not exceed 10,000 together", () => {
  assert.equal(
    sharesProblem([
      { file: "a.yaml", bps: 6_000 },
      { file: "b.yaml", bps: 4_000 },
    ]),
    null,
  );
  assert.equal(
    sharesProblem([
      { file: "a.yaml", bps: 6_000 },
      { file: "b.yaml", bps: 4_001 },
    ]),
    "accountShareBps add up to 10,001 of 10,000: a.yaml 6,000, b.yaml 4,001",
  );
});
