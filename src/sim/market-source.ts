// Where market rows come from: a recorded tape in memory, or a generator that makes them chunk by chunk without end.

import type { Canonical } from "../base/canonical.ts";
import type { Tape } from "../market/tape.ts";

/**
 * Chunks of one market stream, in order. Each chunk begins at a frame's first row and ends at a frame's last. A chunk
 * after the first continues the book, unless it begins with a snapshot.
 */
export interface MarketSource {
  /** The next chunk; null at the end of the data. `shared` chunks are never written to. */
  next(): Tape | null;
  /** Everything needed to make the chunk that {@link next} will return next, and all after it. */
  save(): Canonical;
  restore(saved: Canonical): void;
  /** Where the next chunk neither begins a book nor stands alone: those it continues, from the last whole book on. */
  before?(): Iterable<Tape>;
  /** Where the rows are made up: leaves out a stretch of time nobody watched. */
  skipTo?(us: number): void;
  /** True where the rows are made up: every report then says "synthetic" (BT-09). */
  readonly synthetic: boolean;
}

/** One recorded tape as a source: a single chunk, shared by all runs over it. */
export function tapeSource(tape: Tape, synthetic = false): MarketSource {
  let given = false;
  return {
    synthetic,
    next: () => {
      if (given) return null;
      given = true;
      return tape;
    },
    save: () => given,
    restore: (saved) => {
      given = saved === true;
    },
  };
}
