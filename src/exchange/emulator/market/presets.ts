// Made-up markets by name (EMU-33). All are invented, and whoever shows them says "synthetic".

import type { Instrument } from "../../../market/instrument.ts";
import { calmMarket } from "../../../sim/calm-market.ts";
import type { MarketSource } from "../../../sim/market-source.ts";
import { SyntheticMarket } from "../../../sim/synthetic-market.ts";
import { firstPrice, levelLots } from "./prices.ts";

export const PRESETS = ["calm", "fundingFlip"] as const;
export type PresetName = (typeof PRESETS)[number];

/** The market of one instrument, beginning at `startUs`; equal seeds give equal markets. */
export function presetMarket(
  _preset: PresetName,
  instrument: Instrument,
  { seed, startUs }: { readonly seed: string; readonly startUs: number },
): MarketSource {
  const price = firstPrice(instrument);
  const calm = calmMarket({ instrument, price, seed: `${seed}/${instrument.symbol}`, startUs });
  return new SyntheticMarket({ ...calm, levelLots: levelLots(instrument, price), fundingIntervalMs: 0 });
}
