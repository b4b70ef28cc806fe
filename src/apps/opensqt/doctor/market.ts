// The bots on their market, rehearsed on the simulated exchange of the configuration: account, instruments, what the
// exchange can do, and whether the strategy can earn there. The safety check is that of the first start (RISK-30).

import { lots } from "../../../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity, type Instrument } from "../../../market/instrument.ts";
import { safetyCheck } from "../../../risk/safety.ts";
import type { GridConfig } from "../../../strategy/grid/config.ts";
import { gridStrategy } from "../../../strategy/grid/grid.ts";
import { cents } from "../../../terminal/preview.ts";
import type { Rehearsal } from "../rehearsal.ts";
import { type Check, type Finding, fine, type Patient, skipped, stop, warn } from "./check.ts";

const TIMEOUT_MS = 10_000;

/** What a grid asks of an exchange, and that the simulated one does it: its contract suite proves each. */
const PROVEN = [
  "place post-only and reduce-only",
  "cancel",
  "look up by client order id",
  "open orders",
  "fills since",
  "account",
  "candles",
  "books and own orders as streams",
];

export const MARKET_CHECKS: readonly Check[] = [
  perBot("account", "safety check", safety),
  perBot("instruments", "rules", rules),
  { area: "capabilities", name: "exchange", timeoutMs: TIMEOUT_MS, run: capabilities },
  perBot("strategy", "grid", grid),
];

function perBot(area: Check["area"], name: string, look: (rehearsal: Rehearsal) => readonly Finding[]): Check {
  return {
    area,
    name,
    timeoutMs: TIMEOUT_MS,
    run: ({ rehearsals, marketMaker }: Patient) => {
      if (rehearsals.length > 0) return rehearsals.flatMap((one) => named(one.bot.id, look(one)));
      if (marketMaker === null) return [skipped("this process hosts no bots")];
      if (marketMaker.bots.length === 0) return [skipped("no bots are configured")];
      return [skipped("the instruments are the connector's: its start checks them")];
    },
  };
}

const named = (id: string, findings: readonly Finding[]): readonly Finding[] =>
  findings.map((one) => ({ ...one, text: `${id}: ${one.text}` }));

/** RISK-30 on the account the simulated exchange opens with. */
function safety({ bot, quoteAvailable, report }: Rehearsal): readonly Finding[] {
  const found = safetyCheck({
    limits: bot.risk,
    instrument: bot.instrument,
    facts: {
      positionLots: lots(0),
      positionEntry: null,
      quoteAvailable,
      equity: quoteAvailable,
      leverage: bot.instrument.leverage,
      oneWayMode: true,
      foreignOrders: 0,
      clockOffsetMs: 0,
      clockErrorMs: 0,
      keyMayWithdraw: false,
    },
    knownPosition: lots(0),
    adoptsPosition: bot.grid.adoptPosition !== "refuse",
    allowWithdrawKeys: false,
    plan: { orderNotional: orderNotional(bot.grid, bot.instrument), cycle: null, levels: [] },
  });
  if (found.length === 0) {
    return [fine(`the safety check passes with ${formatMoney(quoteAvailable)} ${report.quote}, simulated`)];
  }
  return found.map(({ severity, text }) =>
    severity === "stop" ? stop(text, ADVICE_ACCOUNT) : warn(text, ADVICE_ACCOUNT),
  );
}

/** As the engine asks the strategy at start. */
const orderNotional = (config: GridConfig, instrument: Instrument) =>
  gridStrategy.orderNotional?.(config, instrument) ?? null;

const ADVICE_ACCOUNT = "change the account, or bot.risk and the size of orders: docs/configuration.md";

function rules({ bot: { instrument } }: Rehearsal): readonly Finding[] {
  const { symbol, tickSize, lotSize, minLots, status } = instrument;
  if (status !== "trading") return [stop(`${symbol} is ${status}`, "wait, or name another instrument")];
  const least = formatQuantity(instrument, minLots);
  return [fine(`${symbol} trades in steps of ${tickSize} and ${lotSize}, at least ${least} ${instrument.base}`)];
}

function capabilities({ simulated, marketMaker }: Patient): readonly Finding[] {
  if (simulated !== null) return [fine(`simulated exchange: proven are ${PROVEN.join(", ")}`)];
  if (marketMaker !== null) return [skipped("the connector's exchange tells them at start")];
  return [skipped("this process uses no exchange")];
}

/** GRID-08, GRID-17, GRID-49: every level's profit and size, capital and worst case, orders against the exchange's. */
function grid({ bot, report, quoteAvailable }: Rehearsal): readonly Finding[] {
  const { totals } = report;
  if (totals === null) {
    return report.refusals.map((text) => stop(text, "change bot.grid; opensqt preview shows every order"));
  }
  const { instrument } = bot;
  const { breakEven, capital, worst } = totals;
  const money = (amount: typeof capital): string => `${cents(amount)} ${report.quote}`;
  const [actual, least] = [breakEven.actual, breakEven.gap].map((one) => formatPrice(instrument, one));
  const gap = `a cycle's gap ${actual} is above break-even ${least}`;
  const orders = `${report.orders.length} orders now, ${bot.grid.openOrdersMax} at most of ${instrument.openOrdersMax}`;
  const loss = `worst case ${money(worst.total)} at ${formatPrice(instrument, worst.stressPrice)}`;
  const found = [fine(`${gap}; ${orders}; full grid needs ${money(capital)}; ${loss}`)];
  if (bot.grid.openOrdersMax > instrument.openOrdersMax) {
    const limit = `openOrdersMax ${bot.grid.openOrdersMax} is above the exchange's ${instrument.openOrdersMax}`;
    found.push(stop(limit, `give bot.grid.openOrdersMax at most ${instrument.openOrdersMax}`));
  }
  if (capital > quoteAvailable) {
    const short = `the full grid needs ${money(capital)}, and ${money(quoteAvailable)} are there`;
    found.push(warn(short, "lower orderQuote or heldSlotsMax, or add capital"));
  }
  return found;
}
