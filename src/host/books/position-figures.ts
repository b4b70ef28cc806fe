// Positions of bots as people see them: queries over books, decimals as text.

import { bigNearestDiv, toSafe } from "../../base/integer.ts";
import { type Lots, type MilliTicks, milliTicks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { BotBook } from "./bot-book.ts";
import type { Sample } from "./samples.ts";
import { lotsText, markText, moneyText } from "./text.ts";

/** Null where something is not known; fees are positive when paid. */
export interface PositionFigures {
  readonly exchange: string;
  readonly symbol: string;
  readonly bot: string;
  readonly quantity: string;
  readonly entryPrice: string | null;
  readonly currentPrice: string | null;
  readonly unrealized: string | null;
  readonly realized: string;
  readonly fees: string;
  readonly funding: string;
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
}

/** The book must know its instrument. */
export function positionFigures(book: BotBook, instrument: Instrument): PositionFigures {
  const mark = book.mark();
  const { gross, fees, rebates, funding } = book.money.totals;
  const { unrealized } = book.result(mark);
  return {
    exchange: instrument.exchange,
    symbol: instrument.symbol,
    bot: book.bot,
    quantity: lotsText(instrument, book.position()),
    entryPrice: markText(instrument, entryOf(book.ledger.cost, book.ledger.position)),
    currentPrice: markText(instrument, mark),
    unrealized: mark === null ? null : moneyText(unrealized),
    realized: moneyText(gross),
    fees: moneyText(fees - rebates),
    funding: moneyText(funding),
    openedAtMs: book.openedAtMs,
    updatedAtMs: book.movedAtMs,
  };
}

const entryOf = (cost: bigint, position: Lots): MilliTicks | null =>
  position === 0 ? null : milliTicks(toSafe(bigNearestDiv(cost * 1000n, BigInt(position))));

export interface PositionSampleFigures {
  readonly quantity: string;
  readonly entryPrice: string | null;
  readonly mark: string | null;
  readonly unrealized: string | null;
  readonly atMs: number;
}

export const sampleFigures = (instrument: Instrument, sample: Sample): PositionSampleFigures => ({
  quantity: lotsText(instrument, sample.position),
  entryPrice: markText(instrument, entryOf(sample.cost, sample.position)),
  mark: markText(instrument, sample.mark),
  unrealized: sample.mark === null ? null : moneyText(sample.unrealized),
  atMs: sample.atMs,
});
