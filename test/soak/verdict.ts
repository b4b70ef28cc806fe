// The bounds of TEST-24 over the samples of a soak, each with the number that was seen.

import { type Sample, slopeOf } from "./samples.ts";

export interface Bound {
  readonly measure: string;
  readonly seen: string;
  readonly bound: string;
  readonly holds: boolean;
}

/** p99 of an hour's turns, and of a piece of work that is always the same, µs. */
export interface HourP99 {
  readonly us: number;
  readonly referenceUs: number;
}

/** What is judged beside the samples. */
export interface Whole {
  readonly hours: number;
  /** Hours that do not count: caches fill, code is compiled. */
  readonly warmHours: number;
  readonly requests: number;
  /** Requests that ended otherwise than they should, with no fault injected. */
  readonly strange: number;
  /** What the checkers of the simulation said at the end. */
  readonly violations: readonly string[];
  readonly first: HourP99;
  readonly last: HourP99;
  /** Bytes the journal may have by its retention. */
  readonly journalMbMax: number;
}

const DAY_H = 24;
/** Fewer samples have no slope to speak of. */
const SAMPLES_MIN = 5;

/** How slow a turn is on the machine as it is in that hour. */
const relative = ({ us, referenceUs }: HourP99): number => us / Math.max(1, referenceUs);

export function judge(samples: readonly Sample[], whole: Whole): readonly Bound[] {
  const warm = samples.filter(({ hour }) => hour >= whole.warmHours);
  const growth = (of: (sample: Sample) => number, among = warm): number =>
    slopeOf(among.map((each) => [each.hour, of(each)])) * Math.max(0, whole.hours - whole.warmHours);
  const most = (of: (sample: Sample) => number): number => warm.reduce((max, each) => Math.max(max, of(each)), 0);
  const spread = (of: (sample: Sample) => number): number =>
    most(of) - warm.reduce((min, each) => Math.min(min, of(each)), Number.POSITIVE_INFINITY);
  const share = Math.max(0.05, whole.hours / DAY_H);
  const ratio = relative(whole.last) / relative(whole.first);
  const errors = whole.requests === 0 ? 0 : whole.strange / whole.requests;
  const flat = (measure: string, of: (sample: Sample) => number, unit: string, among = warm): Bound => {
    const mean = among.reduce((sum, each) => sum + of(each), 0) / Math.max(1, among.length);
    const bound = Math.max(mean * 0.5, unit === "KB" ? 8 : 5);
    return row(measure, growth(of, among), { bound, unit, text: "no slope: below half of its mean" });
  };
  // before the first kill there was none
  const killed = warm.filter(({ recoveryMs }) => recoveryMs !== null);
  const enough: Bound = {
    measure: "samples after the first hour",
    seen: `${warm.length}`,
    bound: `at least ${SAMPLES_MIN}`,
    holds: warm.length >= SAMPLES_MIN,
  };
  return [
    enough,
    row(
      "heap after collection, growth",
      growth((each) => each.heapMb),
      { bound: 10 * share, unit: "MB" },
    ),
    row(
      "resident memory, growth",
      growth((each) => each.rssMb),
      { bound: 50 * share, unit: "MB" },
    ),
    row(
      "handles, spread",
      spread((each) => each.handles),
      { bound: 10, unit: "" },
    ),
    row(
      "journal, most",
      most((each) => each.journalMb),
      { bound: whole.journalMbMax, unit: "MB" },
    ),
    row(
      "write-ahead log, most",
      most((each) => each.walMb),
      { bound: 64, unit: "MB" },
    ),
    flat("state, growth", (each) => each.stateKb, "KB"),
    flat("snapshot, growth", (each) => each.snapshotMs, "ms"),
    flat("recovery, growth", (each) => each.recoveryMs ?? 0, "ms", killed),
    row("turn p99, last hour / first, each over a fixed piece of work", ratio, { bound: 1.2, unit: "" }),
    row("requests that went wrong, of a million", errors * 1_000_000, { bound: 100, unit: "" }),
    {
      measure: "checkers of the simulation",
      seen: whole.violations.length === 0 ? "all hold" : whole.violations.slice(0, 3).join("; "),
      bound: "all hold",
      holds: whole.violations.length === 0,
    },
  ];
}

function row(
  measure: string,
  seen: number,
  { bound, unit, text }: { readonly bound: number; readonly unit: string; readonly text?: string },
): Bound {
  const said = (value: number): string => `${rounded(value)}${unit === "" ? "" : ` ${unit}`}`;
  return { measure, seen: said(seen), bound: text ?? `at most ${said(bound)}`, holds: seen <= bound };
}

const rounded = (value: number): string =>
  String(Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100);
