// The last alerts of every bot and of the host, each once, however often it is told (alerts are delivered at least
// once; the id is the effect's), and when the cause of each was over (OPS-28).

import { type Cause, causeOf, keyOf } from "../../observe/alerts/alert.ts";
import type { AlertSeverity } from "../../trading/effect.ts";
import type { HostAlert } from "../context.ts";
import type { CauseEnd } from "./alert-ends.ts";

export interface KeptAlert extends HostAlert {
  readonly bot: string;
  readonly symbol: string;
  readonly atMs: number;
  /** 0 while its cause holds, and where nobody can know. */
  readonly resolvedAtMs: number;
}

/** Alerts kept. */
export const ALERTS_MAX = 500;

const RANK: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, error: 2, critical: 3 };

export const isAtLeast = (severity: AlertSeverity, least: AlertSeverity): boolean => RANK[severity] >= RANK[least];

export class AlertRing {
  private readonly alerts = new Map<string, KeptAlert>();
  /** Ids of those that hold, by cause. */
  private readonly open = new Map<string, string[]>();
  private readonly listeners = new Set<(alert: KeptAlert) => void>();
  private readonly endListeners = new Set<(end: CauseEnd) => void>();

  /** False when an alert of this id is known already. */
  add(told: Omit<KeptAlert, "resolvedAtMs">): boolean {
    if (this.alerts.has(told.id)) return false;
    const alert: KeptAlert = { ...told, resolvedAtMs: 0 };
    this.alerts.set(alert.id, alert);
    const cause = causeKey(alert);
    this.open.set(cause, [...(this.open.get(cause) ?? []), alert.id]);
    if (this.alerts.size > ALERTS_MAX) this.forgetOldest();
    for (const listener of this.listeners) listener(alert);
    return true;
  }

  /** Whether an alert of this code about the bot as a whole holds. */
  holds(code: string, bot: string): boolean {
    return this.open.has(ringKey({ code, bot, instrument: "", subject: "" }));
  }

  /** The cause is over: each alert of it that held is told again with the time. `atMs` as the alerts' own. */
  end(end: CauseEnd, atMs: number): void {
    const cause = ringKey(end.cause);
    const ids = this.open.get(cause);
    if (ids === undefined) return;
    this.open.delete(cause);
    for (const id of ids) {
      const alert = this.alerts.get(id);
      if (alert === undefined) continue;
      const resolved: KeptAlert = { ...alert, resolvedAtMs: Math.max(atMs, alert.atMs) };
      this.alerts.set(id, resolved);
      for (const listener of this.listeners) listener(resolved);
    }
    for (const listener of this.endListeners) listener(end);
  }

  /** The newest `count`, oldest of them first. */
  newest(count: number): readonly KeptAlert[] {
    const all = [...this.alerts.values()].sort((a, b) => a.atMs - b.atMs);
    return all.slice(Math.max(0, all.length - count));
  }

  /** Calls `listener` for every cause that ends from now on; returns what ends that. */
  onEnd(listener: (end: CauseEnd) => void): () => void {
    this.endListeners.add(listener);
    return () => {
      this.endListeners.delete(listener);
    };
  }

  /** Calls `listener` for every alert from now on, and again when it is over; returns what ends it. */
  onAlert(listener: (alert: KeptAlert) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private forgetOldest(): void {
    for (const oldest of this.alerts.values()) {
      this.alerts.delete(oldest.id);
      const cause = causeKey(oldest);
      const left = (this.open.get(cause) ?? []).filter((id) => id !== oldest.id);
      if (left.length === 0) this.open.delete(cause);
      else this.open.set(cause, left);
      return;
    }
  }
}

const causeKey = ({ code, bot, symbol, facts }: KeptAlert): string =>
  ringKey(causeOf({ code, bot, instrument: symbol, facts }));

/** A bot has one instrument, and may alert before it knows which. */
const ringKey = (cause: Cause): string => keyOf({ ...cause, instrument: "" });
