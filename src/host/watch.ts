// What the host watches besides the market (DUR-61): the clock of the machine, the room on the disk, the time a commit
// takes. What it sees becomes events of the engine or alerts; it stops nothing itself.

import type { Clock } from "../base/clock.ts";
import type { AlertOver, HostEvent, OwnAlert } from "./context.ts";

const WATCH_MS = 1_000;
const CLOCK_BACK_MS = 1_000;
const CLOCK_FORWARD_MS = 60_000;
const DISK_EVERY = 10;
const DISK_WARN_BYTES = 1 << 30;
const DISK_PAUSE_BYTES = 256 << 20;
const SLOW_COMMIT_MS = 50;
const SLOW_WINDOW_MS = 60_000;
/** Newest commits a figure is made of. */
const COMMITS_KEPT = 1_000;

export interface WatchedHost {
  offer(event: HostEvent): void;
  alert(alert: OwnAlert): void;
  over(over: AlertOver): void;
  clockJumped(): void;
}

export interface WatchOptions {
  readonly clock: Clock;
  /** Free bytes where the journal lies; null where there is no disk. Throws nothing. */
  readonly freeBytes: (() => number) | null;
  /**
   * How far engine time is ahead of the clock that stamps events, ms: after a restart the journal is ahead of one that
   * was set back meanwhile. That clock is the market's, which may be another than the machine's.
   */
  readonly aheadMs?: () => number;
  /** Called at each look, once a second. */
  readonly onLook?: () => void;
}

export class Watch {
  private readonly host: WatchedHost;
  private readonly options: WatchOptions;
  private lastWallMs: number;
  private lastMonotonicMs: number;
  private rounds = 0;
  private disk: "enough" | "low" | "paused" = "enough";
  /** Wall time engine time waits for after the clock went back; null while it waits for nothing. */
  private heldUntilMs: number | null = null;
  private cancelWake: (() => void) | null = null;

  constructor(host: WatchedHost, options: WatchOptions) {
    this.host = host;
    this.options = options;
    this.lastWallMs = options.clock.nowMs();
    this.lastMonotonicMs = options.clock.monotonicMs();
  }

  start(): void {
    this.look();
  }

  stop(): void {
    this.cancelWake?.();
  }

  private look(): void {
    const { clock } = this.options;
    this.judgeClock();
    if (this.rounds % DISK_EVERY === 0) this.judgeDisk();
    this.rounds += 1;
    this.options.onLook?.();
    this.cancelWake = clock.at(clock.nowMs() + WATCH_MS, () => this.look());
  }

  /** Engine time slows down while the wall clock is behind it; a jump forward or a long sleep makes all feeds stale. */
  private judgeClock(): void {
    const { clock } = this.options;
    const wall = clock.nowMs();
    const monotonic = clock.monotonicMs();
    const stepMs = wall - this.lastWallMs - (monotonic - this.lastMonotonicMs);
    const sleptMs = wall - this.lastWallMs - WATCH_MS;
    const aheadMs = this.options.aheadMs?.() ?? 0;
    if (this.heldUntilMs !== null && wall >= this.heldUntilMs && aheadMs <= 0) {
      this.heldUntilMs = null;
      this.host.over({ code: "clock-back", facts: {}, text: "The clock has caught up" });
    }
    const backMs = Math.round(Math.max(-stepMs, this.rounds === 0 ? aheadMs : 0));
    if (backMs > CLOCK_BACK_MS) this.heldUntilMs ??= this.lastWallMs;
    this.lastWallMs = wall;
    this.lastMonotonicMs = monotonic;
    if (backMs > CLOCK_BACK_MS) {
      const text = `the clock went back ${backMs} ms; engine time goes at half its pace until it has caught up`;
      this.host.alert({ code: "clock-back", severity: "warning", text, facts: { backMs } });
    } else if (stepMs > CLOCK_FORWARD_MS || sleptMs > CLOCK_FORWARD_MS) {
      const ms = Math.round(Math.max(stepMs, sleptMs));
      const text = `the clock jumped ${ms} ms ahead, or the machine slept; the exchange is read again before new risk`;
      this.host.alert({ code: "clock-jumped", severity: "warning", text, facts: { aheadMs: ms } });
      this.host.clockJumped();
    }
  }

  private judgeDisk(): void {
    const free = this.options.freeBytes?.();
    if (free === undefined) return;
    const now = free < DISK_PAUSE_BYTES ? "paused" : free < DISK_WARN_BYTES ? "low" : "enough";
    if (now === this.disk) return;
    const mib = Math.floor(free / (1 << 20));
    const text = `${mib} MiB free on the journal's disk; below 256 MiB opening risk pauses`;
    if (now === "low") this.host.alert({ code: "disk-low", severity: "warning", text, facts: { freeMib: mib } });
    if (now === "enough") this.host.over({ code: "disk-low", facts: {}, text: `${mib} MiB are free again` });
    if (now === "paused" || this.disk === "paused") {
      this.host.offer({ kind: "host-condition", condition: "disk", active: now === "paused", text });
    }
    this.disk = now;
  }
}

export interface CommitNews {
  /** Of the commits of the last minute so many were slow. */
  readonly onSlow: (slow: number, commits: number) => void;
  /** A minute after a slow one was well. */
  readonly onFastAgain?: () => void;
}

/** DUR-61: more than one commit in a hundred slower than 50 ms, for a minute. Says so once a minute. */
export class CommitWatch {
  private readonly machineMs: () => number;
  private readonly news: CommitNews;
  private readonly newest = new Float64Array(COMMITS_KEPT);
  private seen = 0;
  private wasSlow = false;
  private windowFromMs: number;
  private commits = 0;
  private slow = 0;

  constructor(machineMs: () => number, news: CommitNews) {
    this.machineMs = machineMs;
    this.news = news;
    this.windowFromMs = machineMs();
  }

  /** One commit took so long. */
  took(ms: number): void {
    this.newest[this.seen % COMMITS_KEPT] = ms;
    this.seen += 1;
    this.commits += 1;
    if (ms > SLOW_COMMIT_MS) this.slow += 1;
    const now = this.machineMs();
    if (now - this.windowFromMs < SLOW_WINDOW_MS) return;
    const isSlow = this.slow * 100 > this.commits;
    if (isSlow) this.news.onSlow(this.slow, this.commits);
    else if (this.wasSlow) this.news.onFastAgain?.();
    this.wasSlow = isSlow;
    this.windowFromMs = now;
    this.commits = 0;
    this.slow = 0;
  }

  /** Within so many microseconds 99 of 100 of the newest 1000 commits were done; 0 before the first. */
  get p99Us(): number {
    const sorted = this.newest.slice(0, Math.min(this.seen, COMMITS_KEPT)).sort();
    return Math.round((sorted[Math.floor((sorted.length * 99) / 100)] ?? 0) * 1_000);
  }
}
