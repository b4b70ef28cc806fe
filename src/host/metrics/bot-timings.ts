// How long a bot's steps, commits and recoveries took, as histograms (RISK-45, OPS-24). Seconds, as their names say.

import type { Metrics } from "../../observe/metrics.ts";
import type { Timings } from "../fleet/fleet-options.ts";
import { BOTS_MAX } from "./bot-gauges.ts";

const STEP_SECONDS = [0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.1, 1];
const RECOVERY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300];

export function botTimings(metrics: Metrics): Timings {
  const labels = { bot: BOTS_MAX } as const;
  const step = metrics.histogram(
    { name: "opensqt_step_seconds", help: "one step of the engine", labels },
    STEP_SECONDS,
  );
  const commit = metrics.histogram({
    name: "market_maker_journal_commit_seconds",
    help: "both halves of a turn on the disk, its steps included",
    labels,
  });
  const recovery = metrics.histogram(
    { name: "market_maker_recovery_seconds", help: "from the begin of a run to recovered", labels },
    RECOVERY_SECONDS,
  );
  return {
    stepped: (bot, ms) => step.observe({ bot }, ms / 1000),
    committed: (bot, ms) => commit.observe({ bot }, ms / 1000),
    recovered: (bot, ms) => recovery.observe({ bot }, ms / 1000),
  };
}
