// The two clocks of a tape (BT-23). A recorder's clock may be seconds off: what counts is the exchange's, and the
// recorder's only to know how long a message travelled.

import { type Tape, TapeBuilder } from "../market/tape.ts";

export const emptyTape = (): Tape => new TapeBuilder(1).finish();

/** What was found out about a tape: chunks are never written to, and many runs go over the same ones. */
interface Known {
  offsetUs: number | null;
  times: { readonly key: string; readonly us: Float64Array } | null;
}

const KNOWN = new WeakMap<Tape, Known>();

function knownOf(tape: Tape): Known {
  const found = KNOWN.get(tape);
  if (found !== undefined) return found;
  const known: Known = { offsetUs: null, times: null };
  KNOWN.set(tape, known);
  return known;
}

/** `min(local − exchange)` over the rows that have both clocks, µs; 0 where none has. */
export function recordedOffsetUs(tape: Tape): number {
  const known = knownOf(tape);
  known.offsetUs ??= leastOffset(tape);
  return known.offsetUs;
}

function leastOffset(tape: Tape): number {
  const { localUs, exchangeUs, length } = tape;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i += 1) {
    const exchange = exchangeUs[i] as number;
    if (exchange === 0) continue;
    const difference = (localUs[i] as number) - exchange;
    if (difference < least) least = difference;
  }
  return least === Number.POSITIVE_INFINITY ? 0 : least;
}

/**
 * Time of each row on the simulation's timeline, whole µs, never falling along the tape and never below `fromUs`: the
 * exchange's clock (rows without one: the recorder's less the offset), or the recorder's less the offset throughout.
 * Shared by all who ask: to be read only.
 */
export function exchangeTimes(tape: Tape, line: Timeline): Float64Array {
  const known = knownOf(tape);
  const key = `${line.timeline} ${line.offsetUs} ${line.fromUs}`;
  if (known.times?.key !== key) known.times = { key, us: timesOf(tape, line) };
  return known.times.us;
}

export interface Timeline {
  readonly timeline: "exchange" | "local";
  readonly offsetUs: number;
  readonly fromUs: number;
}

function timesOf(tape: Tape, { timeline, offsetUs, fromUs }: Timeline): Float64Array {
  const { localUs, exchangeUs, length } = tape;
  const times = new Float64Array(length);
  let last = fromUs;
  for (let i = 0; i < length; i += 1) {
    const exchange = exchangeUs[i] as number;
    const at = timeline === "exchange" && exchange !== 0 ? exchange : Math.floor((localUs[i] as number) - offsetUs);
    if (at > last) last = at;
    times[i] = last;
  }
  return times;
}
