// What lies on the candles: one line an open order, fills grouped by candle and side, and the lines of the grid. Pure.

import type { ConsoleOrder, Fill, Slots } from "../../../src/live/messages.ts";
import { forDrawing, isDecimal } from "../money/exact.ts";
import { plain } from "../money/show.ts";

/** Above this many order lines the chart shows ticks at the price axis and a count (UI-09). */
export const LINES_MAX = 60;

export interface OrderLine {
  readonly id: string;
  readonly side: "BUY" | "SELL";
  readonly price: number;
  /** `B 0.010 @ 2998.00 · 4/10`: what is filled of it, when something is. */
  readonly title: string;
}

/** The decimal as a fraction in whole lots where both are: "0.004" of "0.010" → "4/10". */
function filledOf(filled: string, qty: string): string {
  const scale = Math.max(filled.split(".")[1]?.length ?? 0, qty.split(".")[1]?.length ?? 0);
  const whole = (text: string): string => {
    const [left = "", right = ""] = text.split(".");
    return `${left}${right.padEnd(scale, "0")}`.replace(/^0+(?=\d)/, "");
  };
  return `${whole(filled)}/${whole(qty)}`;
}

export function orderLines(orders: Iterable<ConsoleOrder>, symbol: string): readonly OrderLine[] {
  return [...orders]
    .filter((order) => isDecimal(order.price) && (symbol === "" || order.symbol === symbol))
    .map((order) => {
      const part = /[1-9]/.test(order.filled) ? ` · ${filledOf(order.filled, order.qty)}` : "";
      const doubt = order.unknown ? " · unknown" : "";
      return {
        id: order.clientOrder || order.id,
        side: order.side,
        price: forDrawing(order.price),
        title: `${order.side === "BUY" ? "B" : "S"} ${order.qty} @ ${plain(order.price)}${part}${doubt}`,
      };
    });
}

export interface FillMark {
  readonly time: number;
  readonly side: "BUY" | "SELL";
  readonly count: number;
  readonly id: string;
}

/** One arrow a candle and side, with a count where several fell together. `times` are the candles' opens, ascending. */
export function fillMarks(fills: readonly Fill[], times: readonly number[], symbol: string): readonly FillMark[] {
  const first = times[0];
  const groups = new Map<string, FillMark>();
  if (first === undefined) return [];
  for (const fill of fills) {
    const at = fill.at / 1000;
    if (at < first || (symbol !== "" && fill.symbol !== symbol)) continue;
    const time = openOf(times, at);
    const key = `${time}${fill.side}`;
    const known = groups.get(key);
    groups.set(key, { time, side: fill.side, count: (known?.count ?? 0) + 1, id: known?.id ?? fill.id });
  }
  return [...groups.values()].sort((a, b) => a.time - b.time);
}

/** The last open at or before `at`. */
function openOf(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((times[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return times[low] ?? 0;
}

export interface GridLine {
  readonly name: string;
  readonly price: number;
}

/** Anchor, average entry, and the like, where they are known. */
export function gridLines(slots: Slots | undefined, mark: string): readonly GridLine[] {
  const price = { name: "mark", price: forDrawing(mark) };
  if (slots === undefined) return Number.isFinite(price.price) ? [price] : [];
  return [
    price,
    { name: "anchor", price: forDrawing(slots.anchor) },
    { name: "average entry", price: forDrawing(slots.averageEntry) },
  ].filter((line) => Number.isFinite(line.price) && line.price > 0);
}
