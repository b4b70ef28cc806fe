// The one budget in front of every request (EXCH-25 to EXCH-27): who may leave now, who waits, who is too late. It
// decides by the clock and what was spent; it sends nothing.

import type { Clock } from "../../../base/clock.ts";
import type { RequestBucket, UpstreamHealth } from "../../port.ts";
import { type CallWish, NotSentError, type Priority } from "../call.ts";
import type { Gate } from "../ccxt-requests.ts";
import type { BucketCost, BucketRule, ExchangeTable, RequestAbout } from "../exchanges/exchange-table.ts";
import { Bucket } from "./bucket.ts";

export interface BudgetOptions {
  readonly clock: Clock;
  readonly table: Pick<ExchangeTable, "limits" | "rateStatuses" | "banStatuses">;
  /** Told when the exchange slows us down or shuts us out, and when that is over. */
  readonly health: (health: UpstreamHealth) => void;
  /** Whether the exchange's dead-man timer is armed, and so runs out where nothing may be sent; absent: it never is. */
  readonly timerRuns?: () => boolean;
}

interface Waiting {
  readonly costs: readonly BucketCost[];
  readonly wish: CallWish;
  readonly go: () => void;
  readonly refuse: (error: NotSentError) => void;
}

/** Share of a bucket, in hundredths, that a priority may fill: 20 are for 0 and 1 only, the last 5 for 0 alone. */
const SHARE: Readonly<Record<Priority, number>> = { 0: 100, 1: 95, 2: 80, 3: 80, 4: 50 };
const RATE_WAIT_MS = 2000;
const BAN_WAIT_MS = 120_000;
/** After a silence one request goes ahead; the others wait for its answer, or for so long. */
const SCOUT_MS = 1_000;
/** Requests of one priority waiting at once: a flood of them fills no memory, and keeps nothing more urgent out. */
const WAITING_MAX = 2000;

export class RequestBudget implements Gate {
  private readonly options: BudgetOptions;
  private readonly buckets = new Map<string, Bucket>();
  private readonly waiting: readonly Waiting[][] = [[], [], [], [], []];
  private silence: { readonly kind: "rate" | "ban"; readonly untilMs: number } | null = null;
  /** Instruments whose one bulk cancel of this silence has left. */
  private readonly bulkGone = new Set<string>();
  private restUntilMs = 0;
  /** Set after a silence: `sent` once one request has gone to see whether it is over. */
  private scout: { sent: boolean; untilMs: number } | null = null;
  private cancelWake = (): void => undefined;
  private closed = false;

  constructor(options: BudgetOptions) {
    this.options = options;
    this.setRules(options.table.limits.buckets);
  }

  /** Limits as the exchange tells them, over those that stood before. */
  setRules(rules: readonly BucketRule[]): void {
    for (const rule of rules) {
      const bucket = this.buckets.get(rule.name);
      if (bucket === undefined) this.buckets.set(rule.name, new Bucket(rule));
      else bucket.setRule(rule);
    }
  }

  pass(about: RequestAbout, wish: CallWish): Promise<void> {
    if (this.closed) return Promise.reject(new NotSentError("closed", "not sent: the connection is closed"));
    const costs = this.options.table.limits.costs(about).filter(({ bucket }) => this.buckets.has(bucket));
    return new Promise((go, refuse) => {
      const queue = this.waiting[wish.priority] ?? [];
      if (queue.length >= WAITING_MAX) refuse(new NotSentError("budget", "not sent: too many requests wait"));
      else queue.push({ costs, wish, go, refuse });
      this.pump();
    });
  }

  replied(status: number, headers: Readonly<Record<string, string>>, about: RequestAbout | null = null): void {
    const { clock, table } = this.options;
    const now = clock.nowMs();
    for (const { bucket: name, used, limit } of table.limits.used(headers, about)) {
      const bucket = this.buckets.get(name);
      if (limit !== undefined) bucket?.setLimit(limit);
      bucket?.correct(now, used);
    }
    if (table.banStatuses.includes(status)) this.hush("ban", waitOf(headers) ?? BAN_WAIT_MS);
    else if (table.rateStatuses.includes(status)) this.hush("rate", waitOf(headers) ?? RATE_WAIT_MS);
    else if (this.scout?.sent === true) {
      this.scout = null;
      this.pump();
    }
  }

  /** The exchange said "too fast" in words of its own. */
  slowDown(waitMs = RATE_WAIT_MS): void {
    this.hush("rate", waitMs);
  }

  /** Polling and history rest; what orders need goes on (EXCH-59). */
  rest(forMs: number): void {
    this.restUntilMs = Math.max(this.restUntilMs, this.options.clock.nowMs() + forMs);
  }

  /** Everything waits now; null: nothing does. */
  silentUntilMs(): number | null {
    return this.silence?.untilMs ?? null;
  }

  view(): readonly RequestBucket[] {
    const now = this.options.clock.nowMs();
    return [...this.buckets.values()].map((bucket) => ({
      name: bucket.name,
      used: bucket.used(now),
      limit: bucket.limit,
      resetAtMs: bucket.emptyAtMs(now),
    }));
  }

