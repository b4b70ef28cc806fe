// What a process notices about itself before it hurts (RISK-42): files near their limit, memory that grows, a loop that
// lags. It measures and judges; it stops nothing.

import { readdirSync, readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Verdict } from "./liveness.ts";
import { residentBytes } from "./resident-memory.ts";

const FILES_PERCENT_MAX = 80;
const GROWTH_BYTES_PER_HOUR_MAX = 100_000_000;
const LAG_MS_MAX = 100;
const EXHAUSTED =
  "no file can be opened any more (EMFILE): connections are refused; find what leaks, or raise ulimit -n";
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Memory is judged after this long, and over an hour at most: what a start takes is no growth. */
const JUDGED_FROM_MS = 30 * MINUTE_MS;

/** What is measured; the process's own unless given. */
export interface StrainReadings {
  readonly nowMs: () => number;
  /** Resident memory, bytes; null where the system does not tell. */
  readonly memory: () => number | null;
  /** Open files and their limit; null where the system does not tell; `exhausted`: not even to look. */
  readonly files: () => { readonly open: number; readonly max: number } | "exhausted" | null;
  /** p99 of the loop's lag since it was asked last, ms. */
  readonly lagMs: () => number;
}

export class OwnStrain {
  private readonly readings: StrainReadings;
  private readonly memory: { readonly atMs: number; readonly bytes: number }[] = [];
  private lag: { atMs: number; ms: number } | null = null;

  constructor(readings: StrainReadings) {
    this.readings = readings;
  }

  /** `fd-high`: more than 80 % of the files the process may have are open. */
  files(): Verdict {
    const files = this.readings.files();
    if (files === null) return { ok: true, text: "this system does not tell" };
    if (files === "exhausted") return { ok: false, text: EXHAUSTED };
    const { open, max } = files;
    const ok = open * 100 <= max * FILES_PERCENT_MAX;
    return {
      ok,
      text: `${open} of ${max} files are open${ok ? "" : "; refused connections come next: find what leaks"}`,
    };
  }

  /** `memory-growth`: more than 100 MB an hour, over the last half to whole hour. */
  growth(): Verdict {
    const { memory } = this;
    const atMs = this.readings.nowMs();
    const bytes = this.readings.memory();
    if (bytes === null) return { ok: true, text: "this system does not tell" };
    if (atMs - (memory.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= MINUTE_MS) memory.push({ atMs, bytes });
    while (atMs - (memory[0]?.atMs ?? atMs) > HOUR_MS) memory.shift();
    const [oldest] = memory;
    const sinceMs = oldest === undefined ? 0 : atMs - oldest.atMs;
    if (oldest === undefined || sinceMs < JUDGED_FROM_MS) return { ok: true, text: `${mb(bytes)} MB` };
    const perHour = ((bytes - oldest.bytes) * HOUR_MS) / sinceMs;
    const ok = perHour <= GROWTH_BYTES_PER_HOUR_MAX;
    return { ok, text: `${mb(bytes)} MB, ${mb(perHour)} MB an hour more${ok ? "" : "; restart at a quiet moment"}` };
  }

  /** `loop-lag`: p99 of a minute above 100 ms. */
  loop(): Verdict {
    const atMs = this.readings.nowMs();
    if (this.lag === null) {
      // what a start takes is no lag
      this.readings.lagMs();
      this.lag = { atMs, ms: 0 };
    } else if (atMs - this.lag.atMs >= MINUTE_MS) this.lag = { atMs, ms: this.readings.lagMs() };
    const ms = Math.round(this.lag.ms);
    const ok = ms <= LAG_MS_MAX;
    return { ok, text: `the loop lags ${ms} ms at p99${ok ? "" : ": too much work for one core, or a long step"}` };
  }
}

const mb = (bytes: number): number => Math.round(bytes / 1_000_000);

/** Readings of this process, and what ends them. */
export function ownReadings(): StrainReadings & { close(): void } {
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  return {
    nowMs: () => performance.now(),
    memory: residentBytes,
    files: openFiles,
    lagMs: () => {
      const ms = lag.percentile(99) / 1e6;
      lag.reset();
      return Number.isFinite(ms) ? ms : 0;
    },
    close: () => lag.disable(),
  };
}

function openFiles(): ReturnType<StrainReadings["files"]> {
  try {
    const [, max = ""] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return max === "" ? null : { open: readdirSync("/proc/self/fd").length, max: Number.parseInt(max, 10) };
  } catch (error) {
    return isExhausted(error) ? "exhausted" : null;
  }
}

/** This process, or the whole system, has no file left. */
const isExhausted = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EMFILE" || error.code === "ENFILE");
