// The doctor's answer for people: one line a check, grouped by area, with what to do under what needs doing.

import { AREAS, type Outcome, type Reported } from "./check.ts";

const SIGNS: { readonly [outcome in Outcome]: string } = { ok: "✓", warn: "!", stop: "✗", skipped: "–" };
const COLORS: { readonly [outcome in Outcome]: string } = { ok: "32", warn: "33", stop: "31", skipped: "2" };

export function doctorText(reports: readonly Reported[], color: boolean): string {
  const painted = (outcome: Outcome, text: string): string =>
    color ? `\u001b[${COLORS[outcome]}m${text}\u001b[0m` : text;
  const lines: string[] = [];
  for (const area of AREAS) {
    const own = reports.filter((one) => one.area === area);
    if (own.length === 0) continue;
    lines.push(area);
    for (const { outcome, check, text, todo } of own) {
      const line = outcome === "skipped" ? painted(outcome, `${check}: ${text}`) : `${check}: ${text}`;
      lines.push(`  ${painted(outcome, SIGNS[outcome])} ${line}`);
      if (todo !== null) lines.push(`      → ${todo}`);
    }
  }
  return [...lines, "", summary(reports)].join("\n");
}

function summary(reports: readonly Reported[]): string {
  const count = (outcome: Outcome): number => reports.filter((one) => one.outcome === outcome).length;
  const stops = count("stop");
  const verdict = stops > 0 ? `${stops} to mend before trading` : "ready";
  return `${verdict}: ${count("ok")} ok, ${count("warn")} warnings, ${stops} stops, ${count("skipped")} skipped`;
}
