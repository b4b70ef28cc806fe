// A bot on the simulated exchange of its configuration before anything runs: the account it would open with, the book
// at a price, what the strategy would do there. Offline; `preview` and `doctor` show it.

import type { BoundBot } from "../../config/process/bot-draft.ts";
import type { SimulatedExchangeConfig } from "../../config/process/exchange-shapes.ts";
import { firstPriceOf } from "../../exchange/paper-source.ts";
import { lots, type Money, money, type Ticks, ticks } from "../../market/amounts.ts";
import { parsePrice } from "../../market/instrument.ts";
import { type PreviewReport, preview } from "../../strategy/grid/preview.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError } from "./output.ts";

export interface Rehearsal {
  readonly bot: BoundBot;
  readonly price: Ticks;
  readonly quoteAvailable: Money;
  readonly report: PreviewReport;
}

/** `price` is decimal text; without one the market's own first price. Errors: CommandError 2. */
export function rehearse(bot: BoundBot, simulated: SimulatedExchangeConfig, price: string | null): Rehearsal {
  const market = simulated.instruments.find(({ instrument }) => instrument.symbol === bot.instrument.symbol);
  const at = priceOf(bot, price ?? firstPriceOf(bot.instrument, market?.startPrice ?? null));
  const quoteAvailable = simulated.balances.get(bot.instrument.quote) ?? money(0n);
  const { priceBandBps, priceBandFarBps, openOrdersMax } = bot.risk;
  const report = preview(bot.grid, bot.instrument, {
    book: { bid: at, ask: ticks(at + 1) },
    account: {
      quoteAvailable,
      leverage: bot.instrument.leverage,
      position: lots(0),
      positionEntry: null,
      priceBandBps,
      priceBandFarBps,
      openOrdersLimit: openOrdersMax,
    },
  });
  return { bot, price: at, quoteAvailable, report };
}

function priceOf({ instrument }: BoundBot, text: string): Ticks {
  const at = parsePrice(instrument, text, "nearest");
  if (at.ok && at.value >= 1) return at.value;
  const why = at.ok ? "it rounds to nothing" : at.error;
  throw new CommandError(EXIT_CODES.usage, `--price ${text} is not allowed; give a price above 0: ${why}`);
}
