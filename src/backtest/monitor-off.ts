// The risk monitor in a run on recorded data: a market of one instrument has no candles of others, so a monitor of
// others would be blind and pause opening for ever. It is off then, and the report says so.

import type { RiskLimits } from "../risk/limits.ts";
import type { ReportFinding } from "./run-record.ts";

/** Monitored instruments the data know nothing of; the data are of `symbol` alone. */
const unseen = ({ monitor }: RiskLimits, symbol: string): readonly string[] =>
  (monitor?.instruments ?? []).filter((name) => name !== symbol);

/** The limits a run on these data has. */
export function withMonitorSeen(limits: RiskLimits, symbol: string): RiskLimits {
  if (unseen(limits, symbol).length === 0) return limits;
  const { monitor: _monitor, ...rest } = limits;
  return rest;
}

/** What the run changes, as a sentence; none where it changes nothing. */
export function monitorSentences(limits: RiskLimits, symbol: string): readonly string[] {
  const names = unseen(limits, symbol);
  if (names.length === 0) return [];
  return [`the risk monitor is off in this run: the data hold no candles of ${names.join(", ")}`];
}

/** The same, as a row of the report. */
export function monitorFindings(limits: RiskLimits, symbol: string): readonly ReportFinding[] {
  const names = unseen(limits, symbol);
  return monitorSentences(limits, symbol).map((effect) => {
    return { finding: "monitorOff", count: names.length, first: names[0] ?? "", effect, action: "goes on without it" };
  });
}
