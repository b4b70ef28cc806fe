// Where an emulator's prices come from (EMU-30 … EMU-33): made up by a preset, fed by hand, or a source of the caller's.

import type { Instrument } from "../../../market/instrument.ts";
import type { MarketSource } from "../../../sim/market-source.ts";
import type { FillModel } from "../../../sim/options.ts";
import type { FundingPath } from "../funding-clock.ts";
import { HandFed } from "./hand-fed.ts";
import { type PresetName, presetMarket } from "./presets.ts";

export type MarketChoice =
  | { readonly kind: "preset"; readonly preset: PresetName }
  /** Nothing moves until it is told to, once the first book stands. */
  | { readonly kind: "hand" }
  /** A source of the caller's own for each instrument it has one for; the rest is fed by hand. */
  | { readonly kind: "own"; readonly source: (instrument: Instrument, startUs: number) => MarketSource | null };

export interface ChosenSource {
  readonly source: MarketSource;
  readonly fill: FillModel;
}

const BOOK: FillModel = { level: "L2", queue: "back" };

/** The source of one instrument's market. */
export function chosenSource(
  choice: MarketChoice,
  instrument: Instrument,
  at: { readonly seed: string; readonly startUs: number },
): ChosenSource {
  switch (choice.kind) {
    case "preset":
      return { source: presetMarket(choice.preset, instrument, at), fill: BOOK };
    case "hand":
      return { source: new HandFed(at.startUs), fill: BOOK };
    case "own":
      return { source: choice.source(instrument, at.startUs) ?? new HandFed(at.startUs), fill: BOOK };
  }
}

/** A usual rate, paid by longs. */
const USUAL_PPT = 100_000_000;

/** What is told of the settlements to come. */
export function fundingPath(choice: MarketChoice): FundingPath {
  const turns = choice.kind === "preset" && choice.preset === "fundingFlip";
  return (_symbol, n) => (turns ? FLIP_PPT * (n % 2 === 0 ? 1 : -1) : USUAL_PPT);
}

/** Five times the usual one, and the other way round each time. */
const FLIP_PPT = 5 * USUAL_PPT;
