// Quote against book (BT-11 quoteMismatch, BT-49): after each applied diff ending in id u, the newest quote with id ≤ u
// must equal the book's best in price and size. Quotes may arrive before or after the diff they belong to.

import type { FastDepth } from "../market/depth.ts";
import type { Findings } from "./finding.ts";

// Columns of one entry: id, bid, bid quantity, ask, ask quantity, line.
const WIDTH = 6;
/** Quotes kept to look back into, and diffs kept waiting for a later quote; the oldest is forgotten beyond it. */
const KEPT_MAX = 4096;

/** A ring of `KEPT_MAX` entries of six numbers. */
class Ring {
  readonly values = new Float64Array(KEPT_MAX * WIDTH);
  first = 0;
  count = 0;

  /** Offset of a new last entry; the oldest is overwritten when full. */
  push(): number {
    if (this.count === KEPT_MAX) this.shift();
    const offset = this.offset(this.count);
    this.count += 1;
    return offset;
  }

  shift(): void {
    this.first = (this.first + 1) % KEPT_MAX;
    this.count -= 1;
  }

  offset(index: number): number {
    return ((this.first + index) % KEPT_MAX) * WIDTH;
  }
}

export class QuoteCheck {
  compared = 0;
  equal = 0;
  private readonly findings: Findings;
  private readonly quotes = new Ring();
  private readonly waiting = new Ring();
  private newestId = -1;

  constructor(findings: Findings) {
    this.findings = findings;
  }

  // tidy-ok: one call a quote in the hottest loader loop
  onQuote(id: number, bid: number, bidQuantity: number, ask: number, askQuantity: number): void {
    while (this.waiting.count > 0 && (this.waiting.values[this.waiting.offset(0)] ?? 0) < id) this.settleOldest();
    const { values } = this.quotes;
    const at = this.quotes.push();
    values[at] = id;
    values[at + 1] = bid;
    values[at + 2] = bidQuantity;
    values[at + 3] = ask;
    values[at + 4] = askQuantity;
    this.newestId = id;
  }

  /** The book after the whole diff that ends in `id`; it is neither invalid nor crossed. */
  onBook(id: number, book: FastDepth, line: number): void {
    const { values } = this.waiting;
    const at = this.waiting.push();
    const bid = book.best("buy");
    const ask = book.best("sell");
    values[at] = id;
    values[at + 1] = bid;
    values[at + 2] = book.quantity("buy", bid);
    values[at + 3] = ask;
    values[at + 4] = book.quantity("sell", ask);
    values[at + 5] = line;
    if (this.newestId > id) while (this.waiting.count > 0) this.settleOldest();
  }

  /** At the end of the data, when no later quote can come. */
  finish(): void {
    while (this.waiting.count > 0) this.settleOldest();
    const wrong = this.compared - this.equal;
    if (wrong > 0) this.findings.describe("quoteMismatch", `${wrong} of ${this.compared} compared`);
  }

  private settleOldest(): void {
    const book = this.waiting.offset(0);
    const id = this.waiting.values[book] ?? 0;
    const line = this.waiting.values[book + 5] ?? 0;
    let index = this.quotes.count - 1;
    while (index >= 0 && (this.quotes.values[this.quotes.offset(index)] ?? 0) > id) index -= 1;
    if (index >= 0) {
      const quote = this.quotes.offset(index);
      this.compared += 1;
      let same = true;
      for (let i = 1; i <= 4; i += 1) same &&= this.quotes.values[quote + i] === this.waiting.values[book + i];
      if (same) this.equal += 1;
      else this.findings.add("quoteMismatch", line);
    }
    this.waiting.shift();
  }
}
