// A recorded market played again (EMU-30, EMU-31): frames are re-dated onto the emulator's clock with their spacing
// kept, all recordings by one and the same shift, so that spot and perpetual stay aligned. At the end it stops, or
// begins again with fresh ids, its prices moved so that they go on where they were.

import type { Canonical } from "../../../base/canonical.ts";
import { assertAccepted } from "../../../data/finding.ts";
import { loadData, type Recognized, recognize, sameStream } from "../../../data/open.ts";
import { RowKind, type Tape } from "../../../market/tape.ts";
import type { MarketSource } from "../../../sim/market-source.ts";
import { recordedOffsetUs } from "../../../sim/tape-time.ts";
import { EmulatorError } from "../error.ts";

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

export class CapturedMarket implements MarketSource {
  readonly synthetic = false;
  private readonly tape: Tape;
  private readonly loop: boolean;
  private readonly shiftUs: number;
  private readonly lap: Lap;
  private laps = 0;

  /** `shiftUs` is added to every time of the recording. */
  constructor(tape: Tape, shiftUs: number, loop: boolean) {
    this.tape = tape;
    this.shiftUs = shiftUs;
    this.loop = loop;
    this.lap = lapOf(tape);
  }

  next(): Tape | null {
    if (this.laps > 0 && !this.loop) return null;
    const { us, price, id } = this.lap;
    const n = this.laps;
    this.laps += 1;
    return moved(this.tape, { us: this.shiftUs + n * us, price: n * price, id: n * id });
  }

  save(): Canonical {
    return this.laps;
  }

  restore(saved: Canonical): void {
    this.laps = saved as number;
  }
}

/** What one lap adds: time, price in ticks, and ids. */
interface Lap {
  readonly us: number;
  readonly price: number;
  readonly id: number;
}

/** A tenth of a second between the last frame and the first of the next lap. */
const PAUSE_US = 100_000;

function lapOf(tape: Tape): Lap {
  let [first, last, least, most] = [0, 0, Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < tape.length; i += 1) {
    const id = tape.id[i] ?? 0;
    if (id > 0) least = Math.min(least, id);
    most = Math.max(most, id);
    if (tape.kind[i] !== RowKind.trade) continue;
    last = tape.price[i] ?? 0;
    if (first === 0) first = last;
  }
  const us = lastUs(tape) - firstUs(tape) + PAUSE_US;
  return { us, price: last - first, id: Number.isFinite(least) ? most - least + 1 : 0 };
}

function moved(tape: Tape, by: Lap): Tape {
  const { length, kind, flags, line, file } = tape;
  const exchangeUs = tape.exchangeUs.map((us) => (us === 0 ? 0 : us + by.us));
  const localUs = tape.localUs.map((us) => us + by.us);
  if (by.price === 0 && by.id === 0) {
    return {
      length,
      kind,
      flags,
      line,
      file,
      exchangeUs,
      localUs,
      price: tape.price,
      quantity: tape.quantity,
      id: tape.id,
    };
  }
  const priced = (i: number): boolean => {
    const row = kind[i] ?? 0;
    return (row >= RowKind.bidLevel && row <= RowKind.askLevel) || (row >= RowKind.quoteBid && row <= RowKind.trade);
  };
  const price = tape.price.map((ticks, i) => {
    if (kind[i] === RowKind.mark) return ticks + by.price * 1000;
    return priced(i) ? Math.max(1, ticks + by.price) : ticks;
  });
  const id = tape.id.map((each) => (each === 0 ? 0 : each + by.id));
  return { length, kind, flags, line, file, exchangeUs, localUs, price, quantity: tape.quantity, id };
}

function firstUs(tape: Tape): number {
  return tape.exchangeUs.find((us) => us > 0) ?? 0;
}

function lastUs(tape: Tape): number {
  return tape.exchangeUs.findLast((us) => us > 0) ?? 0;
}
