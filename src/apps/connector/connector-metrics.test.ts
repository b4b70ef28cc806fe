// The gauges of a connector that are read when somebody scrapes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Metrics } from "../../observe/metrics.ts";
import { connectorMetrics } from "./connector-metrics.ts";

test("RISK-46 a scrape tells the offset of the clock as measured, and none while it is not", async (t) => {
  const metrics = new Metrics({ process: "connector", release: "test", own: false });
  t.after(() => metrics.close());
  const measured: { ms: number | null } = { ms: null };
  connectorMetrics(metrics, "paper", { clockOffsetMs: () => measured.ms });
  const told = async (): Promise<readonly string[]> =>
    (await metrics.text()).split("\n").filter((line) => line.startsWith("opensqt_clock_offset_seconds"));
  assert.deepEqual(await told(), []);
  measured.ms = -512;
  assert.deepEqual(await told(), ['opensqt_clock_offset_seconds{exchange="paper"} -0.512']);
  measured.ms = 0;
  assert.deepEqual(await told(), ['opensqt_clock_offset_seconds{exchange="paper"} 0']);
  measured.ms = null;
  assert.deepEqual(await told(), [], "what is not known any more is not told");
});
