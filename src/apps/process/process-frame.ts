// What every process of ours begins with: its log, metrics, liveness, the owners of what it opens, and the phases of
// its start, each timed and named in the log (OPS-12). It knows nothing of what the process does.

import { release } from "../../config/release.ts";
import { Liveness } from "../../observe/liveness.ts";
import { type LogLevel, openLog, type ProcessLog } from "../../observe/log.ts";
import { Metrics } from "../../observe/metrics.ts";
import { Owners } from "./owners.ts";
import { type StopSignal, SUPERVISED, stopSignal } from "./stop-signal.ts";

export interface ProcessFrame {
  readonly name: string;
  readonly release: string;
  readonly log: ProcessLog;
  readonly metrics: Metrics;
  readonly liveness: Liveness;
  readonly owners: Owners;
  readonly stop: StopSignal;
  /** Monotonic ms since the start. */
  uptimeMs(): number;
  /** Runs one phase of the start; the log says how long it took, or in which one the start failed. */
  phase<T>(name: string, work: () => T | Promise<T>): Promise<T>;
  /** Set by `opensqt up` for the processes it keeps. */
  readonly supervised: boolean;
  /** Starts, and resolves with who asked to stop; a start that is still under way then is not waited for. */
  untilStopped(start: () => Promise<void>): Promise<string>;
  /** Closes everything in reverse order (OPS-55), the log last. */
  close(): Promise<void>;
}

export interface FrameOptions {
  readonly name: string;
  readonly level: LogLevel;
  readonly environment: NodeJS.ProcessEnv;
  /** Values no line may show. */
  readonly secrets: readonly { reveal(): string }[];
}

/** How long the loop may stand still before the process is no longer healthy (RISK-43). */
const LOOP_MS_MAX = 5_000;
const LOOP_BEAT_MS = 500;

export function openFrame({ name, level, environment, secrets }: FrameOptions): ProcessFrame {
  const startedMs = performance.now();
  const log = openLog({ process: name, level });
  log.conceal(secrets.map((secret) => secret.reveal()));
  const metrics = new Metrics({ process: name, release: release() });
  const liveness = new Liveness();
  const owners = new Owners(log);
  const stop = stopSignal(environment);
  const beat = liveness.beat("loop", LOOP_MS_MAX);
  beat();
  const turning = setInterval(() => beat(), LOOP_BEAT_MS);
  owners.add("signals", () => stop.close());
  owners.add("metrics", () => metrics.close());
  owners.add("checks", () => liveness.close());
  owners.add("loop beat", () => clearInterval(turning));
  log.info(`${name} ${release()} starts`, { code: "start", pid: process.pid, node: process.version });
  return {
    name,
    release: release(),
    log,
    metrics,
    liveness,
    owners,
    stop,
    uptimeMs: () => Math.floor(performance.now() - startedMs),
    phase: (phase, work) => timed(log, phase, work),
    supervised: environment[SUPERVISED] === "1",
    untilStopped: async (start) => {
      const early = await Promise.race([start().then(() => null), stop.asked]);
      const by = early ?? (await stop.asked);
      log.info(`stopping: ${by}`, { code: "stopping" });
      return by;
    },
    close: async () => {
      await owners.close();
      log.info(`${name} ended`, { code: "end" });
      log.close();
    },
  };
}

async function timed<T>(log: ProcessLog, phase: string, work: () => T | Promise<T>): Promise<T> {
  const fromMs = performance.now();
  try {
    const result = await work();
    log.info(`${phase} done`, { code: "phase", phase, tookMs: Math.round(performance.now() - fromMs) });
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error(`${phase} failed: ${reason}`, { code: "phase-failed", phase });
    throw error;
  }
}
