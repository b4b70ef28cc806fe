// What the report's charts are drawn from, as small as it can be: thinned columns, bars and fill marks. For drawing
// only.

import { parseDecimal } from "../base/decimal.ts";
import { countText } from "./figures.ts";
import { barWidthS, fillMarks, priceBars, widthText } from "./price-bars.ts";
import { CurveColumn, type RunRecord } from "./run-record.ts";

const BARS_MAX = 480;

export interface ChartData {
  readonly barS: number;
  readonly priceDigits: number;
  readonly quantityDigits: number;
  /** [time s, open, high, low, close]. */
  readonly bars: readonly (readonly number[])[];
  /** [time s, 1 for a buy, price, count]. */
  readonly marks: readonly (readonly number[])[];
  readonly t: readonly number[];
  readonly position: readonly number[];
  readonly equity: readonly number[];
  readonly drawdown: readonly number[];
  readonly total: readonly number[];
  readonly spread: readonly number[];
  readonly inventory: readonly number[];
  readonly fees: readonly number[];
  readonly funding: readonly number[];
}

/** Chart data, and the sentence that says how it was thinned. */
export function chartData(record: RunRecord): { readonly data: ChartData; readonly caption: string } {
  const { curve, identity } = record;
  const tick = stepOf(identity.instrument.tickSize);
  const lot = stepOf(identity.instrument.lotSize);
  const barS = barWidthS((record.endUs - record.startUs) / 1_000_000, BARS_MAX);
  const bars = priceBars(curve, barS, (mark) => short((mark / 1000) * tick.size));
  const marks = fillMarks(record.fillsShown, barS);
  const column = (index: number, factor = 1): number[] => Array.from(curve.column(index), (v) => short(v * factor));
  const equity = column(CurveColumn.equity);
  const first = equity[0] ?? 0;
  const data: ChartData = {
    barS,
    priceDigits: Math.min(tick.digits, 8),
    quantityDigits: Math.min(lot.digits, 8),
    bars: bars.map((b) => [b.time, b.open, b.high, b.low, b.close]),
    marks: marks.map((m) => [m.time, m.side === "buy" ? 1 : 0, short(m.price), m.count]),
    t: Array.from(curve.column(CurveColumn.time), (us) => Math.round(us / 1000) / 1000),
    position: column(CurveColumn.position, lot.size),
    equity,
    drawdown: belowPeak(equity),
    total: equity.map((value) => short(value - first)),
    spread: column(CurveColumn.spread),
    inventory: column(CurveColumn.inventory),
    fees: column(CurveColumn.fees),
    funding: column(CurveColumn.funding),
  };
  const { fills } = record.counts;
  const drawn = record.fillsShown.length;
  const thinned = drawn < fills ? `, ${countText(drawn)} of ${countText(fills)} fills drawn` : "";
  return { data, caption: `bars of ${widthText(barS)}${thinned}` };
}

function belowPeak(equity: readonly number[]): number[] {
  let peak = Number.NEGATIVE_INFINITY;
  return equity.map((value) => {
    if (value > peak) peak = value;
    return peak > 0 ? short((value / peak - 1) * 100) : 0;
  });
}

function stepOf(step: string): { readonly size: number; readonly digits: number } {
  const parsed = parseDecimal(step);
  return parsed.ok
    ? { size: Number(parsed.value.digits) / 10 ** parsed.value.scale, digits: parsed.value.scale }
    : { size: 1, digits: 0 };
}

// ten significant digits draw any screen and halve the page
const short = (value: number): number => Number(value.toPrecision(10));
