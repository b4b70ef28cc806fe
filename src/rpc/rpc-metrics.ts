// The metrics of the gRPC layer (API-39). Labels are services, methods and statuses of the proto: nothing a caller
// sends becomes a label.

import type { Metrics } from "../observe/metrics.ts";
import type { RpcMetrics } from "./observer.ts";
import { knownPaths } from "./roles.ts";
import { STATUS_NAMES } from "./status.ts";
import type { TopicMetrics } from "./topic.ts";

const AUTH_FAILURES = ["missing", "unknown", "conflicting", "locked", "role", "certificate"] as const;
const parts = knownPaths().map((path) => path.split("/"));
const SERVICES = [...new Set(parts.map(([, service = ""]) => service.slice(service.lastIndexOf(".") + 1)))];
const METHODS = [...new Set(parts.map(([, , method = ""]) => method))];

/** What a topic reports too; its name is the label, so it should be the method's. */
export function rpcMetrics(metrics: Metrics): RpcMetrics & TopicMetrics {
  const call = { service: [...SERVICES, "Health", "ServerReflection"], method: [...METHODS, "Check", "Watch"] };
  const stream = { method: [...METHODS, "Watch"] };
  const requests = metrics.counter({
    name: "grpc_requests_total",
    help: "calls by how they ended",
    labels: { ...call, code: STATUS_NAMES },
  });
  const durations = metrics.histogram({
    name: "grpc_request_duration_seconds",
    help: "time from the first byte of a call to its end",
    labels: call,
  });
  const subscribers = metrics.gauge({ name: "grpc_stream_subscribers", help: "open streams", labels: stream });
  const messages = metrics.counter({ name: "grpc_stream_messages_total", help: "messages sent", labels: stream });
  const conflated = metrics.counter({
    name: "grpc_stream_conflated_total",
    help: "messages a newer one replaced before it was sent",
    labels: stream,
  });
  const overruns = metrics.counter({
    name: "grpc_stream_overruns_total",
    help: "subscribers ended for being slow",
    labels: stream,
  });
  const failures = metrics.counter({
    name: "grpc_auth_failures_total",
    help: "calls refused at the door",
    labels: { reason: AUTH_FAILURES },
  });
  const open = new Map<string, number>();
  return {
    request: ({ service, method, code }, seconds) => {
      requests.add({ service, method, code });
      durations.observe({ service, method }, seconds);
    },
    subscribers: (method, change) => {
      const count = (open.get(method) ?? 0) + change;
      open.set(method, count);
      subscribers.set({ method }, count);
    },
    message: (method) => messages.add({ method }),
    conflated: (method, count) => conflated.add({ method }, count),
    overrun: (method) => overruns.add({ method }),
    authFailure: (reason) => failures.add({ reason }),
  };
}
