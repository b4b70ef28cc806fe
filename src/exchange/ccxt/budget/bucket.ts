// One thing the exchange counts: what was spent within a window that slides with the clock. Whatever fixed window the
// exchange counts by, it sees no more than this.

import type { BucketRule } from "../exchanges/exchange-table.ts";

/** Requests arrive later than they leave, and not all equally late: the window is this much longer than told. */
const JITTER_MS = 250;
/** Spending is kept in so many grains of the window. */
const GRAINS = 512;

interface Spent {
  /** Of its oldest part. */
  readonly sinceMs: number;
  /** Of its youngest part: a grain is as young as that. */
  atMs: number;
  cost: number;
}

export class Bucket {
  readonly name: string;
  private rule: BucketRule;
  private spent: Spent[] = [];
  private sum = 0;

  constructor(rule: BucketRule) {
    this.name = rule.name;
    this.rule = rule;
  }

  get limit(): number {
    return this.rule.limit;
  }

  setRule(rule: BucketRule): void {
    this.rule = rule;
  }

  /** The exchange allows more or less of it now. */
  setLimit(limit: number): void {
    if (limit !== this.rule.limit) this.rule = { ...this.rule, limit };
  }

  used(nowMs: number): number {
    this.forget(nowMs);
    return this.sum;
  }

  spend(nowMs: number, cost: number): void {
    const last = this.spent.at(-1);
    this.sum += cost;
    if (last !== undefined && nowMs - last.sinceMs < this.rule.windowMs / GRAINS) {
      last.atMs = Math.max(last.atMs, nowMs);
      last.cost += cost;
    } else {
      this.spent.push({ sinceMs: nowMs, atMs: nowMs, cost });
    }
  }

  /** The exchange has counted more than we did: somebody else spends too. Less than ours is what is under way. */
  correct(nowMs: number, used: number): void {
    const missing = used - this.used(nowMs);
    if (missing > 0) this.spend(nowMs, missing);
  }

  /** Unix ms at which at most `allowed` is spent; now, where that is so already. */
  freeAtMs(nowMs: number, allowed: number): number {
    let left = this.used(nowMs);
    for (const each of this.spent) {
      if (left <= allowed) break;
      left -= each.cost;
      if (left <= allowed) return each.atMs + this.rule.windowMs + JITTER_MS;
    }
    return nowMs;
  }

  emptyAtMs(nowMs: number): number {
    this.forget(nowMs);
    const last = this.spent.at(-1);
    return last === undefined ? nowMs : last.atMs + this.rule.windowMs + JITTER_MS;
  }

  private forget(nowMs: number): void {
    const before = nowMs - this.rule.windowMs - JITTER_MS;
    let gone = 0;
    for (const each of this.spent) {
      if (each.atMs > before) break;
      this.sum -= each.cost;
      gone += 1;
    }
    if (gone > 0) this.spent.splice(0, gone);
  }
}