  close(): void {
    this.closed = true;
    this.cancelWake();
    for (const queue of this.waiting) {
      for (const each of queue.splice(0)) each.refuse(new NotSentError("closed", "not sent: the connection is closed"));
    }
  }

  private hush(kind: "rate" | "ban", waitMs: number): void {
    const untilMs = this.options.clock.nowMs() + waitMs;
    const before = this.silence;
    if (before !== null && before.untilMs >= untilMs && (before.kind === "ban" || kind === "rate")) return;
    this.scout = null;
    if (before === null) this.bulkGone.clear();
    this.silence = { kind: before?.kind === "ban" ? "ban" : kind, untilMs: Math.max(untilMs, before?.untilMs ?? 0) };
    if (kind === "ban" && before?.kind !== "ban") {
      const text = "the exchange has banned this address";
      this.options.health({ subject: "limits", state: "down", text: `${text}: nothing is sent until it ends` });
      if (this.options.timerRuns?.() === true) {
        const running = "it cannot be renewed: assumed running out";
        this.options.health({ subject: "dead-man", state: "suspect", text: running });
      }
    } else if (before === null) {
      const text = `the exchange asked for a pause of ${waitMs} ms: everything waits`;
      this.options.health({ subject: "limits", state: "suspect", text });
    }
    this.pump();
  }

  private pump(): void {
    if (this.closed) return;
    const now = this.options.clock.nowMs();
    if (this.silence !== null && now >= this.silence.untilMs) {
      this.silence = null;
      this.scout = { sent: false, untilMs: Number.POSITIVE_INFINITY };
      this.bulkGone.clear();
      this.options.health({ subject: "limits", state: "live", text: "requests are sent again" });
    }
    if (this.scout !== null && now >= this.scout.untilMs) this.scout = null;
    // what an earlier request waits for, a later one may not take from under it
    const blocked = new Set<string>();
    let wakeMs = this.silence?.untilMs ?? Number.POSITIVE_INFINITY;
    for (const queue of this.waiting) {
      const stay: Waiting[] = [];
      for (const each of queue.splice(0)) {
        const verdict = this.judge(each, now, blocked);
        if (verdict === "go") each.go();
        else if (verdict === "never") each.refuse(tooLate(each, now));
        else {
          stay.push(each);
          wakeMs = Math.min(wakeMs, verdict, each.wish.waitUntilMs);
        }
      }
      queue.push(...stay);
    }
    this.cancelWake();
    if (wakeMs !== Number.POSITIVE_INFINITY) {
      this.cancelWake = this.options.clock.at(Math.max(wakeMs, now + 1), () => this.pump());
    }
  }

  /** `go`, `never`, or the Unix ms at which to ask again. */
  private judge(each: Waiting, now: number, blocked: Set<string>): "go" | "never" | number {
    const { wish, costs } = each;
    if (now > wish.waitUntilMs) return "never";
    if (this.silence !== null) {
      if (!this.mayBreakSilence(wish)) return this.silence.untilMs;
      this.bulkGone.add(wish.bulkCancelOf ?? "");
      this.spend(costs, now);
      return "go";
    }
    if (wish.priority >= 3 && now < this.restUntilMs) return this.restUntilMs;
    let freeAtMs = 0;
    for (const { bucket: name, cost } of costs) {
      const bucket = this.buckets.get(name);
      if (bucket === undefined) continue;
      const allowed = Math.floor((bucket.limit * SHARE[wish.priority]) / 100);
      const used = bucket.used(now);
      // a request larger than its share leaves alone or never
      const fits = used + cost <= allowed || (used === 0 && cost <= bucket.limit);
      if (fits && !blocked.has(name)) continue;
      if (cost > bucket.limit) return "never";
      blocked.add(name);
      freeAtMs = Math.max(freeAtMs, bucket.freeAtMs(now, Math.max(0, allowed - cost)), now + 1);
    }
    if (freeAtMs > 0) return freeAtMs;
    if (this.scout !== null) {
      // all that waited leaving at once would be too fast again, and three such answers are a ban
      if (this.scout.sent) return this.scout.untilMs;
      this.scout = { sent: true, untilMs: now + SCOUT_MS };
    }
    this.spend(costs, now);
    return "go";
  }

  private mayBreakSilence({ priority, bulkCancelOf }: CallWish): boolean {
    if (this.silence?.kind === "ban" || priority !== 0 || bulkCancelOf === undefined) return false;
    return !this.bulkGone.has(bulkCancelOf);
  }

  private spend(costs: readonly BucketCost[], now: number): void {
    for (const { bucket, cost } of costs) this.buckets.get(bucket)?.spend(now, cost);
  }
}

function tooLate({ costs, wish }: Waiting, now: number): NotSentError {
  const names = costs.map(({ bucket }) => bucket).join(", ");
  const why = now > wish.waitUntilMs ? "its turn did not come in time" : "it is larger than the limit itself";
  return new NotSentError("budget", `not sent: the request budget (${names || "all requests"}) is used up and ${why}`);
}

/** `Retry-After` in seconds. */
function waitOf(headers: Readonly<Record<string, string>>): number | null {
  const text = headers["retry-after"];
  if (text === undefined || !/^\d{1,7}$/.test(text)) return null;
  return Number.parseInt(text, 10) * 1000;
}
