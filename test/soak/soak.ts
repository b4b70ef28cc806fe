// One compressed soak: simulated hours as fast as they go, a sample a minute of the machine after a forced collection,
// a kill and a recovery every two hours, the checkers at the end (TEST-24).

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { productionEngine } from "../../src/host/engine.ts";
import type { Retention } from "../../src/journal/port.ts";
import { collect } from "../fuzz/oracle.ts";
import { checked } from "./checks.ts";
import { SoakLife, type SoakScenario, START_MS } from "./life.ts";
import { type Sample, Times } from "./samples.ts";
import { TapeFile } from "./tape-file.ts";
import { type Bound, type HourP99, judge } from "./verdict.ts";

export interface SoakOptions {
  readonly scenario: SoakScenario;
  /** Simulated hours; fewer are run where `minutes` of the machine are over before. */
  readonly hours: number;
  readonly minutes: number;
  readonly messagesPerSecond: number;
  readonly retention: Retention;
  readonly sampleMs: number;
  /** Simulated hours between two kills. */
  readonly killHours: number;
  readonly warmHours: number;
  readonly onSample?: (sample: Sample, life: SoakLife) => void;
  /** What is put in to prove that it would be found. */
  readonly sabotage?: (life: SoakLife) => void;
}

export interface SoakResult {
  readonly samples: readonly Sample[];
  readonly bounds: readonly Bound[];
  readonly hours: number;
  readonly minutes: number;
  readonly events: number;
  readonly messages: number;
  readonly requests: number;
  readonly fills: number;
  readonly kills: number;
  /** Slices of compaction between turns, and their p99, µs. */
  readonly slices: number;
  readonly sliceP99Us: number;
  readonly alerts: ReadonlyMap<string, number>;
}

