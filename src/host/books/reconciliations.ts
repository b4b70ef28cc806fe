// What reconciliations of one bot found: each read of the exchange beside our own position, and what was done about a
// difference (RISK-33). Folded from the journal; a bounded list of the newest, differences kept longer.

import type { Lots } from "../../market/amounts.ts";
import { divergenceBps } from "../../risk/reconcile.ts";
import type { ExchangeStateEvent } from "../../trading/event.ts";
import type { Told } from "./told.ts";

export interface Reconciliation {
  readonly seq: number;
  readonly atMs: number;
  /** Newest event the engine had when the exchange was asked. */
  readonly askedAtSeq: number;
  readonly local: Lots;
  readonly exchange: Lots;
  readonly match: boolean;
  readonly divergenceBps: number;
  /** What was done: `none`, `corrected`, `breaker`, `asked-again`. */
  readonly action: string;
  /** Orders looked up because both sides told them differently. */
  readonly lookups: number;
}

const KEPT = 200;

export class Reconciliations {
  private runs: Reconciliation[] = [];
  private differences: Reconciliation[] = [];
  private isBreakerOpen = false;

  /** Folds one read; `local` is our position when it was judged. */
  add(told: Told, event: ExchangeStateEvent, local: Lots): Reconciliation {
    const match = local === event.positionLots;
    const run: Reconciliation = {
      seq: told.seq,
      atMs: told.atMs,
      askedAtSeq: event.askedAtSeq,
      local,
      exchange: event.positionLots,
      match,
      divergenceBps: divergenceBps(local, event.positionLots),
      action: this.actionOf(told, match),
      lookups: told.effects.filter(({ kind }) => kind === "lookup").length,
    };
    this.runs.push(run);
    if (this.runs.length > 2 * KEPT) this.runs = this.runs.slice(-KEPT);
    if (!match) {
      this.differences.push(run);
      if (this.differences.length > 2 * KEPT) this.differences = this.differences.slice(-KEPT);
    }
    return run;
  }

  get newest(): Reconciliation | null {
    return this.runs[this.runs.length - 1] ?? null;
  }

  all(): readonly Reconciliation[] {
    return this.runs;
  }

  /** Reads that differed, oldest first. */
  diverged(): readonly Reconciliation[] {
    return this.differences;
  }

  private actionOf(told: Told, match: boolean): string {
    const action = match ? "none" : said(told);
    this.isBreakerOpen = action === "breaker" || (this.isBreakerOpen && action === null);
    return action ?? (this.isBreakerOpen ? "breaker" : "none");
  }
}

/** What the engine did about a difference; null where it said nothing. */
function said(told: Told): string | null {
  for (const { kind, effect } of told.effects) {
    if (kind !== "alert") continue;
    const alert = effect();
    if (alert.kind !== "alert") continue;
    if (alert.code === "adjusted") return "corrected";
    if (alert.code === "divergence") return alert.severity === "critical" ? "breaker" : "inconclusive";
  }
  return told.effects.some(({ kind }) => kind === "reconcile") ? "asked-again" : null;
}
