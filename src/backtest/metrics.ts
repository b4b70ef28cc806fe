// The formulas of a report (BT-35) on plain number series. Pure; a figure that is undefined is null and prints n/a,
// never 0. Equity enters as numbers because ratios are opinions: money itself stays exact in pnl-account.ts.

/** a / b, or null where that is not a finite number (0/0 included). */
export function ratio(a: number, b: number): number | null {
  const value = a / b;
  return Number.isFinite(value) ? value : null;
}

/** Days below which nothing is annualised. */
export const ANNUAL_FROM_DAYS = 30;
const DAYS_A_YEAR = 365;

/** E_T / E_0 − 1. Transfers are taken out of `last` by the caller. */
export function totalReturn(first: number, last: number): number | null {
  const growth = ratio(last, first);
  return growth === null ? null : growth - 1;
}

/** (1 + total)^(365 / days) − 1; null under 30 days, where it would be a guess, and when all was lost and more. */
export function annualisedReturn(total: number | null, days: number): number | null {
  if (total === null || days < ANNUAL_FROM_DAYS || total <= -1) return null;
  const value = (1 + total) ** (DAYS_A_YEAR / days) - 1;
  return Number.isFinite(value) ? value : null;
}

/** Returns from one point to the next; null when an equity of 0 or less makes one meaningless. */
export function stepReturns(equity: readonly number[]): readonly number[] | null {
  const returns: number[] = [];
  for (let i = 1; i < equity.length; i += 1) {
    const before = equity[i - 1] ?? 0;
    if (before <= 0) return null;
    returns.push((equity[i] ?? 0) / before - 1);
  }
  return returns;
}

/** Periods a year that a ratio of daily returns is scaled by; 1 leaves it per day. */
export type Annualising = 365 | 1;

/** The 30-day rule of BT-35: per day below, a year from there on. */
export const annualisingFor = (days: number): Annualising => (days < ANNUAL_FROM_DAYS ? 1 : DAYS_A_YEAR);

/** mean(r) / sd(r) · √periods with the sample deviation (n − 1) and no risk-free rate. */
export function sharpe(returns: readonly number[] | null, periods: Annualising): number | null {
  if (returns === null || returns.length < 2) return null;
  const mean = average(returns);
  let squares = 0;
  for (const r of returns) squares += (r - mean) ** 2;
  return ratio(mean * Math.sqrt(periods), Math.sqrt(squares / (returns.length - 1)));
}

/** mean(r) / √(Σ min(r, 0)² / n) · √periods. */
export function sortino(returns: readonly number[] | null, periods: Annualising): number | null {
  if (returns === null || returns.length === 0) return null;
  let squares = 0;
  for (const r of returns) squares += Math.min(r, 0) ** 2;
  return ratio(average(returns) * Math.sqrt(periods), Math.sqrt(squares / returns.length));
}

/** Annualised return / largest drawdown. */
export function calmar(annualised: number | null, drawdown: number | null): number | null {
  return annualised === null || drawdown === null ? null : ratio(annualised, drawdown);
}

/** Middle of the sorted values, the mean of the two middle ones for an even count; null when empty. */
export function median(values: readonly number[] | Float64Array): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function average(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