const HOUR_MS = 3_600_000;
/** Of simulated time: a sample stands at least so close to the next. */
const HALF_HOUR_MS = 1_800_000;
/** Simulated time between two looks at the machine's clock. */
const STEP_MS = 20_000;
const HEALING_MS = 120_000;
const MB = 1024 * 1024;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-soak-"));
  try {
    return await new Soak(options, folder).run();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Turns of an hour, and the same piece of work among them. */
interface Hour {
  readonly turns: Times;
  readonly reference: Times;
}

const newHour = (): Hour => ({ turns: new Times(), reference: new Times() });
const p99Of = ({ turns, reference }: Hour): HourP99 => ({
  us: turns.quantile(0.99),
  referenceUs: reference.quantile(0.5),
});
const REFERENCE_EVERY = 20;
/** Turns of an hour that make a p99. */
const ENOUGH = 10_000;

class Soak {
  private readonly options: SoakOptions;
  private readonly tape: TapeFile;
  private readonly life: SoakLife;
  private readonly samples: Sample[] = [];
  private readonly p99s: HourP99[] = [];
  private hour = newHour();
  private turns = new Times();
  private readonly slices = new Times();
  private recoveryMs: number | null = null;
  private kills = 0;
  private fills = 0;

  constructor(options: SoakOptions, folder: string) {
    this.options = options;
    const dir = join(folder, "bot");
    mkdirSync(dir);
    this.tape = new TapeFile(join(folder, "tape.jsonl"));
    this.life = new SoakLife({
      scenario: options.scenario,
      dir,
      messagesPerSecond: options.messagesPerSecond,
      retention: options.retention,
      onTape: (entry) => {
        if (entry.kind === "fill") this.fills += 1;
        this.tape.add(entry);
      },
      onTurn: (us) => this.turn(us),
      onSlice: (us) => this.slices.add(us),
    });
  }

  async run(): Promise<SoakResult> {
    const { life, options } = this;
    const startedMs = performance.now();
    this.restart();
    let nowMs = START_MS;
    let sampledMs = startedMs;
    let killAtMs = START_MS + options.killHours * HOUR_MS;
    let hourEndsMs = START_MS + HOUR_MS;
    let sampleAtMs = START_MS + HALF_HOUR_MS;
    const endMs = START_MS + options.hours * HOUR_MS;
    while (life.living.end === null && nowMs < endMs && performance.now() - startedMs < options.minutes * 60_000) {
      nowMs += STEP_MS;
      life.run(nowMs);
      options.sabotage?.(life);
      if (nowMs >= hourEndsMs) {
        hourEndsMs += HOUR_MS;
        const counts = nowMs >= START_MS + (options.warmHours + 1) * HOUR_MS && this.hour.turns.count > ENOUGH;
        if (counts) this.p99s.push(p99Of(this.hour));
        this.hour = newHour();
      }
      if (nowMs >= killAtMs) {
        killAtMs += options.killHours * HOUR_MS;
        this.kill();
      }
      if (performance.now() - sampledMs >= options.sampleMs || nowMs >= sampleAtMs) {
        sampledMs = performance.now();
        sampleAtMs = nowMs + HALF_HOUR_MS;
        this.sample(nowMs);
        // lets signals in
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    // the hour's end may just have had one
    if (this.turns.count > 0) this.sample(nowMs);
    const minutes = (performance.now() - startedMs) / 60_000;
    return this.judged((nowMs - START_MS) / HOUR_MS, minutes);
  }

  private async judged(hours: number, minutes: number): Promise<SoakResult> {
    const { life, options, tape, samples } = this;
    const nowMs = life.clock.nowMs();
    life.market.restsFromUs = nowMs * 1000;
    life.run(nowMs + HEALING_MS);
    tape.close();
    if (life.living.end !== null)
      throw new Error(`the host ended by itself: ${life.living.end.code} ${life.living.end.text}`);
    const violations = await checked(life, tape);
    const result = {
      samples,
      hours,
      minutes,
      events: life.events,
      messages: life.market.messages,
      requests: tape.requests,
      fills: this.fills,
      kills: this.kills,
      slices: this.slices.count,
      sliceP99Us: this.slices.quantile(0.99),
      alerts: life.alerts,
    };
    const bounds = judge(samples, {
      hours,
      warmHours: options.warmHours,
      requests: tape.requests,
      strange: [...life.alerts].reduce(
        (sum, [code, count]) => (/unknown|divergence|foreign/.test(code) ? sum + count : sum),
        tape.refused,
      ),
      violations,
      p99s: this.p99s,
      journalMbMax: options.retention.bytesMax / MB + 64,
    });
    life.stop();
    return { ...result, bounds };
  }

  private turn(us: number): void {
    this.turns.add(us);
    this.hour.turns.add(us);
    if (this.turns.count % REFERENCE_EVERY === 0) this.hour.reference.add(referenceUs());
  }

  private kill(): void {
    this.kills += 1;
    this.life.kill();
    this.restart();
  }

  /** Until the state is rebuilt and compared: what DUR-50 bounds. */
  private restart(): void {
    const beforeMs = performance.now();
    this.life.start();
    const { host } = this.life.living;
    for (let tries = 0; !host.recovered && this.life.living.end === null && tries < 1_000; tries += 1) {
      this.life.run(this.life.clock.nowMs() + 10);
    }
    if (this.kills > 0) this.recoveryMs = performance.now() - beforeMs;
  }

  private sample(nowMs: number): void {
    const { life, turns } = this;
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    const { journal, wal, archives } = life.bytes();
    const [state, snapshotMs] = encoded(life);
    const sample: Sample = {
      hour: (nowMs - START_MS) / HOUR_MS,
      heapMb: heapUsed / MB,
      rssMb: rss / MB,
      handles: process.getActiveResourcesInfo().length,
      journalMb: journal / MB,
      walMb: wal / MB,
      archivesMb: archives / MB,
      stateKb: state.length / 1024,
      snapshotMs,
      recoveryMs: this.recoveryMs,
      turnP99Us: turns.quantile(0.99),
    };
    this.turns = new Times();
    this.samples.push(sample);
    this.options.onSample?.(sample, life);
  }
}

const TRIES = 3;

/** The state's text, and the least of several times it took: the machine may be busy with others. */
function encoded(life: SoakLife): readonly [text: string, ms: number] {
  let text = "";
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES; i += 1) {
    const beforeMs = performance.now();
    text = productionEngine.encode(life.living.host.state);
    least = Math.min(least, performance.now() - beforeMs);
  }
  return [text, least];
}

const REFERENCE = JSON.stringify(Array.from({ length: 200 }, (_, n) => ({ price: n, quantity: "0.010", side: "buy" })));

/** A piece of work that is always the same: how slow the machine is just now, µs. */
function referenceUs(): number {
  const beforeMs = performance.now();
  JSON.parse(REFERENCE);
  return (performance.now() - beforeMs) * 1000;
}
