// What must hold before the grid may trade (GRID-02, 08, 17, 39): every problem at once, in words that say what to do.

import { ceilDiv, nearestDown, toSafe } from "../../base/integer.ts";
import { type Lots, MONEY_SCALE, money, type Ticks, ticks } from "../../market/amounts.ts";
import { formatMoney, formatPrice, formatQuantity, type Instrument, unitMoney } from "../../market/instrument.ts";
import { exchangeOrdersLimit, type GridConfig, LEGS_OF, windowOrdersNeeded } from "./config.ts";
import { beatsFees, isUsable, type Lattice } from "./lattice.ts";
import type { Frame } from "./reference.ts";
import { minLots, targetLots, workableValue } from "./sizes.ts";

/** Value units as decimal text of the quote, at least two digits after the point. */
export const valueText = (instrument: Instrument, units: bigint, minFraction = 2): string =>
  formatMoney(money(units * unitMoney(instrument)), minFraction);

/** Money rounded up to two decimals, or to five significant digits where that is finer: what a person types. */
export function roundedUpText(amount: bigint): string {
  const unit = shownUnit(amount);
  return formatMoney(money(((amount + unit - 1n) / unit) * unit), 2);
}

/** The same, rounded down. */
export function roundedDownText(amount: bigint): string {
  const unit = shownUnit(amount);
  return formatMoney(money((amount / unit) * unit), 2);
}

function shownUnit(amount: bigint): bigint {
  const keep = Math.min(MONEY_SCALE - 2, amount.toString().length - 5);
  return 10n ** BigInt(Math.max(0, keep));
}

/** Problems of the configuration with the instrument's rules alone (GRID-02, GRID-39). */
export function instrumentProblems(config: GridConfig, instrument: Instrument): readonly string[] {
  const problems: string[] = [];
  if (instrument.inverse) problems.push(`${instrument.symbol} is an inverse contract; use a linear one`);
  if (instrument.kind === "spot" && config.mode !== "long") problems.push("spot allows mode long only");
  if (instrument.status !== "trading") problems.push(`${instrument.symbol} is ${instrument.status}`);
  const needed = windowOrdersNeeded(config);
  if (config.openOrdersMax < needed) {
    problems.push(`openOrdersMax ${config.openOrdersMax} is below the ${needed} this window needs`);
  }
  const limit = exchangeOrdersLimit(instrument.openOrdersMax);
  if (config.openOrdersMax > limit) {
    problems.push(`openOrdersMax ${config.openOrdersMax} is above ${limit}, the exchange's own limit less 10 %`);
  }
  return problems;
}

/**
 * GRID-08 over the levels the grid can reach. `refuse`: within its bounds, or around the anchor; `warn`: far from it.
 */
export interface GapFindings {
  readonly refuse: readonly string[];
  readonly warn: readonly string[];
}

/**
 * Checks the worst gap. An unbounded side is judged at the anchor, and from anchor·½ to anchor·2 it warns: levels whose
 * gap loses are skipped one by one (`skip.fees`), so an arithmetic grid may start that would lose at twice the price.
 */
export function gapFindings(config: GridConfig, lattice: Lattice, instrument: Instrument): GapFindings {
  const { anchor } = lattice.spec;
  const low = config.rangeLow ?? ceilDiv(anchor, 2);
  const high = config.rangeHigh ?? anchor * 2;
  const worstHard = worstCell(config, lattice, instrument, hardRange(config, anchor));
  if (worstHard !== null) return { refuse: [gapText(config, lattice, instrument, worstHard)], warn: [] };
  const worst = worstCell(config, lattice, instrument, { low, high });
  if (worst === null) return { refuse: [], warn: [] };
  const text = `${gapText(config, lattice, instrument, worst)}; no entry is placed where a cycle loses`;
  return { refuse: [], warn: [text] };
}

interface PriceRange {
  readonly low: number;
  readonly high: number;
}

function hardRange(config: GridConfig, anchor: number): PriceRange {
  return { low: config.rangeLow ?? anchor, high: config.rangeHigh ?? anchor };
}

