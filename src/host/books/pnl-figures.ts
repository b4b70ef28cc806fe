// Results of bots as people see them: the split of a range, cycles and win rate. Fees and interest are positive when
// paid and lower the net; rebates raise it.

import { toSafe } from "../../base/integer.ts";
import type { BotBook } from "./bot-book.ts";
import type { Totals } from "./money-rows.ts";
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

/** Totals of a book in a range; those of memory where the range begins before it. */
export const totalsBetween = (book: BotBook, fromMs: number, toMs: number): Totals | null =>
  fromMs === 0 && toMs === 0 ? book.money.totals : book.money.between(fromMs, toMs);

/** Share in basis points, rounded down; 0 of nothing. */
export const shareBps = (part: bigint, whole: bigint): number => (whole === 0n ? 0 : toSafe((part * 10_000n) / whole));
