// The bounds of TEST-24 over the samples of a soak, each with the number that was seen.

import { type Line, lineThrough, type Sample } from "./samples.ts";

export interface Bound {
  readonly measure: string;
  readonly seen: string;
  readonly bound: string;
  readonly holds: boolean;
}

/** p99 of an hour's turns, and the median of a piece of work that is always the same, µs. */
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
  /** Of each hour that counts, in their order. */
  readonly p99s: readonly HourP99[];
  /** Bytes the journal may have by its retention. */
  readonly journalMbMax: number;
}

const DAY_H = 24;
/** Fewer samples have no slope to speak of. */
const SAMPLES_MIN = 5;

/** How slow a turn is on the machine as it is in that hour. */
const relative = ({ us, referenceUs }: HourP99): number => us / Math.max(1, referenceUs);

/** The last hour over the first, both on the line through all: an hour's p99 alone trembles by more than the bound. */
function lastOverFirst(values: readonly number[]): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const half = (lineThrough(values.map((each, i) => [i, each])).slope * (values.length - 1)) / 2;
  return (mean + half) / Math.max(Number.EPSILON, mean - half);
}

export function judge(samples: readonly Sample[], whole: Whole): readonly Bound[] {
  const warm = samples.filter(({ hour }) => hour >= whole.warmHours);
  const hours = Math.max(0, whole.hours - whole.warmHours);
  const lineOf = (of: (sample: Sample) => number, among = warm): Line =>
    lineThrough(among.map((each) => [each.hour, of(each)]));
  const most = (of: (sample: Sample) => number): number => warm.reduce((max, each) => Math.max(max, of(each)), 0);
  const spread = (of: (sample: Sample) => number): number =>
    most(of) - warm.reduce((min, each) => Math.min(min, of(each)), Number.POSITIVE_INFINITY);
  const share = Math.max(0.05, whole.hours / DAY_H);
  // where no two hours were measured nothing is known, and what is not known does not hold
  const ratio = whole.p99s.length < 2 ? Number.POSITIVE_INFINITY : lastOverFirst(whole.p99s.map(relative));
  const errors = whole.requests === 0 ? 0 : whole.strange / whole.requests;
  const flat = (measure: string, of: (sample: Sample) => number, unit: string, among = warm): Bound => {
    const mean = among.reduce((sum, each) => sum + of(each), 0) / Math.max(1, among.length);
    const bound = Math.max(mean * 0.5, unit === "KB" ? 8 : 5);
    return row(measure, lineOf(of, among).slope * hours, { bound, unit, text: "no slope: below half of its mean" });
  };
  // beside what is judged stands what the samples' trembling makes of it: two standard errors
  const grown = (measure: string, of: (sample: Sample) => number, bound: number): Bound => {
    const { slope, error } = lineOf(of);
    const seen = `${rounded(slope * hours)} ± ${rounded(2 * error * hours)} MB`;
    return { measure, seen, bound: `at most ${rounded(bound)} MB`, holds: slope * hours <= bound };
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
    grown("heap after collection, growth", (each) => each.heapMb, 10 * share),
    grown("resident memory, growth", (each) => each.rssMb, 50 * share),
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
    row("turn p99, last hour / first by the slope of all, over a fixed piece of work", ratio, { bound: 1.2, unit: "" }),
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
  value === Number.POSITIVE_INFINITY
    ? "not measured"
    : String(Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100);
