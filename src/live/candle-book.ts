// The candles of one instrument and interval, oldest first, at most 1,000 (LIVE-04).

import type { ClassicKline, Seconds } from "./messages.ts";

export const CANDLES_MAX = 1000;

const same = (a: ClassicKline, b: ClassicKline): boolean =>
  a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close && a.volume === b.volume;

export class CandleBook {
  private list: ClassicKline[] = [];

  /** Takes one candle in its place; false when it changes nothing (known already, or older than all that is kept). */
  put(candle: ClassicKline): boolean {
    const newest = this.list.at(-1);
    if (newest === undefined || candle.time > newest.time) {
      this.list.push(candle);
      if (this.list.length > CANDLES_MAX) this.list.shift();
      return true;
    }
    let index = this.list.length - 1;
    while (index >= 0 && (this.list[index]?.time ?? 0) > candle.time) index -= 1;
    const known = this.list[index];
    if (known?.time === candle.time) {
      if (same(known, candle)) return false;
      this.list[index] = candle;
      return true;
    }
    if (index === -1 && this.list.length >= CANDLES_MAX) return false;
    this.list.splice(index + 1, 0, candle);
    if (this.list.length > CANDLES_MAX) this.list.shift();
    return true;
  }

  get newest(): Seconds {
    return this.list.at(-1)?.time ?? 0;
  }

  /** The newest `count`, oldest first; with `before` only those that opened earlier (seconds, 0 = no bound). */
  last(count: number, before: Seconds = 0): readonly ClassicKline[] {
    const list = before === 0 ? this.list : this.list.filter(({ time }) => time < before);
    return list.slice(Math.max(0, list.length - count));
  }
}
