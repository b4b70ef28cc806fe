// What a made-up market did before its emulator began: candles of the hours before, made up like the rest, so that who
// asks for a chart finds one. They end at the price the market begins with.

import { Prng } from "../../../base/prng.ts";
import type { Candle } from "../../../sim/candle-store.ts";

interface Takers {
  readonly perSecond: number;
  readonly meanLots: number;
}

const MINUTE_MS = 60_000;
const MINUTES = 300;
/** Standard deviation of one minute's move, relative to the price. */
const MOVE = 0.000_4;

/** More takers than that in a minute are as good as their mean. */
const TAKERS_COUNTED = 50;

/** Closed minutes before `startMs`, oldest first. `mid`: first price, ticks; `takers`: as the market has them. */
export function pastMinutes(
  seed: string,
  startMs: number,
  market: { readonly mid: number; readonly takers: Takers },
): readonly Candle[] {
  const prng = new Prng(`${seed}/past`);
  const candles: Candle[] = [];
  let close = market.mid;
  let openAtMs = Math.floor(startMs / MINUTE_MS) * MINUTE_MS;
  const step = (): number => (prng.float() + prng.float() + prng.float() - 1.5) * 2 * MOVE * market.mid;
  for (let i = 0; i < MINUTES; i += 1) {
    openAtMs -= MINUTE_MS;
    const open = Math.max(1, Math.round(close + step()));
    const high = Math.max(open, close) + Math.round(Math.abs(step()) / 3);
    const low = Math.max(1, Math.min(open, close) - Math.round(Math.abs(step()) / 3));
    const volume = minuteVolume(prng, market.takers);
    candles.push({ openAtMs, open, high, low, close, volume });
    close = open;
  }
  return candles.reverse();
}

/** What the takers of one minute took, in lots; nothing where nobody came. */
function minuteVolume(prng: Prng, { perSecond, meanLots }: Takers): number {
  const mean = 60 * perSecond;
  if (mean > TAKERS_COUNTED) return Math.round(mean * meanLots * (0.8 + 0.4 * prng.float()));
  let volume = 0;
  for (let at = prng.exponential(1 / mean); at < 1; at += prng.exponential(1 / mean))
    volume += prng.exponential(meanLots);
  return Math.round(volume);
}
