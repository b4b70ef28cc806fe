// What is at risk, bot by bot and in all (risk.md section 2), and how much of each limit is used (RISK-55). The state
// decides as it does in approval; the books add the account's own words. Unknown is null, never 0.

import type { BotState } from "../../engine/state.ts";
import { provenPosition } from "../../engine/unbooked.ts";
import { type Lots, lots } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import { exposureMoney, liveTotals, worstCase, worstLong, worstShort } from "../../risk/exposure.ts";
import type { RiskLimits } from "../../risk/limits.ts";
import type { BotBook } from "./bot-book.ts";
import { shareBps } from "./pnl-figures.ts";
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

interface Measured {
  readonly position: Lots;
  readonly long: number;
  readonly short: number;
  readonly worst: Lots;
  /** Worst case at mark; null without a mark. */
  readonly exposure: bigint | null;
  readonly equity: bigint | null;
}

function measure({ book, instrument, state }: BotAtRisk): Measured {
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
  const shares = sharesOf(at, measured);
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
    { name: "exposure", value: exposure, limit: limits.exposureGrossMax },
  ];
  if (limits.positionQuantityMax !== null) {
    shares.push({ name: "position", value: BigInt(worst), limit: BigInt(limits.positionQuantityMax) });
  }
  if (instrument.kind === "perpetual") {
    // exposure × 1000 against limit × equity, so that nothing is rounded
    const known = exposure !== null && equity !== null && equity > 0n;
    const limit = BigInt(limits.leverageMaxMilli) * (known ? equity : 1n);
    shares.push({ name: "leverage", value: known ? exposure * 1000n : null, limit });
  }
  return shares;
}

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

export interface ExposureFigures {
  readonly gross: string;
  readonly net: string;
  readonly unrealized: string;
  readonly leverage: string | null;
  readonly byInstrument: readonly {
    readonly exchange: string;
    readonly symbol: string;
    readonly notional: string;
    readonly shareBps: number;
  }[];
  readonly grants: readonly { readonly bot: string; readonly granted: string | null; readonly used: string }[];
}

/** Totals over bots of one quote asset each; what has no mark counts 0 and its grant says so by being used 0. */
export function exposureFigures(all: readonly BotAtRisk[]): ExposureFigures {
  let gross = 0n;
  let net = 0n;
  let unrealized = 0n;
  const instruments = new Map<string, { exchange: string; symbol: string; exposure: bigint; signed: bigint }>();
  const equities = new Map<string, { equity: bigint | null; atMs: number }>();
  const grants = all.map((at) => {
    const { book, instrument, state } = at;
    const measured = measure(at);
    const exposure = measured.exposure ?? 0n;
    const mark = book.mark();
    const held = mark === null ? 0n : exposureMoney(instrument, mark, measured.position);
    gross += exposure;
    net += measured.position < 0 ? -held : held;
    unrealized += book.result(mark).unrealized;
    const key = `${instrument.exchange}|${instrument.symbol}`;
    const { exchange, symbol } = instrument;
    const known = instruments.get(key) ?? { exchange, symbol, exposure: 0n, signed: 0n };
    const isShort = Math.abs(measured.short) > Math.abs(measured.long);
    known.exposure += exposure;
    known.signed += isShort ? -exposure : exposure;
    instruments.set(key, known);
    const account = `${exchange}|${instrument.quote}`;
    const atMs = book.account?.atMs ?? 0;
    if (atMs >= (equities.get(account)?.atMs ?? 0)) equities.set(account, { equity: measured.equity, atMs });
    const granted = state.limits === null ? null : moneyText(state.limits.exposureGrossMax);
    return { bot: book.bot, granted, used: moneyText(exposure) };
  });
  const equity = [...equities.values()].reduce<bigint | null>(
    (sum, each) => (sum === null || each.equity === null ? null : sum + each.equity),
    0n,
  );
  const byInstrument = [...instruments.values()]
    .sort((a, b) => (a.exposure === b.exposure ? (a.symbol < b.symbol ? -1 : 1) : a.exposure > b.exposure ? -1 : 1))
    .map(({ exchange, symbol, exposure, signed }) => ({
      exchange,
      symbol,
      notional: moneyText(signed),
      shareBps: shareBps(exposure, gross),
    }));
  return {
    gross: moneyText(gross),
    net: moneyText(net),
    unrealized: moneyText(unrealized),
    leverage: equity === null ? null : ratioText(gross, equity),
    byInstrument,
    grants,
  };
}
