// Hashes by which two loaders, in whatever language, can be compared: texts of integers, one row a line, SHA-256.

import { createHash } from "node:crypto";
import { present } from "../base/assert.ts";
import type { Depth } from "../market/depth.ts";
import { RowFlag, RowKind, type Tape } from "../market/tape.ts";

/** `time ms,price,quantity,m` a trade, in ticks and lots; `m` is 1 where the seller took. */
export function tradesDigest(tape: Tape): string {
  const hash = createHash("sha256");
  for (let i = 0; i < tape.length; i += 1) {
    if (tape.kind[i] !== RowKind.trade) continue;
    const sellerTook = ((tape.flags[i] ?? 0) & RowFlag.sellerTook) === 0 ? 0 : 1;
    const ms = Math.floor((tape.exchangeUs[i] ?? 0) / 1000);
    hash.update(`${ms},${tape.price[i]},${tape.quantity[i]},${sellerTook}\n`);
  }
  return hash.digest("hex");
}

/** `b,price,quantity` from the best bid down, then `a,…` from the best ask up. */
export function bookDigest(book: Depth): string {
  const hash = createHash("sha256");
  for (const side of ["buy", "sell"] as const) {
    const letter = side === "buy" ? "b" : "a";
    for (const [price, quantity] of book.levels(side, book.count(side)))
      hash.update(`${letter},${price},${quantity}\n`);
  }
  return hash.digest("hex");
}

/** `start ms,open,high,low,close` a candle, in ticks. */
export function candlesDigest(tape: Tape): string {
  const hash = createHash("sha256");
  for (let i = 0; i + 3 < tape.length; i += 1) {
    if (tape.kind[i] !== RowKind.candleOpen) continue;
    const prices = `${tape.price[i]},${tape.price[i + 1]},${tape.price[i + 2]},${tape.price[i + 3]}`;
    hash.update(`${(tape.exchangeUs[i] ?? 0) / 1000},${prices}\n`);
  }
  return hash.digest("hex");
}

/** `stamp ms,rate × 10^8` a settlement. */
export function fundingDigest(tape: Tape): string {
  const hash = createHash("sha256");
  for (let i = 0; i < tape.length; i += 1) {
    if (tape.kind[i] !== RowKind.funding) continue;
    hash.update(`${(tape.exchangeUs[i] ?? 0) / 1000},${(tape.price[i] ?? 0) / 1e4}\n`);
  }
  return hash.digest("hex");
}

/** The columns of a tape in the order of the prepared file: name and typed array. */
export const TAPE_COLUMNS = [
  "kind",
  "flags",
  "localUs",
  "exchangeUs",
  "price",
  "quantity",
  "id",
  "line",
  "file",
] as const;

/** Bytes of one column, not copied. */
export function columnBytes(tape: Tape, column: (typeof TAPE_COLUMNS)[number]): Uint8Array {
  const values = present(tape[column], column);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
