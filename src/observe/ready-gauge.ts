// Whether the process can do its work, as /ready answers it, for those who scrape (OPS-27): one that is not ready for
// long is as bad as one that is down.

import type { CheckResult } from "./liveness.ts";
import type { Metrics } from "./metrics.ts";

/** Read at each scrape. The process's newest word counts: a call replaces the one before. */
export function readyGauge(metrics: Metrics, ready: () => readonly CheckResult[]): void {
  const help = "1: /ready answers 200; 0: something is awaited, and /ready names it";
  metrics.reading({ name: "opensqt_ready", help }, () => (ready().every(({ ok }) => ok) ? 1 : 0));
}
