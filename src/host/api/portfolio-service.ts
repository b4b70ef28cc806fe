// PortfolioService (api.md section 9): margin health of the account, and what it would be after changes. The
// allocator and the scanner come with arbitrage and answer UNIMPLEMENTED until then.

import { type Lots, lots, type MilliTicks, milliTicks } from "../../market/amounts.ts";
import { type Instrument, markMoney, parseQuantity, unitMoney } from "../../market/instrument.ts";
import { toDecimal } from "../../rpc/decimal.ts";
import { chosenExchange, requiredDecimal, requiredText } from "../../rpc/fields.ts";
import type {
  PortfolioServiceImplementation,
  PositionChange,
} from "../../rpc/generated/opensqt/market_maker/v1/portfolio.ts";
import { invalidField, unimplemented } from "../../rpc/refusal.ts";
import type { Books } from "../books/books.ts";
import type { AccountFacts } from "../books/bot-book.ts";
import { healthText, moneyText } from "../books/text.ts";
import { everyBot, type Selected, servedExchanges } from "./selection.ts";

const PROPOSALS_MAX = 50;

export function portfolioService(books: Books): PortfolioServiceImplementation {
  return {
    getRiskProfile: async ({ exchange }) => {
      const account = accountOn(books, chosenExchange(exchange, servedExchanges(books)));
      if (account === null) return { isUnified: false, atMs: 0 };
      const { equity, maintenanceMargin, atMs } = account;
      return {
        adjustedEquity: toDecimal(moneyText(equity)),
        totalMaintenanceMargin: maintenanceMargin === null ? undefined : toDecimal(moneyText(maintenanceMargin)),
        availableHeadroom: maintenanceMargin === null ? undefined : toDecimal(moneyText(equity - maintenanceMargin)),
        healthScore: maintenanceMargin === null ? undefined : toDecimal(healthText(maintenanceMargin, equity)),
        isUnified: false,
        atMs,
      };
    },
    simulateMargin: async ({ exchange, proposals }) => {
      const chosen = chosenExchange(exchange, servedExchanges(books));
      const after = positionsAfter(books, chosen, proposals);
      const account = accountOn(books, chosen);
      if (account === null || after.some(({ mark }) => mark === null)) return { wouldLiquidate: false };
      const at = (shiftPercent: number): Health => healthAfter(account, after, shiftPercent);
      const [mark, down, up] = [at(0), at(-10), at(10)];
      return {
        projectedHealthScore: toDecimal(mark.score),
        projectedHealthScoreDown: toDecimal(down.score),
        projectedHealthScoreUp: toDecimal(up.score),
        wouldLiquidate: mark.liquidated || down.liquidated || up.liquidated,
      };
    },
    getTargetPositions: async () => {
      throw unimplemented("PortfolioService.GetTargetPositions");
    },
    getMarketScores: async () => {
      throw unimplemented("PortfolioService.GetMarketScores");
    },
  };
}

/** The exchange's newest word about the account, whichever bot heard it; null before the first. */
function accountOn(books: Books, exchange: string): AccountFacts | null {
  let newest: AccountFacts | null = null;
  for (const { book, instrument } of everyBot(books)) {
    const { account } = book;
    if (instrument.exchange === exchange && account !== null && account.atMs >= (newest?.atMs ?? 0)) newest = account;
  }
  return newest;
}

interface After {
  readonly instrument: Instrument;
  readonly mark: MilliTicks | null;
  readonly before: Lots;
  readonly after: Lots;
}

/** Positions of the instruments this process trades, with the changes. Throws for an instrument it does not know. */
function positionsAfter(books: Books, exchange: string, proposals: readonly PositionChange[]): readonly After[] {
  if (proposals.length > PROPOSALS_MAX) {
    throw invalidField("proposals", `has ${proposals.length} entries, at most ${PROPOSALS_MAX}`);
  }
  const known = new Map<string, Selected[]>();
  for (const one of everyBot(books)) {
    if (one.instrument.exchange !== exchange) continue;
    known.set(one.instrument.symbol, [...(known.get(one.instrument.symbol) ?? []), one]);
  }
  const changes = new Map<string, number>();
  for (const [i, { symbol, change }] of proposals.entries()) {
    const field = `proposals[${i}]`;
    const instrument = known.get(requiredText(`${field}.symbol`, symbol, 64))?.[0]?.instrument;
    if (instrument === undefined) throw invalidField(`${field}.symbol`, `no bot trades ${symbol} on ${exchange}`);
    const quantity = parseQuantity(instrument, requiredDecimal(`${field}.change`, change));
    if (!quantity.ok) throw invalidField(`${field}.change`, quantity.error);
    const sum = (changes.get(symbol) ?? 0) + quantity.value;
    if (!Number.isSafeInteger(sum)) throw invalidField(`${field}.change`, "is too large");
    changes.set(symbol, sum);
  }
  return [...known].flatMap(([symbol, of]) => {
    const [first] = of;
    if (first === undefined) return [];
    const before = of.reduce((sum, { book }) => sum + book.position(), 0);
    const after = before + (changes.get(symbol) ?? 0);
    if (!Number.isSafeInteger(after)) throw invalidField("proposals", `the change of ${symbol} is too large`);
    return [{ instrument: first.instrument, mark: first.book.mark(), before: lots(before), after: lots(after) }];
  });
}

interface Health {
  readonly score: string;
  readonly liquidated: boolean;
}

/**
 * Every price moved by `shiftPercent`: the equity moves with the positions after the change, bought at mark; margin is
 * the exchange's own today plus the first tier's share of what changes.
 */
function healthAfter(account: AccountFacts, all: readonly After[], shiftPercent: number): Health {
  let equity: bigint = account.equity;
  let maintenance = account.maintenanceMargin ?? 0n;
  for (const { instrument, mark, before, after } of all) {
    if (mark === null) continue;
    const shifted = milliTicks(mark + Math.round((mark * shiftPercent) / 100));
    equity += markMoney(instrument, shifted, after) - markMoney(instrument, mark, after);
    maintenance += marginOf(instrument, shifted, after) - marginOf(instrument, mark, before);
  }
  const floor = maintenance > 0n ? maintenance : 0n;
  return { score: healthText(floor, equity), liquidated: floor > 0n && equity <= floor };
}

/** Maintenance margin of the first tier, 10^−18 of the quote asset, rounded down. */
function marginOf(instrument: Instrument, mark: MilliTicks, quantity: Lots): bigint {
  const value = BigInt(mark) * BigInt(Math.abs(quantity)) * unitMoney(instrument);
  return (value * BigInt(instrument.maintenancePpm)) / 1_000_000_000n;
}
