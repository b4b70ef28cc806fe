// How long the certificate a process shows is still good (OPS-24, OPS-40): of the one that was handed to its listeners,
// not of a newer one that lies on the disk and nobody took.

import { X509Certificate } from "node:crypto";
import type { Metrics } from "../../observe/metrics.ts";

interface Shown {
  readonly cert: string;
  readonly key: string;
}

/** Returns what every certificate passes through on its way to a listener; without one there is no series. */
export function certificateGauge(metrics: Metrics, role: string): (tls: Shown | null) => Shown | null {
  const expiry = metrics.gauge({
    name: "opensqt_certificate_expiry_seconds",
    help: "until the certificate of the listeners is no longer good; below 0 it is not",
    labels: { role: 1 },
  });
  let untilMs: number | null = null;
  metrics.onScrape(() => {
    if (untilMs === null) expiry.remove({ role });
    else expiry.set({ role }, (untilMs - Date.now()) / 1000);
  });
  return (tls) => {
    untilMs = tls === null ? null : new X509Certificate(tls.cert).validToDate.getTime();
    return tls;
  };
}
