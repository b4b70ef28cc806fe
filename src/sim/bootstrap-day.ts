// A longer day out of a recorded one (BT-09): blocks drawn at random from a capture, prices shifted so that each begins
// where the last one ended, ids chained anew. Each block begins with a snapshot of the book as it stood there.

import { Prng } from "../base/prng.ts";
import { FastDepth } from "../market/depth.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../market/tape.ts";

export interface BootstrapOptions {
  readonly seed: string;
  readonly lengthUs: number;
  readonly blockUs: number;
  readonly startUs: number;
}

interface Ids {
  update: number;
  trade: number;
}

/** A made-up tape of `lengthUs`. Funding rows are left out: settlements are given to the market by their own times. */
export function bootstrapDay(tape: Tape, options: BootstrapOptions): Tape {
  const prng = new Prng(`${options.seed}/bootstrap`);
  const starts = blockStarts(tape, options.blockUs);
  const out = new TapeBuilder(1 << 16);
  const ids: Ids = { update: 1, trade: 0 };
  let shift = 0;
  let lastMid: number | null = null;
  for (let us = options.startUs; us < options.startUs + options.lengthUs && starts.length > 0; us += options.blockUs) {
    const start = starts[prng.integer(0, starts.length - 1)] ?? 0;
    const book = bookBefore(tape, start);
    const mid = Math.round((book.best("buy") + book.best("sell")) / 2);
    if (lastMid !== null) shift = lastMid - mid;
    lastMid = copyBlock(tape, { start, us, shift, book, blockUs: options.blockUs }, { out, ids });
  }
  return out.finish();
}

/** Rows at which a frame begins, one a block length, once the book is whole. */
function blockStarts(tape: Tape, blockUs: number): number[] {
  const starts: number[] = [];
  let nextUs = Number.POSITIVE_INFINITY;
  const lastUs = tape.localUs[tape.length - 1] ?? 0;
  let inSnapshot = false;
  for (let i = 0; i < tape.length; i += 1) {
    const us = tape.localUs[i] ?? 0;
    if (tape.kind[i] === RowKind.snapshotStart) inSnapshot = true;
    const ended = ((tape.flags[i] ?? 0) & RowFlag.frameEnd) !== 0;
    if (inSnapshot && ended) {
      inSnapshot = false;
      nextUs = us;
    }
    if (ended && us >= nextUs && us + blockUs <= lastUs && i + 1 < tape.length) {
      starts.push(i + 1);
      nextUs = us + blockUs / 4;
    }
  }
  return starts;
}

function bookBefore(tape: Tape, row: number): FastDepth {
  const book = new FastDepth();
  for (let i = 0; i < row; i += 1) {
    const kind = tape.kind[i];
    if (kind === RowKind.snapshotStart) book.clear();
    else if (kind === RowKind.bidLevel) book.set("buy", tape.price[i] ?? 0, tape.quantity[i] ?? 0);
    else if (kind === RowKind.askLevel) book.set("sell", tape.price[i] ?? 0, tape.quantity[i] ?? 0);
  }
  return book;
}

interface Block {
  readonly start: number;
  readonly us: number;
  readonly shift: number;
  readonly book: FastDepth;
  readonly blockUs: number;
}

/** Copies one block and returns the mid at its end, in the made-up day's prices. */
function copyBlock(tape: Tape, block: Block, to: { readonly out: TapeBuilder; readonly ids: Ids }): number {
  const { start, us, shift, book, blockUs } = block;
  const { out, ids } = to;
  out.push(RowKind.snapshotStart, 0, us, us, 0, 0, ids.update, 0);
  for (const side of ["buy", "sell"] as const) {
    const kind = side === "buy" ? RowKind.bidLevel : RowKind.askLevel;
    for (const [price, quantity] of book.levels(side, Number.MAX_SAFE_INTEGER)) {
      if (price + shift > 0) out.push(kind, 0, us, us, price + shift, quantity, ids.update, 0);
    }
  }
  out.endFrame();
  const fromUs = tape.localUs[start] ?? 0;
  for (let i = start; i < tape.length; i += 1) {
    const local = tape.localUs[i] ?? 0;
    if (local >= fromUs + blockUs) break;
    const kind = tape.kind[i] as RowKind;
    if (kind > RowKind.trade) continue;
    const flags = tape.flags[i] ?? 0;
    const price = kind === RowKind.diffEmpty || kind === RowKind.snapshotStart ? 0 : (tape.price[i] ?? 0) + shift;
    const quantity = tape.quantity[i] ?? 0;
    if (kind === RowKind.bidLevel) book.set("buy", price - shift, quantity);
    if (kind === RowKind.askLevel) book.set("sell", price - shift, quantity);
    if (kind === RowKind.trade) ids.trade += 1;
    const id = kind === RowKind.trade ? ids.trade : ids.update;
    const at = us + (local - fromUs);
    out.push(kind, flags, at, at, Math.max(price, kind === RowKind.diffEmpty ? 0 : 1), quantity, id, 0);
    if ((flags & RowFlag.frameEnd) !== 0 && kind !== RowKind.trade) ids.update += 1;
  }
  return Math.round((book.best("buy") + book.best("sell")) / 2) + shift;
}
