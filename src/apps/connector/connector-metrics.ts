// What a connector counts, as metrics of its process (API-39).

import { type ConnectorMetrics, OUTCOMES, STREAMS } from "../../exchange/connector/observer.ts";
import type { RequestBucket } from "../../exchange/port.ts";
import type { Metrics } from "../../observe/metrics.ts";

/** `budget`: what is open of each limit of the exchange now; absent where it has none. */
export function connectorMetrics(
  metrics: Metrics,
  exchange: string,
  budget?: () => readonly RequestBucket[],
): ConnectorMetrics {
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
  return {
    outcome: (outcome) => outcomes.add({ exchange, outcome }),
    connected: (word, up) => connected.set({ exchange, stream: word }, up ? 1 : 0),
    message: (word) => messages.add({ exchange, stream: word }),
  };
}
