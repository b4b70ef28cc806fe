// A hub on virtual time with wires in memory: a second implementation of a socket that can be stopped up like a slow
// reader's, so that any order of events can be played without waiting.

import { VirtualClock } from "../base/virtual-clock.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import type { Wire } from "./client.ts";
import { DemoFeed, demoQuestions } from "./demo-feed.fixture.ts";
import { Hub } from "./hub.ts";
import { LiveMetrics } from "./live-metrics.ts";
import type { ConsoleMessage } from "./messages.ts";
import { Picture } from "./picture.ts";
import { defaultSettings, type LiveSettings } from "./settings.ts";

export class MemoryWire implements Wire {
  readonly address: string;
  readonly texts: string[] = [];
  readonly pings: number[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  destroyed = false;
  private stuck = false;
  private readonly waiting: { readonly text: string; readonly done: () => void }[] = [];
  private readonly nowMs: () => number;

  constructor(nowMs: () => number, address = "127.0.0.1") {
    this.nowMs = nowMs;
    this.address = address;
  }

  get unsentBytes(): number {
    return this.waiting.length * 100_000;
  }

  send(text: string, done: () => void): void {
    if (this.stuck) this.waiting.push({ text, done });
    else {
      this.texts.push(text);
      done();
    }
  }

  ping(): void {
    this.pings.push(this.nowMs());
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  destroy(): void {
    this.destroyed = true;
  }

  /** The reader stops reading: three messages fill what the machine keeps for it. */
  stopUp(): void {
    this.stuck = true;
  }

  /** It reads again: what waited arrives, and the writer hears of it. */
  unstop(): void {
    this.stuck = false;
    const arrived = this.waiting.splice(0);
    this.texts.push(...arrived.map(({ text }) => text));
    for (const { done } of arrived) done();
  }

  messages(): readonly ConsoleMessage[] {
    return this.texts.map((text) => JSON.parse(text) as ConsoleMessage);
  }
}

export const START_MS = 1_700_000_000_000;

export interface Stage {
  readonly clock: VirtualClock;
  readonly picture: Picture;
  readonly feed: DemoFeed;
  readonly hub: Hub;
  readonly metrics: Metrics;
  wire(): MemoryWire;
  /** Lets time pass, with everything that is due in it. */
  pass(ms: number): void;
}

export function openStage(options: { readonly seed?: number; readonly settings?: Partial<LiveSettings> } = {}): Stage {
  const clock = new VirtualClock(START_MS);
  const monotonicMs = (): number => clock.monotonicMs();
  const settings = defaultSettings({ release: "0.0.0", intervals: ["1m", "5m"], ...options.settings });
  const picture = new Picture({ monotonicMs, historyLimit: settings.historyLimit });
  const feed = new DemoFeed({ picture, seed: options.seed ?? 1, startMs: START_MS, monotonicMs });
  const metrics = new Metrics({ process: "live-server", release: "0.0.0", own: false });
  const questions = demoQuestions(picture);
  const live: LiveMetrics = new LiveMetrics(metrics, () => hub.count);
  const wallMs = (): number => clock.nowMs();
  const hub = new Hub({ picture, settings, questions, clock, wallMs, log: SILENT_LOG, metrics: live });
  return {
    clock,
    picture,
    feed,
    hub,
    metrics,
    wire: () => new MemoryWire(() => clock.nowMs()),
    pass: (ms) => clock.runUntil((clock.nowMs() + ms) * 1e3),
  };
}
