// What one bot may cost its process (OPS-16): the time of its steps and the bytes of its journal. Above a bound it is
// warned first, and opening is paused while it stays above. It judges by the machine's clock and stops nothing itself.

import type { AlertOver, HostEvent, OwnAlert } from "./context.ts";

export interface BotBounds {
  /** What 99 of 100 steps of a minute must not take longer than, ms. */
  readonly stepMsMax: number;
  /** What its journal may grow by in an hour, MiB. */
  readonly journalMibPerHourMax: number;
}

export interface BoundedHost {
  offer(event: HostEvent): void;
  alert(alert: OwnAlert): void;
  over?(over: AlertOver): void;
}

export interface BoundsOptions extends BotBounds {
  /** Monotonic, ms. */
  readonly machineMs: () => number;
  /** Bytes this run has written to its journal so far. */
  readonly journalBytes: () => number;
}

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
const MIB = 1 << 20;
/** One long step alone is the machine's (a pause of the collector), not the strategy's. */
const SLOW_STEPS_MIN = 2;
/** Share of a bound at which it is warned of bytes, and below which a pause ends. */
const WARN_PERCENT = 80;
const RELIEF_PERCENT = 50;

type Condition = "slow-steps" | "journal-growth";

export class Bounds {
  private readonly host: BoundedHost;
  private readonly options: BoundsOptions;
  private minuteFromMs: number;
  private steps = 0;
  private slow = 0;
  /** Steps longer than half the bound: a pause ends when these are few too. */
  private slowish = 0;
  private longestMs = 0;
  private wasSlow = false;
  private bytesBefore: number;
  private warnedOfBytes = false;
  /** Bytes of each of the last minutes, newest last. */
  private readonly minutes: number[] = [];
  private readonly paused = new Set<Condition>();

  constructor(host: BoundedHost, options: BoundsOptions) {
    this.host = host;
    this.options = options;
    this.minuteFromMs = options.machineMs();
    this.bytesBefore = options.journalBytes();
  }

  /** One step of the engine took so long. */
  stepped(ms: number): void {
    const { stepMsMax } = this.options;
    this.steps += 1;
    if (ms * 100 > stepMsMax * RELIEF_PERCENT) this.slowish += 1;
    if (ms > stepMsMax) this.slow += 1;
    if (ms > this.longestMs) this.longestMs = ms;
  }

  /** To be called now and then; judges once a minute. */
  look(): void {
    const now = this.options.machineMs();
    if (now - this.minuteFromMs < MINUTE_MS) return;
    this.minuteFromMs = now;
    this.judgeSteps();
    this.judgeBytes();
  }

  private judgeSteps(): void {
    const { steps, slow, slowish, longestMs } = this;
    const { stepMsMax } = this.options;
    this.steps = 0;
    this.slow = 0;
    this.slowish = 0;
    this.longestMs = 0;
    if (isMoreThanOneInHundred(slow, steps)) {
      const longest = `the longest ${Math.ceil(longestMs)} ms`;
      const text = `${slow} of ${steps} steps of the last minute took more than ${stepMsMax} ms, ${longest}`;
      if (this.wasSlow) this.pause("slow-steps", `${text}: opening pauses (limits.stepMsMax)`);
      else this.warn("step-slow", `${text}; after another such minute opening pauses`, { slow, steps });
      this.wasSlow = true;
    } else if (!this.paused.has("slow-steps")) this.fastAgain();
    else if (!isMoreThanOneInHundred(slowish, steps)) {
      this.fastAgain();
      this.resume("slow-steps", "its steps are fast again");
    }
  }

  private fastAgain(): void {
    if (this.wasSlow) this.host.over?.({ code: "step-slow", facts: {}, text: "Its steps are fast again" });
    this.wasSlow = false;
  }

  private judgeBytes(): void {
    const { journalBytes, journalMibPerHourMax } = this.options;
    const bytes = journalBytes();
    this.minutes.push(bytes - this.bytesBefore);
    this.bytesBefore = bytes;
    if (this.minutes.length > HOUR_MINUTES) this.minutes.shift();
    const mib = this.minutes.reduce((sum, minute) => sum + minute, 0) / MIB;
    const text = `the journal grew by ${Math.round(mib)} MiB within an hour`;
    const of = (percent: number): boolean => mib * 100 >= journalMibPerHourMax * percent;
    if (mib > journalMibPerHourMax) {
      this.pause(
        "journal-growth",
        `${text}, above limits.journalMibPerHourMax ${journalMibPerHourMax}: opening pauses`,
      );
    } else if (!of(RELIEF_PERCENT)) {
      if (this.warnedOfBytes) this.host.over?.({ code: "journal-grows", facts: {}, text });
      this.warnedOfBytes = false;
      this.resume("journal-growth", text);
    } else if (of(WARN_PERCENT) && !this.warnedOfBytes && !this.paused.has("journal-growth")) {
      this.warnedOfBytes = true;
      const bound = `above ${journalMibPerHourMax} (limits.journalMibPerHourMax) opening pauses`;
      this.warn("journal-grows", `${text}; ${bound}`, { mib: Math.round(mib) });
    }
  }

  private warn(code: string, text: string, facts: OwnAlert["facts"]): void {
    this.host.alert({ code, severity: "warning", text, facts });
  }

  private pause(condition: Condition, text: string): void {
    if (this.paused.has(condition)) return;
    this.paused.add(condition);
    this.host.offer({ kind: "host-condition", condition, active: true, text });
  }

  private resume(condition: Condition, text: string): void {
    if (this.paused.delete(condition)) this.host.offer({ kind: "host-condition", condition, active: false, text });
  }
}

/** Whether the 99th of a hundred is among the slow ones. */
const isMoreThanOneInHundred = (slow: number, all: number): boolean => slow >= SLOW_STEPS_MIN && slow * 100 > all;
