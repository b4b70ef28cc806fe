// The two clocks of a tape (BT-23). A recorder's clock may be seconds off: what counts is the exchange's, and the
// recorder's only to know how long a message travelled.

import { type Tape, TapeBuilder } from "../market/tape.ts";

export const emptyTape = (): Tape => new TapeBuilder(1).finish();

/** `min(local − exchange)` over the rows that have both clocks, µs; 0 where none has. */
export function recordedOffsetUs(tape: Tape): number {
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
 */
export function exchangeTimes(
  tape: Tape,
  timeline: "exchange" | "local",
  offsetUs: number,
  fromUs: number,
): Float64Array {
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
