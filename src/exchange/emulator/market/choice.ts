// Where an emulator's prices come from (EMU-30 … EMU-34): made up by a preset, played from recordings, fed by hand,
// or a source of the caller's own.

import type { Instrument } from "../../../market/instrument.ts";
import type { MarketSource } from "../../../sim/market-source.ts";
import type { FillModel } from "../../../sim/options.ts";
import { recordedOffsetUs } from "../../../sim/tape-time.ts";
import { EmulatorError } from "../error.ts";
import type { FundingPath } from "../funding-clock.ts";
import type { ProtocolName } from "../protocol.ts";
import { type CaptureMarket, commonStartUs } from "./capture.ts";
import { CapturedMarket } from "./captured-market.ts";
import { HandFed } from "./hand-fed.ts";
import type { ExchangeOffset } from "./path.ts";
import { type PresetName, presetMarket, presetPaths } from "./presets.ts";

type Offsets = { readonly [protocol in ProtocolName]?: ExchangeOffset };

export type MarketChoice =
  | { readonly kind: "preset"; readonly preset: PresetName; readonly offsets?: Offsets }
  /** Recordings of some instruments; the others are calm. */
  | ({ readonly kind: "capture" } & CaptureMarket)
  /** Nothing moves until it is told to, once the first book stands. */
  | { readonly kind: "hand" }
  /** A source of the caller's own for each instrument it has one for; the rest is fed by hand. */
  | { readonly kind: "own"; readonly source: (instrument: Instrument, startUs: number) => MarketSource | null };

export interface ChosenSource {
  readonly source: MarketSource;
  readonly fill: FillModel;
  /** How far the recorder's clock was off, µs; found in the source's first piece where absent. */
  readonly offsetUs?: number;
}

export type SourceMaker = (instrument: Instrument, protocol: ProtocolName) => ChosenSource;

const BOOK: FillModel = { level: "L2", queue: "back" };

/** Makes the sources of one world. Errors, of the maker: {@link EmulatorError} MARKET_SOURCE for steps that differ. */
export function sourceMaker(
  choice: MarketChoice,
  at: { readonly seed: string; readonly startUs: number },
): SourceMaker {
  const { startUs } = at;
  switch (choice.kind) {
    case "preset":
      return presetMaker(choice.preset, choice.offsets ?? {}, at);
    case "capture":
      return captureMaker(choice, at);
    case "hand":
      return () => ({ source: new HandFed(startUs), fill: BOOK });
    case "own":
      return (instrument) => ({ source: choice.source(instrument, startUs) ?? new HandFed(startUs), fill: BOOK });
  }
}

function presetMaker(
  preset: PresetName,
  offsets: Offsets,
  { seed, startUs }: { readonly seed: string; readonly startUs: number },
): SourceMaker {
  if (preset === "frozen") return () => ({ source: new HandFed(startUs), fill: BOOK });
  const paths = presetPaths(preset, seed, startUs);
  return (instrument, protocol) => {
    const offset = offsets[protocol] ?? {};
    return { source: presetMarket(preset, instrument, { seed, startUs, paths, offset }), fill: BOOK };
  };
}

function captureMaker(
  { recordings, loop }: CaptureMarket,
  at: { readonly seed: string; readonly startUs: number },
): SourceMaker {
  const shiftUs = at.startUs - commonStartUs(recordings);
  const others = presetMaker("calm", {}, at);
  return (instrument, protocol) => {
    const recording = recordings.find(({ symbol }) => symbol === instrument.symbol);
    if (recording === undefined) return others(instrument, protocol);
    const { tickSize, lotSize, tape } = recording;
    if (tickSize !== instrument.tickSize || lotSize !== instrument.lotSize) {
      const text = `the recording of ${instrument.symbol} is in steps of ${tickSize} and ${lotSize}`;
      throw new EmulatorError(
        "MARKET_SOURCE",
        `${text}; the emulated exchange counts in ${instrument.tickSize} and ${instrument.lotSize}`,
      );
    }
    return { source: new CapturedMarket(tape, shiftUs, loop), fill: BOOK, offsetUs: recordedOffsetUs(tape) };
  };
}

/** A usual rate, paid by longs, × 10^12. */
const USUAL_PPT = 100_000_000;

/** What is told of the settlements to come. */
export function fundingPath(choice: MarketChoice): FundingPath {
  const turns = choice.kind === "preset" && choice.preset === "fundingFlip";
  return (_symbol, n) => (turns ? 5 * USUAL_PPT * (n % 2 === 0 ? 1 : -1) : USUAL_PPT);
}
