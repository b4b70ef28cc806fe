// What one channel is still to send: by severity, by bot, within twenty a minute, never more than a thousand (RISK-41).
// What has no room is counted into a digest; a critical one always has room. Pure: it sends nothing and waits for
// nothing.

import type { AlertSeverity } from "../../trading/effect.ts";
import {
  botOf,
  type DigestLine,
  isAtLeast,
  type Moment,
  type Notice,
  rankOf,
  SEVERITIES,
  severityOf,
} from "./alert.ts";

export interface LaneRules {
  readonly minSeverity: AlertSeverity;
  /** Bots it hears of; null: all. What is about the process every lane hears. */
  readonly bots: readonly string[] | null;
}

export const PER_MINUTE = 20;
export const BURST = 5;
export const QUEUE_MAX = 1_000;
/** A digest waits so long for more of its kind. */
export const DIGEST_MS = 60_000;
/** What waited longer, for a channel that did not answer, is told as a number. */
export const FRESH_MS = 300_000;
/** Kinds a digest counts one by one. */
const LINES_MAX = 50;
const MINUTE_MS = 60_000;

interface Waiting {
  readonly notice: Notice;
  readonly atMs: number;
}

export class Lane {
  private readonly rules: LaneRules;
  private readonly waiting = new Map<AlertSeverity, Waiting[]>(SEVERITIES.map((severity) => [severity, []]));
  private readonly lines = new Map<string, DigestLine>();
  /** When the digest was begun; null while there is nothing in it. */
  private digestFromMs: number | null = null;
  private tokens = BURST;
  private filledMs: number | null = null;
  private readonly dropped: (severity: AlertSeverity) => void;

  constructor(rules: LaneRules, dropped: (severity: AlertSeverity) => void) {
    this.rules = rules;
    this.dropped = dropped;
  }

  get size(): number {
    let size = 0;
    for (const list of this.waiting.values()) size += list.length;
    return size;
  }

  /** Alerts that a digest will count. */
  get folded(): number {
    return [...this.lines.values()].reduce((sum, { times }) => sum + times, 0);
  }

  takes(notice: Notice): boolean {
    const { minSeverity, bots } = this.rules;
    if (!isAtLeast(severityOf(notice), minSeverity)) return false;
    const bot = botOf(notice);
    return bots === null || bot === "" || bots.includes(bot);
  }

  offer(notice: Notice, { nowMs, quiet }: Moment): void {
    if (!this.takes(notice)) return;
    const critical = severityOf(notice) === "critical";
    const granted = this.grant(nowMs);
    if (critical || (granted && !quiet)) this.enqueue({ notice, atMs: nowMs });
    else this.fold(notice, nowMs);
  }

  /** The gravest that waits, oldest first; then a digest that is due. Null: nothing now. */
  next(moment: Moment): Notice | null {
    for (const severity of SEVERITIES.toReversed()) {
      const list = this.waiting.get(severity) ?? [];
      for (let one = list.shift(); one !== undefined; one = list.shift()) {
        if (severity === "critical" || (!moment.quiet && moment.nowMs - one.atMs <= FRESH_MS)) return one.notice;
        this.fold(one.notice, moment.nowMs);
      }
    }
    const { digestFromMs } = this;
    if (digestFromMs === null || moment.quiet || moment.nowMs < digestFromMs + DIGEST_MS) return null;
    return this.grant(moment.nowMs) ? this.digest(moment) : null;
  }

  /** A notice that was taken out and could not be sent: a critical one goes first again, others are given up. */
  giveBack(notice: Notice, nowMs: number): void {
    const severity = severityOf(notice);
    if (severity === "critical") this.waiting.get("critical")?.unshift({ notice, atMs: nowMs });
    else this.dropped(severity);
  }

  /** A notice that was taken out and never will be sent. */
  lose(notice: Notice): void {
    this.dropped(severityOf(notice));
  }

  /** When {@link next} may have something; null while nothing waits. */
  nextAtMs({ nowMs, quiet }: Pick<Moment, "nowMs" | "quiet">): number | null {
    if ((this.waiting.get("critical")?.length ?? 0) > 0) return nowMs;
    const { digestFromMs, size } = this;
    if (quiet) return size === 0 && digestFromMs === null ? null : nowMs + MINUTE_MS;
    if (size > 0) return nowMs;
    if (digestFromMs === null) return null;
    this.refill(nowMs);
    const tokenMs = this.tokens >= 1 ? nowMs : nowMs + Math.ceil(((1 - this.tokens) * MINUTE_MS) / PER_MINUTE);
    return Math.max(digestFromMs + DIGEST_MS, tokenMs);
  }

  /** Everything that is left, gravest first, what was counted as one digest: for the end of the process. */
  drain(moment: Moment): readonly Notice[] {
    const left: Notice[] = [];
    for (let one = this.next(moment); one !== null; one = this.next(moment)) left.push(one);
    return this.digestFromMs === null || moment.quiet ? left : [...left, this.digest(moment)];
  }

  private enqueue(one: Waiting): void {
    const severity = severityOf(one.notice);
    if (this.size >= QUEUE_MAX) {
      const lowest = SEVERITIES.find((each) => (this.waiting.get(each)?.length ?? 0) > 0) ?? severity;
      if (rankOf(lowest) > rankOf(severity)) {
        this.dropped(severity);
        return;
      }
      // a critical one is never dropped: the newest is counted
      if (lowest === "critical") {
        this.fold(one.notice, one.atMs);
        return;
      }
      this.waiting.get(lowest)?.shift();
      this.dropped(lowest);
    }
    this.waiting.get(severity)?.push(one);
  }

  private fold(notice: Notice, nowMs: number): void {
    for (const line of linesOf(notice)) {
      const own = `${line.severity} ${line.code} ${line.bot}`;
      const isKnown = this.lines.has(own) || this.lines.size < LINES_MAX;
      const key = isKnown ? own : `${line.severity} others`;
      const before = this.lines.get(key);
      const counted = isKnown ? line : { ...line, code: "others", title: "Others", bot: "" };
      this.lines.set(key, { ...counted, times: (before?.times ?? 0) + line.times });
    }
    this.digestFromMs ??= nowMs;
  }

  private digest({ wallMs }: Moment): Notice {
    const lines = [...this.lines.values()].sort((a, b) => rankOf(b.severity) - rankOf(a.severity) || b.times - a.times);
    this.lines.clear();
    this.digestFromMs = null;
    return { kind: "digest", lines, severity: lines[0]?.severity ?? "info", atMs: wallMs };
  }

  private grant(nowMs: number): boolean {
    this.refill(nowMs);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  private refill(nowMs: number): void {
    const sinceMs = nowMs - (this.filledMs ?? nowMs);
    this.tokens = Math.min(BURST, this.tokens + (Math.max(0, sinceMs) * PER_MINUTE) / MINUTE_MS);
    this.filledMs = nowMs;
  }
}

/** What a digest says of a notice. An end is no alert; it is told as one of its kind. */
function linesOf(notice: Notice): readonly DigestLine[] {
  if (notice.kind === "digest") return notice.lines;
  const { severity, code, title, bot } = notice.alert;
  switch (notice.kind) {
    case "alert":
      return [{ severity, code, title, bot, times: 1 }];
    case "repeats":
      return [{ severity, code, title, bot, times: notice.times }];
    case "resolved":
      return [{ severity, code: `${code}/resolved`, title: `Resolved: ${title}`, bot, times: 1 }];
  }
}
