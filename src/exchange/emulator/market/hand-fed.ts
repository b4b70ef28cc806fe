// A market nobody feeds but the operator: one book at the start, then it stands still. It says once a second that nothing
// changed, so that minutes end and the exchange's time is seen to go on.

import type { Canonical } from "../../../base/canonical.ts";
import type { Instrument } from "../../../market/instrument.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../../../market/tape.ts";
import type { MarketSource } from "../../../sim/market-source.ts";
import { firstPrice, levelLots } from "./prices.ts";

const BEAT_US = 1_000_000;
const LEVELS = 10;

export class HandFed implements MarketSource {
  readonly synthetic = true;
  private readonly instrument: Instrument;
  private us: number;
  private begun = false;

  constructor(instrument: Instrument, startUs: number) {
    this.instrument = instrument;
    this.us = startUs;
  }

  next(): Tape {
    const out = new TapeBuilder(64);
    if (this.begun) out.push(RowKind.diffEmpty, RowFlag.frameEnd, this.us, this.us, 0, 0, 0, 0);
    else this.book(out);
    this.begun = true;
    this.us += BEAT_US;
    return out.finish();
  }

  skipTo(us: number): void {
    if (us > this.us) this.us = us;
  }

  save(): Canonical {
    return { us: this.us, begun: this.begun };
  }

  restore(saved: Canonical): void {
    const from: unknown = saved;
    const { us, begun } = from as { us: number; begun: boolean };
    this.us = us;
    this.begun = begun;
  }

  private book(out: TapeBuilder): void {
    const { us } = this;
    const mid = firstPrice(this.instrument);
    const size = levelLots(this.instrument, mid);
    out.push(RowKind.snapshotStart, 0, us, us, 0, 0, 0, 0);
    for (let i = 1; i <= LEVELS && mid - i > 0; i += 1) out.push(RowKind.bidLevel, 0, us, us, mid - i, size, 0, 0);
    for (let i = 1; i <= LEVELS; i += 1) out.push(RowKind.askLevel, 0, us, us, mid + i, size, 0, 0);
    out.endFrame();
  }
}
