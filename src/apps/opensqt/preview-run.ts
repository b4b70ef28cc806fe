// What `opensqt preview` does: every order the grid would place now, offline (GRID-47…49).

import { DEFAULT_CONFIG_TEXT } from "../../config/default-config.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { lots, ticks } from "../../market/amounts.ts";
import { parsePrice } from "../../market/instrument.ts";
import { type PreviewReport, preview } from "../../strategy/grid/preview.ts";
import { renderPreview } from "../../terminal/preview.ts";
import { read, sourceOf } from "./backtest-inputs.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, print, printJson, terminalWidth } from "./output.ts";

export interface PreviewFlags {
  readonly config?: string;
  readonly price?: string;
  readonly json?: true;
}

/** Where the synthetic market begins when nobody says. */
const DEFAULT_PRICE = "60000";

export function showPreview(flags: PreviewFlags): void {
  const config = read(sourceOf(flags) ?? { text: DEFAULT_CONFIG_TEXT, file: "built-in example" });
  const report = previewOf(config, flags.price ?? config.simulated.startPrice ?? DEFAULT_PRICE);
  const refused = report.refusals.length > 0;
  if (flags.json === true) printJson(report, !refused);
  else print(renderPreview(report, { width: terminalWidth() }));
  if (refused) process.exitCode = EXIT_CODES.checkFailed;
}

/** A book of one tick at the price, and the account the simulated exchange opens with. */
function previewOf(config: LoadedConfig, price: string): PreviewReport {
  const { bot, simulated } = config;
  const at = parsePrice(bot.instrument, price, "nearest");
  if (!at.ok || at.value < 1) {
    const why = at.ok ? "it rounds to nothing" : at.error;
    throw new CommandError(EXIT_CODES.usage, `--price ${price} is not allowed; give a price above 0: ${why}`);
  }
  const { priceBandBps, priceBandFarBps, openOrdersMax } = bot.risk;
  return preview(bot.grid, bot.instrument, {
    book: { bid: at.value, ask: ticks(at.value + 1) },
    account: {
      quoteAvailable: simulated.balance,
      leverage: bot.instrument.leverage,
      position: lots(0),
      positionEntry: null,
      priceBandBps,
      priceBandFarBps,
      openOrdersLimit: openOrdersMax,
    },
  });
}
