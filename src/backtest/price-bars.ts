// Price as bars of equal time for the report's chart, and our fills gathered onto them. For drawing only.

import type { Curve } from "./curve.ts";
import { CurveColumn, type ShownFill } from "./run-record.ts";

export interface PriceBar {
  /** Start, seconds since the epoch. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** All fills of one side within one bar. */
export interface FillMark {
  readonly time: number;
  readonly side: "buy" | "sell";
  /** Their mean price by quantity. */
  readonly price: number;
  readonly count: number;
}

/** Bar widths a person reads off a chart, in seconds. */
const WIDTHS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400];

/** Smallest width that needs at most `barsMax` bars for `seconds`. */
export function barWidthS(seconds: number, barsMax: number): number {
  const days = Math.max(1, Math.ceil(seconds / 86_400 / barsMax));
  return WIDTHS_S.find((width) => seconds / width <= barsMax) ?? days * 86_400;
}

/**
 * Bars of `widthS` from the mark column; `priceOf` turns a mark into a drawn price. Spans without a mark have no bar.
 */
export function priceBars(curve: Curve, widthS: number, priceOf: (mark: number) => number): readonly PriceBar[] {
  const times = curve.column(CurveColumn.time);
  const marks = curve.column(CurveColumn.mark);
  const bars: PriceBar[] = [];
  let from = 0;
  while (from < times.length) {
    const time = barTime(times[from] ?? 0, widthS);
    let to = from + 1;
    let high = marks[from] ?? 0;
    let low = high;
    while (to < times.length && barTime(times[to] ?? 0, widthS) === time) {
      const mark = marks[to] ?? 0;
      if (mark > high) high = mark;
      if (mark < low) low = mark;
      to += 1;
    }
    const open = priceOf(marks[from] ?? 0);
    bars.push({ time, open, high: priceOf(high), low: priceOf(low), close: priceOf(marks[to - 1] ?? 0) });
    from = to;
  }
  return bars;
}

/** One mark a bar and side, in order of time. */
export function fillMarks(fills: readonly ShownFill[], widthS: number): readonly FillMark[] {
  const groups = new Map<
    string,
    { time: number; side: "buy" | "sell"; value: number; weight: number; count: number }
  >();
  for (const fill of fills) {
    const time = barTime(fill.atUs, widthS);
    const key = `${time}${fill.side}`;
    const group = groups.get(key) ?? { time, side: fill.side, value: 0, weight: 0, count: 0 };
    const quantity = Number(fill.quantity);
    group.value += Number(fill.price) * quantity;
    group.weight += quantity;
    group.count += 1;
    groups.set(key, group);
  }
  return [...groups.values()].map(({ time, side, value, weight, count }) => ({
    time,
    side,
    price: value / weight,
    count,
  }));
}

/** "5 s", "15 min", "4 h", "1 d". */
export function widthText(widthS: number): string {
  if (widthS < 60) return `${widthS} s`;
  if (widthS < 3600) return `${widthS / 60} min`;
  return widthS < 86_400 ? `${widthS / 3600} h` : `${widthS / 86_400} d`;
}

const barTime = (us: number, widthS: number): number => Math.floor(us / 1_000_000 / widthS) * widthS;
