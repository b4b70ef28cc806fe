// Random values that events and effects are made of, and how often a property runs.

import fc from "fast-check";
import { lots, milliTicks, money, ticks } from "../../src/market/amounts.ts";
import { makeClientOrderId } from "../../src/trading/client-order-id.ts";

/**
 * Runs of a property: 200, or OPENSQT_PROPERTY_RUNS; its seed is fixed, or OPENSQT_SEED. A failure prints seed and
 * path.
 */
export function runs(seed: number, times = 1): { readonly numRuns: number; readonly seed: number } {
  const numRuns = times * Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);
  return { numRuns, seed: Number.parseInt(process.env["OPENSQT_SEED"] ?? String(seed), 10) };
}

/** Objects with an ordinary prototype: what the core makes. */
export const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });

export const whole = fc.maxSafeInteger().map((n) => (n === 0 ? 0 : n));
export const natural = fc.maxSafeNat();
export const atMs = fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 });
export const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("BTC/USDT:USDT", "ETH/USDT", '\u2028"\\', "__proto__"),
);
export const amount = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(money);
export const tick = whole.map(ticks);
export const lot = whole.map(lots);
export const milli = whole.map(milliTicks);
export const flag = fc.boolean();
export const side = fc.constantFrom("buy", "sell");
const tagText = fc.stringMatching(/^[0-9a-z]{6}$/);

/** Client order ids of every legal make. */
export const clientOrderIds = plain({
  tag: tagText,
  lineage: fc.integer({ min: 0, max: 1295 }),
  seq: fc.integer({ min: 0, max: 36 ** 10 - 1 }),
  index: fc.integer({ min: 0, max: 46_655 }),
}).map(makeClientOrderId);
