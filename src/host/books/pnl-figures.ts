// Results of bots as people see them: the split of a range, cycles and win rate, and the curve of a chart. Fees and
// interest are positive when paid and lower the net; rebates raise it.

import { toSafe } from "../../base/integer.ts";
import type { BotBook } from "./bot-book.ts";
import type { Totals } from "./money-rows.ts";
import type { Sample } from "./samples.ts";
import { moneyText } from "./text.ts";

export type PnlMethod = "average" | "fifo";

export interface PnlSplitFigures {
  readonly gross: string;
  readonly fees: string;
  readonly funding: string;
  readonly interest: string;
  readonly rebates: string;
  readonly net: string;
}

/** gross − fees + funding − interest + rebates = net. */
export function splitFigures(totals: Totals, method: PnlMethod): PnlSplitFigures {
  const gross = method === "fifo" ? totals.grossFifo : totals.gross;
  const { fees, rebates, funding } = totals;
  return {
    gross: moneyText(gross),
    fees: moneyText(fees),
    funding: moneyText(funding),
    interest: "0",
    rebates: moneyText(rebates),
    net: moneyText(gross - fees + rebates + funding),
  };
}

/** Winning of all cycles, in basis points; 0 without any. */
export const winRateBps = ({ cycles, winning }: Totals): number =>
  cycles === 0 ? 0 : Math.round((winning * 10_000) / cycles);

export interface PnlPointFigures {
  readonly atMs: number;
  readonly gross: string;
  /** Fees less rebates. */
  readonly fees: string;
  readonly funding: string;
  readonly interest: string;
  readonly unrealized: string;
  readonly net: string;
  /** How far net is below its highest so far, at or above 0. */
  readonly drawdown: string;
}

interface Point {
  readonly atMs: number;
  readonly gross: bigint;
  readonly fees: bigint;
  readonly funding: bigint;
  readonly unrealized: bigint;
}

const POINTS_MAX = 1_000;

/**
 * The curve of several bots added, oldest first, with a last point of now. `stepMs` 0: as fine as 1,000 points allow.
 * The drawdown counts from the whole life of the bots, not from `fromMs`.
 */
export function pnlCurve(
  books: readonly BotBook[],
  range: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
): readonly PnlPointFigures[] {
  const points = added(books.map((book) => book.samples.all().map(pointOf)));
  const newest = nowPoint(books);
  if (newest !== null && newest.atMs > (points[points.length - 1]?.atMs ?? 0)) points.push(newest);
  let peak = 0n;
  const figures: PnlPointFigures[] = [];
  for (const point of points) {
    const net = point.gross - point.fees + point.funding + point.unrealized;
    if (net > peak) peak = net;
    if (point.atMs < range.fromMs || (range.toMs !== 0 && point.atMs >= range.toMs)) continue;
    figures.push({
      atMs: point.atMs,
      gross: moneyText(point.gross),
      fees: moneyText(point.fees),
      funding: moneyText(point.funding),
      interest: "0",
      unrealized: moneyText(point.unrealized),
      net: moneyText(net),
      drawdown: moneyText(peak - net),
    });
  }
  return thinned(figures, range.stepMs);
}

const pointOf = ({ atMs, gross, fees, rebates, funding, unrealized }: Sample): Point => ({
  atMs,
  gross,
  fees: fees - rebates,
  funding,
  unrealized,
});

function nowPoint(books: readonly BotBook[]): Point | null {
  let atMs = 0;
  const sum = { gross: 0n, fees: 0n, funding: 0n, unrealized: 0n };
  for (const book of books) {
    const { gross, fees, rebates, funding } = book.money.totals;
    sum.gross += gross;
    sum.fees += fees - rebates;
    sum.funding += funding;
    sum.unrealized += book.result().unrealized;
    if (book.nowMs > atMs) atMs = book.nowMs;
  }
  return atMs === 0 ? null : { atMs, ...sum };
}

/** Sums of curves: each counts with its newest point at or before the instant. */
function added(curves: readonly (readonly Point[])[]): Point[] {
  const [only] = curves;
  if (curves.length === 1 && only !== undefined) return [...only];
  const instants = [...new Set(curves.flatMap((curve) => curve.map(({ atMs }) => atMs)))].sort((a, b) => a - b);
  const next = curves.map(() => 0);
  return instants.map((atMs) => {
    const sum = { gross: 0n, fees: 0n, funding: 0n, unrealized: 0n };
    for (const [i, curve] of curves.entries()) {
      while ((curve[next[i] ?? 0]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs) next[i] = (next[i] ?? 0) + 1;
      const point = curve[(next[i] ?? 0) - 1];
      if (point === undefined) continue;
      sum.gross += point.gross;
      sum.fees += point.fees;
      sum.funding += point.funding;
      sum.unrealized += point.unrealized;
    }
    return { atMs, ...sum };
  });
}

/** The last of each step, and always the newest. */
function thinned(points: readonly PnlPointFigures[], stepMs: number): readonly PnlPointFigures[] {
  const first = points[0]?.atMs ?? 0;
  const span = (points[points.length - 1]?.atMs ?? 0) - first;
  const step = Math.max(stepMs, Math.ceil(span / POINTS_MAX));
  if (step <= 0) return points;
  return points.filter((point, i) => {
    const next = points[i + 1];
    return next === undefined || Math.floor(next.atMs / step) !== Math.floor(point.atMs / step);
  });
}

/** Totals of a book in a range; those of memory where the range begins before it. */
export const totalsBetween = (book: BotBook, fromMs: number, toMs: number): Totals | null =>
  fromMs === 0 && toMs === 0 ? book.money.totals : book.money.between(fromMs, toMs);

/** Share in basis points, rounded down; 0 of nothing. */
export const shareBps = (part: bigint, whole: bigint): number => (whole === 0n ? 0 : toSafe((part * 10_000n) / whole));
