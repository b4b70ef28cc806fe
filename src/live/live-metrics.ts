// What is counted about browsers (section 13). The first two names are the original's: dashboards know them.

import type { Metrics } from "../observe/metrics.ts";
import { TOPICS } from "./console-request.ts";
import type { ConsoleType } from "./messages.ts";

/** Why a handshake was refused, as the metric's label says it. */
export const REJECTIONS = [
  "full",
  "rate",
  "address",
  "host",
  "origin",
  "auth",
  "protocol",
  "path",
  "stopping",
] as const;
export type Rejection = (typeof REJECTIONS)[number];

/** What is no topic: answers, and words of the connection itself. A new one that is forgotten here does not compile. */
const ANSWERS: Readonly<Record<Exclude<ConsoleType, (typeof TOPICS)[number]>, true>> = {
  explain: true,
  candles: true,
  config: true,
  preview: true,
  state: true,
  what_if: true,
  ready: true,
  bye: true,
  error: true,
};
const TYPES: readonly string[] = [...TOPICS, ...Object.keys(ANSWERS)];

/** Seconds: from ten microseconds to a second. */
const BROADCAST_BUCKETS = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1];

export class LiveMetrics {
  readonly rejected: (reason: Rejection) => void;
  readonly slow: () => void;
  readonly sent: (type: string) => void;
  readonly broadcast: (seconds: number) => void;
  readonly ended: (reason: string) => void;

  constructor(metrics: Metrics, clients: () => number) {
    const rejected = metrics.counter({
      name: "websocket_rejected_total",
      help: "Handshakes refused, by reason",
      labels: { reason: REJECTIONS },
    });
    const slow = metrics.counter({ name: "opensqt_ws_slow_total", help: "Clients ended as too slow", labels: {} });
    const messages = metrics.counter({
      name: "opensqt_ws_messages_total",
      help: "Messages written to clients, by type",
      labels: { type: TYPES },
    });
    const broadcast = metrics.histogram(
      { name: "opensqt_ws_broadcast_seconds", help: "One change handed to all clients", labels: {} },
      BROADCAST_BUCKETS,
    );
    const ended = metrics.counter({
      name: "opensqt_ws_ended_total",
      help: "Clients ended by this server, by reason",
      labels: { reason: ["slow", "write", "silent", "rate", "messages", "size", "fault", "login", "going"] },
    });
    metrics.reading({ name: "websocket_active_connections", help: "WebSocket connections open" }, clients);
    this.rejected = (reason) => rejected.add({ reason });
    this.slow = () => slow.add({});
    this.sent = (type) => messages.add({ type });
    this.broadcast = (seconds) => broadcast.observe({}, seconds);
    this.ended = (reason) => ended.add({ reason });
  }
}
