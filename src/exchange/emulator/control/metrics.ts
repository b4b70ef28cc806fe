// What an emulator counts, as Prometheus text: made when somebody asks, from the counts of the world of now.

import { Metrics } from "../../../observe/metrics.ts";
import type { EmulatorControl } from "../control.ts";
import { split } from "../faults/counts.ts";
import { FaultGate } from "../faults/gate.ts";

const LABELS_MAX = 1_000;

/** Prometheus text and its content type. */
export async function metricsText(control: EmulatorControl): Promise<{ readonly type: string; readonly text: string }> {
  const metrics = new Metrics({ process: "emulator", release: "", own: false });
  const { protocols, gate } = control.universe;
  const unserved = metrics.counter({
    name: "emulator_unserved_total",
    help: "requests and dials no route served (EMU-08)",
    labels: { protocol: LABELS_MAX, route: LABELS_MAX },
  });
  for (const [protocol, { unserved: routes }] of protocols) {
    for (const [route, count] of routes) unserved.add({ protocol, route }, count);
  }
  const sockets = metrics.gauge({ name: "emulator_sockets", help: "open sockets", labels: { protocol: LABELS_MAX } });
  for (const protocol of protocols.keys()) sockets.set({ protocol }, control.sockets({ protocol }).length);
  if (gate instanceof FaultGate) countGate(metrics, gate);
  const text = await metrics.text();
  const type = metrics.contentType;
  metrics.close();
  return { type, text };
}

function countGate(metrics: Metrics, { counts }: FaultGate): void {
  const requests = metrics.counter({
    name: "emulator_requests_total",
    help: "requests that came, over HTTP and the WebSocket API",
    labels: { protocol: LABELS_MAX, route: LABELS_MAX },
  });
  for (const [key, count] of counts.requests) {
    const [protocol, route] = split(key);
    requests.add({ protocol, route }, count);
  }
  const frames = metrics.counter({
    name: "emulator_frames_total",
    help: "frames the protocols sent, before faults",
    labels: { protocol: LABELS_MAX, kind: LABELS_MAX },
  });
  for (const [key, count] of counts.frames) {
    const [protocol, kind] = split(key);
    frames.add({ protocol, kind }, count);
  }
  const faults = metrics.counter({
    name: "emulator_faults_total",
    help: "firings of faults",
    labels: { fault: LABELS_MAX },
  });
  for (const [fault, count] of counts.faults) faults.add({ fault }, count);
}
