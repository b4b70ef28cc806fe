// How long a bot's steps, commits and recoveries took, as histograms (RISK-45, OPS-24). Seconds, as their names say.

import type { Metrics } from "../../observe/metrics.ts";
import type { Timings } from "../fleet/fleet-options.ts";
import { BOTS_MAX } from "./bot-gauges.ts";

const STEP_SECONDS = [0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.1, 1];
const RECOVERY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300];

const FLOW_KINDS = ["leverage", "margin-mode", "bot-add", "bot-remove", "kill", "tie-out"] as const;

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
  const failures = metrics.counter({
    name: "opensqt_journal_failures_total",
    help: "turns whose events or effects the journal did not take; the bot ends then",
    labels: { ...labels, phase: ["events", "effects"] },
  });
  const recovery = metrics.histogram(
    { name: "market_maker_recovery_seconds", help: "from the begin of a run to recovered", labels },
    RECOVERY_SECONDS,
  );
  const kind = { kind: FLOW_KINDS } as const;
  const processing = metrics.histogram(
    { name: "workflow_processing_latency_seconds", help: "from the record of a flow to its end", labels: kind },
    RECOVERY_SECONDS,
  );
  const executions = metrics.counter({
    name: "workflow_executions_total",
    help: "flows that came to an end",
    labels: { ...kind, outcome: ["done", "refused", "absent", "unknown"] },
  });
  return {
    flowEnded: (flow, outcome, ms) => {
      processing.observe({ kind: flow }, ms / 1000);
      executions.add({ kind: flow, outcome });
    },
    stepped: (bot, ms) => step.observe({ bot }, ms / 1000),
    committed: (bot, ms) => commit.observe({ bot }, ms / 1000),
    journalFailed: (bot, half) => failures.add({ bot, phase: half }),
    recovered: (bot, ms) => recovery.observe({ bot }, ms / 1000),
  };
}
