// What many seeds did, added up: figures, coverage, faults, ends. Kept as a file, so that a long run is made of ranges
// and its sums are put together later.

import { readFileSync, writeFileSync } from "node:fs";
import { coverageReport, coverageTable, NEVER } from "./coverage.ts";
import type { Verdict } from "./simulate.ts";

type Counts = { [name: string]: number };

interface Sums {
  seeds: number;
  /** Seeds that a checker complained of. */
  failed: number[];
  virtualMs: number;
  events: number;
  placed: number;
  fills: number;
  /** Of all cores, ms. */
  cpuMs: number;
  /** By the wall clock, ms. */
  wallMs: number;
  cells: Counts;
  totals: Counts;
}

const MISSING_SHOWN = 200;

export class Tally {
  readonly sums: Sums = {
    seeds: 0,
    failed: [],
    virtualMs: 0,
    events: 0,
    placed: 0,
    fills: 0,
    cpuMs: 0,
    wallMs: 0,
    cells: {},
    totals: {},
  };

  add(verdict: Verdict): void {
    const { sums } = this;
    sums.seeds += 1;
    sums.virtualMs += verdict.virtualMs;
    sums.events += verdict.events;
    sums.placed += verdict.placed;
    sums.fills += verdict.fills;
    for (const [cell, count] of verdict.coverage) raise(sums.cells, cell, count);
    for (const [point, count] of verdict.points) raise(sums.totals, `point ${point}`, count);
    for (const [fault, count] of verdict.exchangeFaults) raise(sums.totals, `fault ${fault}`, count);
    for (const [fault, count] of verdict.harnessFaults) raise(sums.totals, `fault ${fault}`, count);
    for (const [end, count] of verdict.ends) raise(sums.totals, `process ${end}`, count);
  }

  write(path: string): void {
    writeFileSync(path, `${JSON.stringify(this.sums)}\n`);
  }

  /** Adds what another run wrote. Throws on a file that is none. */
  read(path: string): void {
    const { sums } = this;
    const other = JSON.parse(readFileSync(path, "utf8")) as Sums;
    for (const key of ["seeds", "virtualMs", "events", "placed", "fills", "cpuMs", "wallMs"] as const)
      sums[key] += other[key];
    sums.failed.push(...other.failed);
    for (const [cell, count] of Object.entries(other.cells)) raise(sums.cells, cell, count);
    for (const [name, count] of Object.entries(other.totals)) raise(sums.totals, name, count);
  }

  /** The table of coverage, what is missing, and how often everything happened. */
  coverageText(): string {
    const cells = new Map(Object.entries(this.sums.cells));
    const { reached, reachable, missing, rarest } = coverageReport(cells);
    const percent = ((100 * reached) / reachable).toFixed(1);
    const lines = [
      "",
      coverageTable(cells).trimEnd(),
      `no column: ${NEVER}`,
      `coverage: ${reached} of ${reachable} cells (${percent} %), the rarest ${rarest} times`,
    ];
    if (missing.length > 0 && missing.length <= MISSING_SHOWN) lines.push(`not reached: ${missing.join(", ")}`);
    for (const [name, count] of Object.entries(this.sums.totals).sort(([a], [b]) => (a < b ? -1 : 1)))
      lines.push(`${count.toString().padStart(10)}  ${name}`);
    return `${lines.join("\n")}\n`;
  }

  /** One line: how many seeds, how much they lived, and how fast. */
  speedText(): string {
    const { seeds, failed, virtualMs, events, placed, fills, cpuMs, wallMs, totals } = this.sums;
    const hours = virtualMs / 3_600_000;
    const faults = Object.entries(totals).filter(([name]) => name.startsWith("fault "));
    const struck = faults.reduce((sum, [, count]) => sum + count, 0);
    return (
      `${seeds} seeds, ${seeds - failed.length} green: ${events} events, ${placed} orders, ${fills} fills, ` +
      `${struck} faults of ${faults.length} kinds\n` +
      `${hours.toFixed(1)} hours simulated in ${(wallMs / 1000).toFixed(1)} s: ` +
      `${((hours * 1000) / wallMs).toFixed(2)} hours a second, ${((hours * 1000) / cpuMs).toFixed(2)} a second of one ` +
      `core; ${(cpuMs / 1000 / Math.max(1, seeds)).toFixed(2)} s of it a seed\n`
    );
  }
}

function raise(counts: Counts, name: string, by: number): void {
  counts[name] = (counts[name] ?? 0) + by;
}
