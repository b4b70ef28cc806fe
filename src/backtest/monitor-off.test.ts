// A monitor of instruments the data do not hold: off, said in one sentence, and no reason not to trade.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type RiskLimits, riskLimitsFrom } from "../risk/limits.ts";
import { adjustments } from "./plan.ts";
import { calmMarketOf, gridConfig, planOf } from "./run.fixture.ts";
import { type BacktestPlan, runBacktest } from "./runner.ts";

function monitoring(instruments: string): ReturnType<typeof gridConfig> {
  const config = gridConfig();
  const risk = riskLimitsFrom(
    { "monitor.instruments": instruments, "monitor.recoveryThreshold": "1" },
    config.bot.instrument,
  );
  if (!risk.ok) throw new Error(JSON.stringify(risk.error));
  const { monitor } = risk.value;
  if (monitor === undefined) throw new Error("no monitor");
  return { ...config, bot: { ...config.bot, risk: { ...config.bot.risk, monitor } } };
}

const monitorOf = ({ configuration }: BacktestPlan): RiskLimits["monitor"] =>
  (configuration.config.risk as RiskLimits).monitor;

test("RISK-26 BT-13 a monitor of instruments the data do not hold is off, and the report says so", async () => {
  const config = monitoring("BTC/USDT:USDT ETH/USDT:USDT");
  const plan = planOf(config, calmMarketOf(config, 180));
  assert.equal(monitorOf(plan), undefined);
  const said = "the risk monitor is off in this run: the data hold no candles of ETH/USDT:USDT";
  assert.deepEqual(adjustments(config, "L2"), [said]);
  const alerts: string[] = [];
  const { record } = await runBacktest(plan, { onAlert: ({ code }) => alerts.push(code) });
  assert.deepEqual(
    record.identity.findings.map(({ finding, effect }) => [finding, effect]),
    [["monitorOff", said]],
  );
  assert.deepEqual(
    alerts.filter((code) => code.startsWith("monitor")),
    [],
  );
  assert.ok(record.counts.ordersPlaced > 0);
});

test("RISK-26 a monitor of the traded instrument alone stays on", () => {
  const config = monitoring("BTC/USDT:USDT");
  assert.deepEqual(monitorOf(planOf(config, calmMarketOf(config, 60)))?.instruments, ["BTC/USDT:USDT"]);
  assert.deepEqual(adjustments(config, "L2"), []);
});
