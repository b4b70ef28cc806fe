// Recordings for the emulator (EMU-30, EMU-31): read into memory, one a stream, and what all of them have in common.
// All are re-dated by one and the same shift, so that spot and perpetual stay aligned.

import { assertAccepted } from "../../../data/finding.ts";
import { loadData, type Recognized, recognize, sameStream } from "../../../data/open.ts";
import type { Tape } from "../../../market/tape.ts";
import { recordedOffsetUs } from "../../../sim/tape-time.ts";
import { EmulatorError } from "../error.ts";
import { firstUs } from "./captured-market.ts";

/** One recording in memory, of one instrument. */
export interface Recording {
  readonly symbol: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly tape: Tape;
}

export interface CaptureMarket {
  readonly recordings: readonly Recording[];
  /** Begins again at the end; otherwise its last book stands for ever. */
  readonly loop: boolean;
}

/**
 * Reads recordings; files of one instrument continue one another in the order given. Errors: DataError of reading,
 * {@link EmulatorError} MARKET_SOURCE for none.
 */
export async function loadRecordings(files: readonly string[]): Promise<readonly Recording[]> {
  const recordings: Recording[] = [];
  for (const paths of await streamsOf(files)) {
    const { tape, instrument, findings } = await loadData(paths, {});
    assertAccepted(findings, []);
    const { symbol, tickSize, lotSize } = instrument;
    recordings.push({ symbol, tickSize, lotSize, tape });
  }
  if (recordings.length === 0) throw new EmulatorError("MARKET_SOURCE", "no recording was named");
  return recordings;
}

/** Files that are of one stream stand together. */
async function streamsOf(files: readonly string[]): Promise<readonly (readonly string[])[]> {
  const streams: { readonly of: Recognized; readonly paths: string[] }[] = [];
  for (const path of files) {
    const of = await recognize(path);
    const same = streams.find((stream) => sameStream(stream.of, of));
    if (same === undefined) streams.push({ of, paths: [path] });
    else same.paths.push(path);
  }
  return streams.map(({ paths }) => paths);
}

/** Exchange time at which all of them have begun, µs: what is laid onto the emulator's start. */
export const commonStartUs = (recordings: readonly Recording[]): number =>
  Math.max(...recordings.map(({ tape }) => firstUs(tape)));

/** How far the recorder's clock was behind the exchange's, ms; 0 where nobody knows. */
export const recorderSkewMs = (recordings: readonly Recording[]): number =>
  Math.max(0, ...recordings.map(({ tape }) => Math.round(-recordedOffsetUs(tape) / 1000)));
