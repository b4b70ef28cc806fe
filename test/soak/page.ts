// What a soak prints, and the same numbers as a page of the documents.

import type { Sample } from "./samples.ts";
import type { Bound } from "./verdict.ts";

export interface Told {
  /** What was run, in a sentence. */
  readonly what: string;
  readonly command: string;
  /** Name and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly bounds: readonly Bound[];
  readonly samples: readonly Sample[];
}

export const HEAD = "  hour   heap    rss handles journal    wal archive   state snapshot recovery  turn p99";

/** One sample, under {@link HEAD}. */
export function sampleLine(each: Sample): string {
  const cell = (value: number, wide: number, digits = 1): string => fixed(value, digits).padStart(wide);
  return [
    cell(each.hour, 6, 2),
    cell(each.heapMb, 6),
    cell(each.rssMb, 6),
    cell(each.handles, 7, 0),
    cell(each.journalMb, 7),
    cell(each.walMb, 6),
    cell(each.archivesMb, 7),
    cell(each.stateKb, 7, 0),
    cell(each.snapshotMs, 8),
    (each.recoveryMs === null ? "-" : fixed(each.recoveryMs, 0)).padStart(8),
    cell(each.turnP99Us, 9, 0),
  ].join(" ");
}

export function boundLines(bounds: readonly Bound[]): string {
  const wide = Math.max(...bounds.map(({ measure }) => measure.length));
  return bounds
    .map(({ measure, seen, bound, holds }) => `${holds ? "ok  " : "FAIL"} ${measure.padEnd(wide)}  ${seen} (${bound})`)
    .join("\n");
}

/** A section of docs/soak.md. */
export function sectionOf({ what, command, facts, bounds, samples }: Told): string {
  const every = Math.max(1, Math.ceil(samples.length / 26));
  const shown = samples.filter((_, n) => n % every === 0 || n === samples.length - 1);
  return [
    what,
    "",
    `\`${command}\``,
    "",
    "| | |",
    "|---|---|",
    ...facts.map(([name, value]) => `| ${name} | ${value} |`),
    "",
    "| measure | seen | bound | holds |",
    "|---|---|---|---|",
    ...bounds.map(
      ({ measure, seen, bound, holds }) => `| ${measure} | ${seen} | ${bound} | ${holds ? "yes" : "**no**"} |`,
    ),
    "",
    "```",
    HEAD,
    ...shown.map(sampleLine),
    "```",
    "",
  ].join("\n");
}

/** Half a unit more, cut: these are sizes and times, nobody's money. */
function fixed(value: number, digits: number): string {
  const scale = 10 ** digits;
  const whole = Math.round(Math.abs(value) * scale);
  const text = digits === 0 ? `${whole}` : `${Math.floor(whole / scale)}.${`${whole % scale}`.padStart(digits, "0")}`;
  return value < 0 && whole > 0 ? `-${text}` : text;
}
