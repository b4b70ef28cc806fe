// A market nobody feeds but the operator: it begins with one book and stands still. Once a second it says that nothing
// changed, so that minutes end and the exchange's time is seen to go on.

import type { Canonical } from "../../../base/canonical.ts";
import type { Instrument } from "../../../market/instrument.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../../../market/tape.ts";
import type { InjectedRow } from "../../../sim/market.ts";
import type { MarketSource } from "../../../sim/market-source.ts";
import { firstPrice, levelLots } from "./prices.ts";

const BEAT_US = 1_000_000;
const LEVELS = 10;

export class HandFed implements MarketSource {
  readonly synthetic = true;
  private us: number;

  constructor(startUs: number) {
    this.us = startUs;
  }

  next(): Tape {
    const out = new TapeBuilder(1);
    out.push(RowKind.diffEmpty, RowFlag.frameEnd, this.us, this.us, 0, 0, 0, 0);
    this.us += BEAT_US;
    return out.finish();
  }

  skipTo(us: number): void {
    if (us > this.us) this.us = us;
  }

  save(): Canonical {
    return this.us;
  }

  restore(saved: Canonical): void {
    this.us = saved as number;
  }
}

/** What is put into a hand-fed market at its start: ten even levels a side around the first price. */
export function firstBook(instrument: Instrument): InjectedRow {
  const mid = firstPrice(instrument);
  const size = levelLots(instrument, mid);
  const side = (sign: 1 | -1): [number, number][] =>
    Array.from({ length: LEVELS }, (_, i): [number, number] => [mid + sign * (i + 1), size]).filter(
      ([price]) => price > 0,
    );
  return { kind: "book", bids: side(-1), asks: side(1) };
}
