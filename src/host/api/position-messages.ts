// Positions, results and their tie as the messages of the API. Renders; it decides nothing.

import { toDecimal } from "../../rpc/decimal.ts";
import type {
  DeepPartial,
  LedgerTie,
  PnlSplit,
  PositionData,
  PositionSample,
} from "../../rpc/generated/opensqt/market_maker/v1/position.ts";
import type { Books } from "../books/books.ts";
import type { PnlSplitFigures } from "../books/pnl-figures.ts";
import { type PositionSampleFigures, positionFigures } from "../books/position-figures.ts";
import { moneyText } from "../books/text.ts";
import type { Selected } from "./selection.ts";

export function positionMessage({ book, instrument }: Pick<Selected, "book" | "instrument">): PositionData {
  const figures = positionFigures(book, instrument);
  return {
    exchange: figures.exchange,
    symbol: figures.symbol,
    botId: figures.bot,
    quantity: toDecimal(figures.quantity),
    entryPrice: toDecimal(figures.entryPrice),
    currentPrice: toDecimal(figures.currentPrice),
    unrealizedPnl: toDecimal(figures.unrealized),
    realizedPnl: toDecimal(figures.realized),
    fees: toDecimal(figures.fees),
    funding: toDecimal(figures.funding),
    openedAtMs: figures.openedAtMs,
    updatedAtMs: figures.updatedAtMs,
  };
}

/** How the books these numbers come from tie to the exchange (API-24). */
export function tieMessage(books: Books, of: readonly Selected[]): LedgerTie {
  const { tiedAtMs, difference } = books.tie(of.map(({ book }) => book));
  return { tiedAtMs, difference: difference === null ? undefined : toDecimal(moneyText(difference)) };
}

export const splitMessage = (split: PnlSplitFigures): PnlSplit => ({
  gross: toDecimal(split.gross),
  fees: toDecimal(split.fees),
  funding: toDecimal(split.funding),
  interest: toDecimal(split.interest),
  rebates: toDecimal(split.rebates),
  net: toDecimal(split.net),
});

export const sampleMessage = (sample: PositionSampleFigures): DeepPartial<PositionSample> => ({
  quantity: toDecimal(sample.quantity),
  entryPrice: toDecimal(sample.entryPrice),
  markPrice: toDecimal(sample.mark),
  unrealizedPnl: toDecimal(sample.unrealized),
  atMs: sample.atMs,
});
