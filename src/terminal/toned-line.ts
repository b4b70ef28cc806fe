// A line of a screen as pieces of text with a tone each, and how it is made to fit. What a tone looks like is decided
// where it is drawn.

import { cutText, displayWidth } from "./table.ts";

export type Tone = "plain" | "quiet" | "strong" | "accent" | "buy" | "sell" | "warn" | "alarm";

export interface Segment {
  readonly text: string;
  readonly tone: Tone;
}
export type Line = readonly Segment[];

export const seg = (text: string, tone: Tone = "plain"): Segment => ({ text, tone });

/** Columns the line takes. */
export const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + displayWidth(text), 0);

/** `left` and `right` at the two ends of `columns`, or behind each other where they do not both fit. */
export function spread(left: Line, right: Line, columns: number): Line {
  const space = columns - widthOf(left) - widthOf(right);
  return [...left, seg(" ".repeat(space >= 1 ? space : 2)), ...right];
}

/** At most `columns` of the line; what is cut ends in "…". */
export function fitLine(line: Line, columns: number): Line {
  const out: Segment[] = [];
  let used = 0;
  for (const { text, tone } of line) {
    if (text === "") continue;
    const cut = cutText(text, columns - used);
    if (cut === "") break;
    out.push({ text: cut, tone });
    used += displayWidth(cut);
    if (cut !== text) break;
  }
  return out;
}
