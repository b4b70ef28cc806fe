// One pass over market rows before a run: from when to when they are, how far the recorder's clock is off (BT-23), and
// which levels of fidelity they can tell (BT-14). Works piece by piece, so memory stays flat.

import { type Ticks, ticks } from "../market/amounts.ts";
import { RowKind, type Tape } from "../market/tape.ts";

export interface TapeFacts {
  /** Exchange time of the first row and of the last, µs. */
  readonly startUs: number;
  readonly endUs: number;
  /** `min(local − exchange)`, µs. */
  readonly offsetUs: number;
  readonly depth: boolean;
  readonly quotes: boolean;
  readonly candles: boolean;
  /** First price of any row; 0 when there is none. */
  readonly firstPrice: Ticks;
}

const PRICE_KINDS: ReadonlySet<number> = new Set([
  RowKind.trade,
  RowKind.quoteBid,
  RowKind.bidLevel,
  RowKind.candleOpen,
]);

export class TapeScan {
  private readonly kinds = new Uint8Array(256);
  private least = Number.POSITIVE_INFINITY;
  private latestUs = 0;
  /** Newest recorder's time of a row without the exchange's. */
  private latestBareUs = 0;
  private firstRow: { readonly local: number; readonly exchange: number } | null = null;
  private firstPrice = 0;

  take(tape: Tape): void {
    const { kind, localUs, exchangeUs, price, length } = tape;
    this.firstRow ??= length === 0 ? null : { local: localUs[0] ?? 0, exchange: exchangeUs[0] ?? 0 };
    for (let i = 0; i < length; i += 1) {
      const of = kind[i] as number;
      this.kinds[of] = 1;
      if (this.firstPrice === 0 && PRICE_KINDS.has(of)) this.firstPrice = price[i] as number;
      const local = localUs[i] as number;
      const exchange = exchangeUs[i] as number;
      if (exchange === 0) {
        if (local > this.latestBareUs) this.latestBareUs = local;
        continue;
      }
      if (local - exchange < this.least) this.least = local - exchange;
      if (exchange > this.latestUs) this.latestUs = exchange;
    }
  }

  /** Null when there was no row. */
  facts(): TapeFacts | null {
    if (this.firstRow === null) return null;
    const offsetUs = this.least === Number.POSITIVE_INFINITY ? 0 : this.least;
    const { local, exchange } = this.firstRow;
    return {
      startUs: exchange === 0 ? Math.floor(local - offsetUs) : exchange,
      endUs: Math.max(this.latestUs, this.latestBareUs === 0 ? 0 : Math.floor(this.latestBareUs - offsetUs)),
      offsetUs,
      depth: this.has(RowKind.snapshotStart),
      quotes: this.has(RowKind.quoteBid),
      candles: this.has(RowKind.candleOpen),
      firstPrice: ticks(this.firstPrice),
    };
  }

  private has(kind: number): boolean {
    return this.kinds[kind] === 1;
  }
}
