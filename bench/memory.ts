// Flat memory (BT-27): peak resident memory of a whole backtest over ten times the market against one time, each in a
// process of its own, with its report files written.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type BenchOptions, median } from "./rounds.ts";
import { numberText, type Row } from "./row.ts";

const CHILD = join(import.meta.dirname, "memory-child.ts");
const SHORT_S = 3_600;
const MB = 1_000_000;

interface Seen {
  readonly peakBytes: number;
  readonly events: number;
  readonly rows: number;
  readonly ms: number;
}

export async function benchMemory(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const shortS = options.quick ? SHORT_S / 4 : SHORT_S;
  const rounds = options.quick ? 1 : 3;
  const pairs = Array.from({ length: rounds }, (_, i) => ({
    long: child(shortS * 10, join(dir, `long-${i}`)),
    short: child(shortS, join(dir, `short-${i}`)),
  }));
  const peak = median(pairs.map(({ long }) => long.peakBytes));
  const base = median(pairs.map(({ short }) => short.peakBytes));
  const [first] = pairs;
  const rows = first === undefined ? "" : `${numberText(first.long.rows)} market rows, ${first.long.events} events`;
  const hours = shortS / 3_600;
  const common = { bench: "memory", want: null } as const;
  return [
    {
      ...common,
      measure: `peak memory of an L2 backtest over ${hours * 10} h of synthetic market / ${hours} h`,
      value: median(pairs.map(({ long, short }) => long.peakBytes / short.peakBytes)),
      unit: "×",
      must: { most: 1.1 },
      detail: `${numberText(peak / MB)} MB against ${numberText(base / MB)} MB; ${rows}, report files written`,
    },
    {
      ...common,
      measure: "peak memory of the longer run",
      value: peak / MB,
      unit: "MB",
      must: { most: 400 },
      detail: `${numberText(first?.long.ms ?? 0)} ms, in a process of its own`,
    },
  ];
}

function child(seconds: number, folder: string): Seen {
  const text = execFileSync(process.execPath, [CHILD, String(seconds), folder], { encoding: "utf8" });
  return JSON.parse(text) as Seen;
}
