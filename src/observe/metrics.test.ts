// Metrics: bounded labels whatever the input, one metric a name, live readings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Metrics } from "./metrics.ts";

const seriesOf = (text: string, name: string): string[] =>
  text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

test("RISK-45 a label takes the values it was declared with; the rest is counted as other", async () => {
  const metrics = new Metrics({ process: "test", release: "0", own: false });
  const labels = { method: 2, code: ["OK", "UNKNOWN"] } as const;
  const calls = metrics.counter({ name: "calls_total", help: "calls", labels });
  for (const method of ["a", "b", "c", "d", "a"]) calls.add({ method, code: "OK" });
  calls.add({ method: "a", code: "https://example.org/?id=1" }, 3);
  assert.deepEqual(seriesOf(await metrics.text(), "calls_total"), [
    'calls_total{method="a",code="OK"} 2',
    'calls_total{method="b",code="OK"} 1',
    'calls_total{method="other",code="OK"} 2',
    'calls_total{method="a",code="other"} 3',
  ]);
});

test("the same name is the same metric; a gauge forgets a bot that is gone; a reading is read when scraped", async () => {
  const metrics = new Metrics({ process: "test", release: "0", own: false });
  const labels = { bot: 10 };
  metrics.gauge({ name: "phase", help: "phase", labels }).set({ bot: "x" }, 1);
  const again = metrics.gauge({ name: "phase", help: "phase", labels });
  again.set({ bot: "y" }, 2);
  again.remove({ bot: "x" });
  let depth = 4;
  metrics.reading({ name: "depth", help: "depth" }, () => depth);
  metrics.histogram({ name: "took_seconds", help: "took", labels: {} }).observe({}, 0.003);
  depth = 5;
  const text = await metrics.text();
  assert.deepEqual(seriesOf(text, "phase"), ['phase{bot="y"} 2']);
  assert.deepEqual(seriesOf(text, "depth"), ["depth 5"]);
  assert.ok(text.includes('took_seconds_bucket{le="0.005"} 1'), text);
});

test("a process tells its release, its role, its memory and the lag of its loop", async () => {
  const metrics = new Metrics({ process: "connector", release: "1.2.3" });
  const text = await metrics.text();
  metrics.close();
  assert.ok(text.includes('opensqt_build_info{role="connector",release="1.2.3"} 1'), text);
  for (const name of ["process_resident_memory_bytes", "opensqt_event_loop_lag_seconds"]) {
    assert.equal(seriesOf(text, name).length, 1, name);
  }
});