/** The losing cell that loses most for its price, or null. Arithmetic gaps are worst at an end of the range. */
function worstCell(config: GridConfig, lattice: Lattice, instrument: Instrument, range: PriceRange): number | null {
  const fee = { makerPpm: instrument.makerPpm, edgePpm: config.edgePpm };
  const loses = (k: number): boolean => !beatsFees(lattice.price(k), lattice.price(k + 1), fee);
  const bottom = lattice.ceilLevel(range.low, 1);
  const top = Math.max(bottom, lattice.floorLevel(range.high, 1) - 1);
  if (lattice.spec.spacing === "arithmetic") return loses(top) ? top : loses(bottom) ? bottom : null;
  for (let k = bottom; k <= top; k += 1) if (loses(k)) return k;
  return null;
}

/** Smallest gap in ticks that beats the fees at a price: break-even plus one (GRID-48). */
export function breakEvenGap(price: number, instrument: Instrument, edgePpm = 0): number {
  const rate = BigInt(2 * instrument.makerPpm + edgePpm);
  const gap = (rate * BigInt(price)) / BigInt(1_000_000 - instrument.makerPpm) + 1n;
  return gap < 1n ? 1 : toSafe(gap);
}

function gapText(config: GridConfig, lattice: Lattice, instrument: Instrument, k: number): string {
  const low = lattice.price(k);
  const gap = lattice.price(k + 1) - low;
  const rate = BigInt(instrument.makerPpm) * BigInt(low + lattice.price(k + 1)) + BigInt(config.edgePpm) * BigInt(low);
  // per whole base unit: ticks·10^−6 of the price, as decimal text of the quote
  const lossMicro = rate - BigInt(gap) * 1_000_000n;
  const tick = unitMoney({ tickSize: instrument.tickSize, lotSize: "1" });
  const loss = formatMoney(money((lossMicro * tick) / 1_000_000n));
  const price = formatPrice(instrument, ticks(low));
  const needed = breakEvenGap(low, instrument, config.edgePpm);
  const advice =
    lattice.spec.spacing === "arithmetic"
      ? `interval ${formatPrice(instrument, ticks(gap))} must be at least ${formatPrice(instrument, ticks(needed))}`
      : `the gap ${formatPrice(instrument, ticks(gap))} must be at least ${formatPrice(instrument, ticks(needed))}`;
  return `a cycle at ${price} loses ${loss} ${instrument.quote} per ${instrument.base}: ${advice}`;
}

/** GRID-17: the first window's sizes; null when every usable level has one. */
export function sizeProblem(
  config: GridConfig,
  window: { readonly lattice: Lattice; readonly frame: Frame; readonly stride: number },
  instrument: Instrument,
): string | null {
  const { lattice, frame, stride } = window;
  let first: number | null = null;
  let workable = 0n;
  for (const leg of LEGS_OF[config.mode]) {
    for (let rank = 0; rank < config.entryLevels; rank += 1) {
      const level = leg === "L" ? frame.kL - rank * stride : frame.kS + rank * stride;
      if (!isUsable(lattice, config, leg === "L" ? level : level - stride, stride)) continue;
      const price = lattice.price(level);
      const least = workableValue(instrument, config, price);
      if (least > workable) workable = least;
      if (first === null && targetLots(instrument, config, price) === 0) first = price;
    }
  }
  return first === null ? null : sizeText(config, instrument, { price: ticks(first), workable });
}

function sizeText(
  config: GridConfig,
  instrument: Instrument,
  at: { readonly price: Ticks; readonly workable: bigint },
): string {
  const own = valueText(instrument, BigInt(config.orderValue), 0);
  const level = formatPrice(instrument, at.price);
  const least = minLots(instrument, at.price);
  if (nearestDown(config.orderValue, at.price) > instrument.maxLots) {
    return `orderQuote ${own} is too large: level ${level} allows at most ${instrument.maxLots} lots`;
  }
  const value = valueText(instrument, BigInt(least) * BigInt(at.price));
  const use = roundedUpText(at.workable * unitMoney(instrument));
  const count = `${least} ${least === 1 ? "lot" : "lots"}`;
  return `orderQuote ${own} is too small: level ${level} needs ${count} (${value} ${instrument.quote}); use ${use} or more`;
}

/** GRID-42: what is said of a position nobody explains. */
export const positionProblem = (instrument: Instrument, position: Lots): string =>
  `position ${formatQuantity(instrument, position)} ${instrument.base} is not explained by the journal; ` +
  "set adoptPosition to entry or market, or close it";
