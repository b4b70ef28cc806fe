// The calm synthetic market of BTC at 60,000 in ticks of 0.1, in proportion to what one tick is worth elsewhere.

import type { Ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { CALM_BTC, type SyntheticOptions } from "./synthetic-market.ts";

/** Where and when the market begins. */
export interface CalmStart {
  readonly instrument: Pick<Instrument, "fundingIntervalMs">;
  readonly price: Ticks;
  readonly seed: string;
  readonly startUs: number;
}

export function calmMarket({ instrument, price, seed, startUs }: CalmStart): SyntheticOptions {
  const scale = price / CALM_BTC.startPrice;
  const scaled = (ticksThere: number): number => Math.max(1, Math.round(ticksThere * scale));
  return {
    ...CALM_BTC,
    seed,
    startUs,
    startPrice: price,
    stepTicks: scaled(CALM_BTC.stepTicks),
    volatilityTicks: scaled(CALM_BTC.volatilityTicks),
    decayPerTick: CALM_BTC.decayPerTick / scale,
    fundingIntervalMs: instrument.fundingIntervalMs,
  };
}
