// The printed form of a check (BT-11): what the file is, its findings as a table, and the verdict.

import type { Finding } from "./finding.ts";
import type { Loaded } from "./loaded.ts";

const TITLES = ["finding", "count", "severity", "first"] as const;

/** One finding: a row of name, count, severity and first place, then its effect and what a run does about it. */
export function findingsTable(findings: readonly Finding[], refused: readonly Finding[]): string {
  if (findings.length === 0) return "no findings\n";
  const rows = findings.map((finding) => [
    finding.name,
    String(finding.count),
    refused.includes(finding) ? "REFUSED" : finding.severity === "refuse" ? "accepted" : finding.severity,
    `${finding.file}:${finding.line}`,
  ]);
  const widths = TITLES.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const aligned = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 1 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  const text = [aligned(TITLES)];
  for (const [i, finding] of findings.entries()) {
    text.push(aligned(rows[i] ?? []), `    ${finding.effect}`);
    if (finding.detail !== "") text.push(`    ${finding.detail}`);
    text.push(`    a run: ${finding.action}`);
  }
  return `${text.join("\n")}\n`;
}

/** Sources and figures, a few lines. */
export function describeLoaded(loaded: Loaded): string {
  const lines = loaded.sources.map(
    (source) =>
      `${source.name}  ${source.bytes} bytes ${source.packing}, ${source.lines} lines, sha256 ${source.sha256}`,
  );
  const rules = `${loaded.instrument.symbol} tick ${loaded.instrument.tickSize} lot ${loaded.instrument.lotSize}`;
  lines.push(`${loaded.kind} of ${rules}, ${loaded.rows} rows`);
  const figures = Object.entries(loaded.figures).map(([name, value]) => `${name} ${value}`);
  for (let i = 0; i < figures.length; i += 6) lines.push(`  ${figures.slice(i, i + 6).join(", ")}`);
  return `${lines.join("\n")}\n`;
}

/** One line: what a run with these findings would do. */
export function verdict(refused: readonly Finding[], warnings: number, strict: boolean): string {
  if (refused.length > 0) {
    const names = refused.map((finding) => finding.name);
    const accepted = names.map((name) => `--accept ${name}`).join(" ");
    return `refused: ${names.join(", ")}. Get better data, or accept by name: ${accepted}\n`;
  }
  if (strict && warnings > 0) return `refused by --strict: ${warnings} finding${warnings === 1 ? "" : "s"}\n`;
  return "nothing refused\n";
}
