// The last alerts of every bot and of the host, each once, however often it is told (alerts are delivered at least
// once; the id is the effect's).

import type { AlertSeverity } from "../../trading/effect.ts";
import type { HostAlert } from "../context.ts";

export interface KeptAlert extends HostAlert {
  readonly bot: string;
  readonly symbol: string;
  readonly atMs: number;
}

/** Alerts kept. */
export const ALERTS_MAX = 500;

const RANK: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, error: 2, critical: 3 };

export const isAtLeast = (severity: AlertSeverity, least: AlertSeverity): boolean => RANK[severity] >= RANK[least];

export class AlertRing {
  private readonly alerts = new Map<string, KeptAlert>();
  private readonly listeners = new Set<(alert: KeptAlert) => void>();

  /** False when an alert of this id is known already. */
  add(alert: KeptAlert): boolean {
    if (this.alerts.has(alert.id)) return false;
    this.alerts.set(alert.id, alert);
    if (this.alerts.size > ALERTS_MAX) {
      for (const oldest of this.alerts.keys()) {
        this.alerts.delete(oldest);
        break;
      }
    }
    for (const listener of this.listeners) listener(alert);
    return true;
  }

  /** The newest `count`, oldest of them first. */
  newest(count: number): readonly KeptAlert[] {
    const all = [...this.alerts.values()].sort((a, b) => a.atMs - b.atMs);
    return all.slice(Math.max(0, all.length - count));
  }

  /** Calls `listener` for every alert from now on; returns what ends it. */
  onAlert(listener: (alert: KeptAlert) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
