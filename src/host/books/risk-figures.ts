// What is at risk, bot by bot and in all (risk.md section 2), and how much of each limit is used (RISK-55). The state
// decides as it does in approval; the books add the account's own words. Unknown is null, never 0.

import type { BotState } from "../../engine/state.ts";
import { provenPosition } from "../../engine/unbooked.ts";
import { type Lots, lots } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import { exposureMoney, liveTotals, worstCase, worstLong, worstShort } from "../../risk/exposure.ts";
import type { RiskLimits } from "../../risk/limits.ts";
import type { BotBook } from "./bot-book.ts";
import { lotsText, markText, milliText, moneyText, ratioText } from "./text.ts";

/** A read account is of use for a screen this long: two of the reconciler's rounds. */
const ACCOUNT_AGE_MS_MAX = 120_000;

export interface BotAtRisk {
  readonly book: BotBook;
  readonly instrument: Instrument;
  readonly state: BotState;
}

export interface RiskFigures {
  readonly exchange: string;
  readonly symbol: string;
  readonly bot: string;
  readonly position: string;
  readonly notional: string | null;
  readonly worstLong: string;
  readonly worstShort: string;
  readonly unrealized: string | null;
  readonly leverage: string | null;
  readonly marginRatio: string | null;
  readonly liquidationDistance: string | null;
  readonly lastPrice: string | null;
  readonly breach: boolean;
  readonly limitType: string;
  readonly score: string | null;
}

export interface LimitFigures {
  readonly name: "max_leverage" | "max_notional_value" | "max_order_size" | "max_position_size";
  readonly configured: string | null;
  readonly current: string | null;
  readonly used: string | null;
}

/** Value and limit of one limit, in the same unit. Null: not known. */
interface Share {
  readonly name: string;
  readonly value: bigint | null;
  readonly limit: bigint;
}

export interface Measured {
  readonly position: Lots;
  readonly long: number;
  readonly short: number;
  readonly worst: Lots;
  /** Worst case at mark; null without a mark. */
  readonly exposure: bigint | null;
  readonly equity: bigint | null;
}

export function measure({ book, instrument, state }: BotAtRisk): Measured {
  const position = provenPosition(state);
  const totals = liveTotals(state.orders, null);
  const worst = worstCase(position, totals);
  const mark = book.mark();
  return {
    position,
    long: worstLong(position, totals),
    short: worstShort(position, totals),
    worst,
    exposure: mark === null ? null : exposureMoney(instrument, mark, worst),
    equity: freshEquity(book),
  };
}

function freshEquity({ account, nowMs }: BotBook): bigint | null {
  return account === null || nowMs - account.atMs > ACCOUNT_AGE_MS_MAX ? null : account.equity;
}

export function riskFigures(at: BotAtRisk): RiskFigures {
  const { book, instrument } = at;
  const measured = measure(at);
  const { position, exposure, equity } = measured;
  const mark = book.mark();
  const shares = [...sharesOf(at, measured), ...tripShares(at, measured)];
  const worst = worstShare(shares);
  const maintenance = equity === null ? null : (book.account?.maintenanceMargin ?? null);
  const distance =
    mark === null || book.liquidation === null || position === 0 ? null : Math.abs(mark - book.liquidation);
  return {
    exchange: instrument.exchange,
    symbol: instrument.symbol,
    bot: book.bot,
    position: lotsText(instrument, position),
    notional: mark === null ? null : moneyText(exposureMoney(instrument, mark, position)),
    worstLong: lotsText(instrument, lots(measured.long)),
    worstShort: lotsText(instrument, lots(measured.short)),
    unrealized: mark === null ? null : moneyText(book.result(mark).unrealized),
    leverage: exposure === null || equity === null ? null : ratioText(exposure, equity),
    marginRatio: maintenance === null || equity === null ? null : ratioText(maintenance, equity),
    liquidationDistance: distance === null || mark === null ? null : ratioText(BigInt(distance), BigInt(mark)),
    lastPrice: markText(instrument, mark),
    breach: shares.some(({ value, limit }) => value !== null && value > limit),
    limitType: worst?.name ?? "",
    score: worst === null || shares.some(({ value }) => value === null) ? null : scoreOf(worst),
  };
}

