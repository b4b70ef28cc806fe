// Made-up markets by name (EMU-33). All are invented, none is fitted to a recording, and whoever shows them says
// "synthetic".

import type { Instrument } from "../../../market/instrument.ts";
import { calmMarket } from "../../../sim/calm-market.ts";
import { SyntheticMarket } from "../../../sim/synthetic-market.ts";
import { type ExchangeOffset, type PathShape, PricePaths } from "./path.ts";
import { firstPrice, levelLots } from "./prices.ts";

interface Preset {
  readonly words: string;
  readonly path: PathShape;
  /** The book and its takers, as multiples of a calm one's. */
  readonly spread: number;
  readonly depth: number;
  readonly takers: number;
}

const CALM_PATH: PathShape = { volatility: 0.000_05, shared: 0.7, drifts: [], jumps: [] };
const QUIET = { path: CALM_PATH, spread: 1, depth: 1, takers: 1 } as const;
const FOR_EVER_S = 1_000_000_000;

const ALL = {
  calm: { ...QUIET, words: "small steps, tight spread, a deep book" },
  trend: {
    ...QUIET,
    words: "rises 5 % an hour",
    path: { ...CALM_PATH, drifts: [{ afterS: 0, forS: FOR_EVER_S, perSecond: 0.05 / 3600 }] },
  },
  chop: {
    ...QUIET,
    words: "five times the moves, three times the takers",
    path: { ...CALM_PATH, volatility: 0.000_25 },
    takers: 3,
  },
  crash: {
    ...QUIET,
    words: "falls 20 % in ten minutes, from the second minute on",
    path: { ...CALM_PATH, volatility: 0.000_15, drifts: [{ afterS: 60, forS: 600, perSecond: -0.2 / 600 }] },
    takers: 4,
  },
  gap: {
    ...QUIET,
    words: "jumps down 3 % after one minute and up 2 % after five",
    path: {
      ...CALM_PATH,
      jumps: [
        { afterS: 60, by: -0.03 },
        { afterS: 300, by: 0.02 },
      ],
    },
  },
  thin: { ...QUIET, words: "a wide spread over a book of crumbs", spread: 20, depth: 0.05, takers: 0.5 },
  frozen: { ...QUIET, words: "nothing moves and nobody trades" },
  fundingFlip: { ...QUIET, words: "calm, with funding five times the usual that changes its sign each time" },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof ALL;
export const isPreset = (name: string): name is PresetName => Object.hasOwn(ALL, name);
export const PRESETS: readonly PresetName[] = Object.keys(ALL).filter(isPreset);
/** What such a market does, in words. */
export const presetWords = (preset: PresetName): string => ALL[preset].words;

/** Perpetuals lie a little above spot, as they do while longs pay. */
const BASIS_PPM = 200;

/** The walks of a preset, one of them for each base; every instrument of a world is made of the same. */
export const presetPaths = (preset: PresetName, seed: string, startUs: number): PricePaths =>
  new PricePaths(seed, startUs, ALL[preset].path);

/** The market of one instrument, beginning at `startUs`; equal seeds give equal markets. */
export function presetMarket(
  preset: PresetName,
  instrument: Instrument,
  at: { readonly seed: string; readonly startUs: number; readonly paths: PricePaths; readonly offset: ExchangeOffset },
): SyntheticMarket {
  const { spread, depth, takers } = ALL[preset];
  const { seed, startUs, paths, offset } = at;
  const price = firstPrice(instrument);
  const calm = calmMarket({ instrument, price, seed: `${seed}/${instrument.symbol}`, startUs });
  const basisPpm = instrument.kind === "perpetual" ? BASIS_PPM : 0;
  const path = paths.of(instrument.base, price, { ...offset, offsetPpm: (offset.offsetPpm ?? 0) + basisPpm });
  return new SyntheticMarket({
    ...calm,
    path,
    startPrice: Math.max(2 * calm.levels * calm.stepTicks + 1, Math.round(path(startUs))),
    // looked at nine times a second: the path says how far it went
    volatilityTicks: 3 * calm.stepTicks,
    halfSpreadTicks: Math.max(1, Math.round(calm.halfSpreadTicks * spread)),
    levelLots: Math.max(1, levelLots(instrument, price) * depth),
    takersPerSecond: calm.takersPerSecond * takers,
    // funding is settled by the emulator's own clock
    fundingIntervalMs: 0,
  });
}
