// Everything the processes tell Prometheus, written by the code that writes it: one registry with every metric.

import type { TestContext } from "node:test";
import { connectorMetrics } from "../src/apps/connector/connector-metrics.ts";
import { backupGauge } from "../src/apps/market-maker/backup-gauge.ts";
import { certificateGauge } from "../src/apps/process/certificate-gauge.ts";
import { world } from "../src/host/fleet/fleet.fixture.ts";
import { botCounters } from "../src/host/metrics/bot-counters.ts";
import { botGauges } from "../src/host/metrics/bot-gauges.ts";
import { botTimings } from "../src/host/metrics/bot-timings.ts";
import { riskGauges } from "../src/host/metrics/risk-gauges.ts";
import { SqliteStore } from "../src/journal/sqlite-store.ts";
import { LiveMetrics } from "../src/live/live-metrics.ts";
import { Metrics } from "../src/observe/metrics.ts";
import { readyGauge } from "../src/observe/ready-gauge.ts";
import { rpcMetrics } from "../src/rpc/rpc-metrics.ts";

/** Closed when the test ends; `end` before that ends the bot's process they tell of. */
export function everyMetric(t: TestContext): { readonly metrics: Metrics; readonly end: () => void } {
  const there = world(t, 1);
  const metrics = new Metrics({ process: "market-maker", release: "0" });
  t.after(() => metrics.close());
  const process = there.start({ timings: botTimings(metrics) });
  botCounters(process.fleet, metrics)();
  botGauges(process.fleet, metrics);
  riskGauges(process.fleet, metrics);
  backupGauge(process.fleet, new SqliteStore(there.folder), metrics);
  certificateGauge(metrics, "market-maker");
  readyGauge(metrics, () => []);
  rpcMetrics(metrics);
  connectorMetrics(metrics, "simulated", { budget: () => [], clockOffsetMs: () => 0 });
  new LiveMetrics(metrics, () => 0);
  return { metrics, end: () => there.kill(process) };
}
