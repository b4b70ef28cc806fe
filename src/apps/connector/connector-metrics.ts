// What a connector counts, as metrics of its process (API-39).

import { CALL_OUTCOMES, CALLS, type ConnectorMetrics, OUTCOMES, STREAMS } from "../../exchange/connector/observer.ts";
import type { RequestBucket } from "../../exchange/port.ts";
import type { Metrics } from "../../observe/metrics.ts";

/** An order's answer takes milliseconds near an exchange, a page of fills seconds. */
const CALL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface Told {
  /** What is open of each limit of the exchange now; absent where it has none. */
  readonly budget?: (() => readonly RequestBucket[]) | undefined;
  /** How far the exchange's clock is from ours, ms; null where it was not measured, absent where there is but one. */
  readonly clockOffsetMs?: (() => number | null) | undefined;
}

export function connectorMetrics(
  metrics: Metrics,
  exchange: string,
  { budget, clockOffsetMs }: Told = {},
): ConnectorMetrics {
  if (clockOffsetMs !== undefined) clockGauge(metrics, exchange, clockOffsetMs);
  if (budget !== undefined) {
    const used = metrics.gauge({
      name: "exchange_request_budget_used_ratio",
      help: "the fullest bucket of the exchange's request limits",
      labels: { exchange: 1 },
    });
    metrics.onScrape(() => used.set({ exchange }, Math.max(0, ...budget().map(({ used: n, limit }) => n / limit))));
  }
  const stream = { exchange: 1, stream: STREAMS } as const;
  const outcomes = metrics.counter({
    name: "order_outcome_total",
    help: "orders by what became of sending them",
    labels: { exchange: 1, outcome: OUTCOMES },
  });
  const connected = metrics.gauge({ name: "exchange_stream_connected", help: "1 while connected", labels: stream });
  const messages = metrics.counter({ name: "exchange_stream_messages_total", help: "messages heard", labels: stream });
  const asked = { exchange: 1, call: CALLS, outcome: CALL_OUTCOMES } as const;
  const calls = metrics.counter({
    name: "opensqt_exchange_calls_total",
    help: "calls to the exchange that ended, by what they were told",
    labels: asked,
  });
  const seconds = metrics.histogram(
    { name: "opensqt_exchange_call_seconds", help: "from a call to the exchange to its end", labels: asked },
    CALL_SECONDS,
  );
  return {
    call: (call, outcome, ms) => {
      calls.add({ exchange, call, outcome });
      seconds.observe({ exchange, call, outcome }, ms / 1000);
    },
    outcome: (outcome) => outcomes.add({ exchange, outcome }),
    connected: (word, up) => connected.set({ exchange, stream: word }, up ? 1 : 0),
    message: (word) => messages.add({ exchange, stream: word }),
  };
}

function clockGauge(metrics: Metrics, exchange: string, read: () => number | null): void {
  const offset = metrics.gauge({
    name: "opensqt_clock_offset_seconds",
    help: "the exchange's clock less ours; absent until it is measured",
    labels: { exchange: 1 },
  });
  metrics.onScrape(() => {
    const ms = read();
    if (ms === null) offset.remove({ exchange });
    else offset.set({ exchange }, ms / 1000);
  });
}
