// A recorded market played again (EMU-30, EMU-31): frames are re-dated onto the emulator's clock with their spacing
// kept. At the end it stops, or begins again with fresh ids, its prices moved so that they go on where they were. It
// is handed on in pieces that share one piece of memory: a lap as a whole would leave its columns behind each time.

import type { Canonical } from "../../../base/canonical.ts";
import { RowFlag, RowKind, type Tape } from "../../../market/tape.ts";
import type { MarketSource } from "../../../sim/market-source.ts";

/** Rows of a piece, and as many more as its last frame has. */
const PIECE_ROWS = 4_096;

/** A tenth of a second between the last frame and the first of the next lap. */
const PAUSE_US = 100_000;

/** What one lap adds: time, price in ticks, and ids. */
interface Lap {
  readonly us: number;
  readonly price: number;
  readonly id: number;
}

/** The piece that comes next: of which lap, from which row on. */
interface Place {
  readonly lap: number;
  readonly row: number;
}

export class CapturedMarket implements MarketSource {
  readonly synthetic = false;
  private readonly tape: Tape;
  private readonly loop: boolean;
  private readonly shiftUs: number;
  private readonly lap: Lap;
  private readonly memory = { exchangeUs: NONE, localUs: NONE, price: NONE, id: NONE };
  private place: Place = { lap: 0, row: 0 };

  /** `shiftUs` is added to every time of the recording. */
  constructor(tape: Tape, shiftUs: number, loop: boolean) {
    this.tape = tape;
    this.shiftUs = shiftUs;
    this.loop = loop;
    this.lap = lapOf(tape);
  }

  /** It holds until the next one is asked for. */
  next(): Tape | null {
    if (this.place.row >= this.tape.length) this.place = { lap: this.place.lap + 1, row: 0 };
    const { lap, row } = this.place;
    if (lap > 0 && !this.loop) return null;
    this.place = { lap, row: this.endOf(row) };
    return this.piece(lap, row, this.place.row);
  }

  /** Everything of the lap that came before: a book in its middle is what all of it made. */
  *before(): Generator<Tape> {
    const { lap, row: until } = this.place;
    for (let row = 0; row < Math.min(until, this.tape.length); row = this.endOf(row)) {
      yield this.piece(lap, row, this.endOf(row));
    }
  }

  save(): Canonical {
    const { lap, row } = this.place;
    return { lap, row };
  }

  restore(saved: Canonical): void {
    const { lap, row } = saved as { readonly lap: number; readonly row: number };
    this.place = { lap, row };
  }

  /** The row after the frame in which a piece from `row` on ends. */
  private endOf(row: number): number {
    const { flags, length } = this.tape;
    let last = Math.min(length, row + PIECE_ROWS) - 1;
    while (last < length - 1 && ((flags[last] ?? 0) & RowFlag.frameEnd) === 0) last += 1;
    return last + 1;
  }

  private piece(lap: number, from: number, to: number): Tape {
    const { kind, flags, line, file, quantity } = this.tape;
    const by = { us: this.shiftUs + lap * this.lap.us, price: lap * this.lap.price, id: lap * this.lap.id };
    return {
      length: to - from,
      kind: kind.subarray(from, to),
      flags: flags.subarray(from, to),
      line: line.subarray(from, to),
      file: file.subarray(from, to),
      quantity: quantity.subarray(from, to),
      ...this.moved(from, to, by),
    };
  }

  /** The columns that a lap changes. */
  private moved(from: number, to: number, by: Lap): Pick<Tape, "exchangeUs" | "localUs" | "price" | "id"> {
    const { tape } = this;
    const length = to - from;
    const { exchangeUs, localUs, price, id } = this.columns(length);
    for (let i = 0; i < length; i += 1) {
      const row = from + i;
      const us = tape.exchangeUs[row] ?? 0;
      const was = tape.id[row] ?? 0;
      exchangeUs[i] = us === 0 ? 0 : us + by.us;
      localUs[i] = (tape.localUs[row] ?? 0) + by.us;
      price[i] = movedPrice(tape.kind[row] ?? 0, tape.price[row] ?? 0, by.price);
      id[i] = was === 0 ? 0 : was + by.id;
    }
    return { exchangeUs, localUs, price, id };
  }

  /** Memory for so many rows, the same again each time. */
  private columns(length: number): Pick<Tape, "exchangeUs" | "localUs" | "price" | "id"> {
    const { memory } = this;
    if (memory.id.length < length) {
      for (const name of ["exchangeUs", "localUs", "price", "id"] as const) memory[name] = new Float64Array(length);
    }
    const { exchangeUs, localUs, price, id } = memory;
    return {
      exchangeUs: exchangeUs.subarray(0, length),
      localUs: localUs.subarray(0, length),
      price: price.subarray(0, length),
      id: id.subarray(0, length),
    };
  }
}

const NONE = new Float64Array(0);

function movedPrice(kind: number, price: number, by: number): number {
  if (kind === RowKind.mark) return price + by * 1000;
  const isPrice =
    (kind >= RowKind.bidLevel && kind <= RowKind.askLevel) || (kind >= RowKind.quoteBid && kind <= RowKind.trade);
  // a lap that adds nothing leaves every price as it was
  return isPrice && by !== 0 ? Math.max(1, price + by) : price;
}

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

/** Exchange time of the first row that has one, µs. */
export function firstUs(tape: Tape): number {
  return tape.exchangeUs.find((us) => us > 0) ?? 0;
}

function lastUs(tape: Tape): number {
  return tape.exchangeUs.findLast((us) => us > 0) ?? 0;
}