/** Limits that are set. A leverage is not limited on spot. */
function sharesOf({ instrument, state }: BotAtRisk, measured: Measured): readonly Share[] {
  const { limits } = state;
  if (limits === null) return [];
  const { worst, exposure, equity } = measured;
  const shares: Share[] = [
    { name: "position-notional", value: exposure, limit: limits.positionNotionalMax },
    { name: "exposure", value: exposure, limit: grantOf(state, limits) },
  ];
  if (limits.positionQuantityMax !== null) {
    shares.push({ name: "position", value: BigInt(worst), limit: BigInt(limits.positionQuantityMax) });
  }
  if (instrument.kind === "perpetual") {
    // exposure × 1000 against limit × equity, so that nothing is rounded
    const known = exposure !== null && equity !== null;
    const limit = BigInt(limits.leverageMaxMilli) * divisorOf(equity);
    shares.push({ name: "leverage", value: known ? exposure * 1000n : null, limit });
  }
  return shares;
}

/** The bot's own limit, or the account's grant where that is smaller (RISK-09). */
export function grantOf({ grant }: BotState, { exposureGrossMax }: RiskLimits): bigint {
  return grant === undefined || grant.gross > exposureGrossMax ? exposureGrossMax : grant.gross;
}

/** How near margin and liquidation are to where their breakers trip; neither is a matter of a flat bot or of spot. */
function tripShares({ book, instrument, state }: BotAtRisk, { position, equity }: Measured): readonly Share[] {
  const breakers = state.limits?.breakers;
  if (breakers === undefined || instrument.kind !== "perpetual" || position === 0) return [];
  const maintenance = book.account?.maintenanceMargin ?? null;
  const margin = equity === null || maintenance === null ? null : maintenance * 10_000n;
  const shares: Share[] = [
    { name: "margin-trip", value: margin, limit: BigInt(breakers.marginRatioTripBps) * divisorOf(equity) },
  ];
  const mark = book.mark();
  // an exchange that names no liquidation price sees none coming; then margin alone decides
  if (book.liquidation !== null && mark !== null) {
    const distance = BigInt(Math.abs(mark - book.liquidation));
    const trip = BigInt(breakers.liquidationTripBps) * BigInt(mark);
    shares.push({ name: "liquidation-trip", value: trip, limit: distance === 0n ? 1n : distance * 10_000n });
  }
  return shares;
}

/** Without equity whatever is there is beyond every limit (risk.md section 2): as if 10^-18 of it were left. */
const divisorOf = (equity: bigint | null): bigint => (equity === null || equity <= 0n ? 1n : equity);

function worstShare(shares: readonly Share[]): (Share & { readonly value: bigint }) | null {
  let worst: (Share & { readonly value: bigint }) | null = null;
  for (const { name, value, limit } of shares) {
    if (value === null || limit <= 0n) continue;
    if (worst === null || value * worst.limit > worst.value * limit) worst = { name, value, limit };
  }
  return worst;
}

const scoreOf = ({ value, limit }: { readonly value: bigint; readonly limit: bigint }): string | null =>
  ratioText(value, limit);

/** Limits as configured and in force, sorted by name. */
export function limitFigures(at: BotAtRisk): readonly LimitFigures[] {
  const { instrument, state } = at;
  const current = state.limits;
  const configured = (state.config?.risk ?? null) as RiskLimits | null;
  const { worst, exposure, equity } = measure(at);
  const quantity = (value: Lots | null | undefined): string | null =>
    value === null || value === undefined ? null : lotsText(instrument, value);
  const cash = (value: bigint | null | undefined): string | null =>
    value === null || value === undefined ? null : moneyText(value);
  const times = (milli: number | undefined): string | null => (milli === undefined ? null : milliText(milli));
  let largest = 0;
  for (const { order } of state.orders.values()) if (order.quantity > largest) largest = order.quantity;
  return [
    {
      name: "max_leverage",
      configured: times(configured?.leverageMaxMilli),
      current: times(current?.leverageMaxMilli),
      used: exposure === null || equity === null ? null : ratioText(exposure, equity),
    },
    {
      name: "max_notional_value",
      configured: cash(configured?.positionNotionalMax),
      current: cash(current?.positionNotionalMax),
      used: cash(exposure),
    },
    {
      name: "max_order_size",
      configured: quantity(configured?.orderQuantityMax),
      current: quantity(current?.orderQuantityMax),
      used: quantity(lots(largest)),
    },
    {
      name: "max_position_size",
      configured: quantity(configured?.positionQuantityMax),
      current: quantity(current?.positionQuantityMax),
      used: quantity(worst),
    },
  ];
}
