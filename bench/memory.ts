// Flat memory (BT-27): peak resident memory of a whole backtest over ten times the market against one time, each in a
// process of its own, with its report files written.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { BenchOptions } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const CHILD = join(import.meta.dirname, "memory-child.ts");
const SHORT_S = 7_200;
/** V8 lets garbage stand until limits of its own; small ones, so that what is measured is what the run keeps. */
const LIMITS = ["--max-old-space-size=48", "--max-semi-space-size=4"] as const;
const MB = 1_000_000;

interface Seen {
  readonly peakBytes: number;
  readonly events: number;
  readonly rows: number;
  readonly ms: number;
}

export async function benchMemory(options: BenchOptions, dir: string): Promise<readonly Row[]> {
  const shortS = options.quick ? SHORT_S / 4 : SHORT_S;
  const hours = shortS / 3_600;
  const short = peakRun(shortS, join(dir, "short"));
  const long = peakRun(shortS * 10, join(dir, "long"));
  const common = { bench: "memory", want: null } as const;
  return [
    {
      ...common,
      measure: `peak memory of an L2 backtest over ${hours * 10} h of synthetic market / ${hours} h`,
      value: long.peakBytes / short.peakBytes,
      unit: "×",
      must: { most: 1.1 },
      detail: detailOf(
        `${numberText(long.peakBytes / MB)} MB against ${numberText(short.peakBytes / MB)} MB`,
        `${numberText(long.rows)} market rows, ${numberText(long.events)} events, report files written`,
        `Node with ${LIMITS.join(" ")}`,
      ),
    },
    {
      ...common,
      measure: "peak memory of the longer run",
      value: long.peakBytes / MB,
      unit: "MB",
      must: { most: 400 },
      detail: `${numberText(long.ms)} ms, in a process of its own`,
    },
  ];
}

/** The run of the median peak of three: when V8 collects depends on the machine. */
function peakRun(seconds: number, folder: string): Seen {
  const runs = [0, 1, 2].map((i) => child(seconds, `${folder}-${i}`)).sort((a, b) => a.peakBytes - b.peakBytes);
  const [, middle] = runs;
  if (middle === undefined) throw new Error("three runs have a median");
  return middle;
}

function child(seconds: number, folder: string): Seen {
  const text = execFileSync(process.execPath, [...LIMITS, CHILD, String(seconds), folder], { encoding: "utf8" });
  return JSON.parse(text) as Seen;
}
