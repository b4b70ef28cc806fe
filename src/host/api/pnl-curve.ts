// BotService.GetPnlCurve: the curve of a chart from the books.

import { toDecimal } from "../../rpc/decimal.ts";
import { timeRange } from "../../rpc/fields.ts";
import type { BotServiceImplementation } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { Books } from "../books/books.ts";
import { pnlCurve } from "../books/pnl-figures.ts";
import { selected } from "./selection.ts";

export function pnlCurveCall(books: Books): Pick<BotServiceImplementation, "getPnlCurve"> {
  return {
    getPnlCurve: async (request) => {
      const range = timeRange(request);
      const { stepMs, botIds } = request;
      if (!Number.isSafeInteger(stepMs) || stepMs < 0) throw invalidField("step_ms", `must be 0 or more, is ${stepMs}`);
      const of = selected(books, { botIds }).map(({ book }) => book);
      const points = pnlCurve(of, { ...range, stepMs }).map((point) => ({
        atMs: point.atMs,
        realizedGross: toDecimal(point.gross),
        fees: toDecimal(point.fees),
        funding: toDecimal(point.funding),
        interest: toDecimal(point.interest),
        unrealized: toDecimal(point.unrealized),
        net: toDecimal(point.net),
        drawdown: toDecimal(point.drawdown),
      }));
      return { points };
    },
  };
}
