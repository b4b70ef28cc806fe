// GetPnlCurve: the result of one bot, or of several added, at round instants, from the books.

import { toDecimal } from "../../rpc/decimal.ts";
import { timeRange } from "../../rpc/fields.ts";
import type { GetPnlCurveRequest, PnlPoint } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { Books } from "../books/books.ts";
import { moneyText } from "../books/text.ts";
import { peaksOf, positionHistory } from "./position-history.ts";
import { selected } from "./selection.ts";

const POINTS_MAX = 1_000;

export function pnlCurve(books: Books, request: GetPnlCurveRequest): PnlPoint[] {
  const { fromMs, toMs } = timeRange(request);
  const { botIds, stepMs } = request;
  if (!Number.isSafeInteger(stepMs) || stepMs < 0) throw invalidField("step_ms", `must be 0 or more, is ${stepMs}`);
  const of = selected(books, { botIds });
  // a drawdown is measured from the highest of the whole life, whatever part of it is asked for
  const peaks = peaksOf(of);
  return positionHistory(of, { fromMs, toMs, stepMs, countMax: POINTS_MAX }).map(({ sample }) => {
    const highest = peaks.get(sample.atMs) ?? sample.net;
    return {
      atMs: sample.atMs,
      realizedGross: toDecimal(moneyText(sample.gross)),
      fees: toDecimal(moneyText(sample.fees - sample.rebates)),
      funding: toDecimal(moneyText(sample.funding)),
      interest: toDecimal("0"),
      unrealized: toDecimal(sample.mark === null ? null : moneyText(sample.unrealized)),
      net: toDecimal(moneyText(sample.net)),
      drawdown: toDecimal(moneyText(highest > sample.net ? highest - sample.net : 0n)),
    };
  });
}
