// A market played by hand in real time: the test says what happens, and it happens within a few milliseconds. Between
// two words the book stands still.

import type { Canonical } from "../../src/base/canonical.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../../src/market/tape.ts";
import type { MarketSource } from "../../src/sim/market-source.ts";

const CHUNK_US = 2_000;

export class HandMarket implements MarketSource {
  readonly synthetic = true;
  private us: number;
  private id = 0;
  private said: string[] = [];
  private readonly levels = new Map<string, readonly [RowKind, number, number]>();

  constructor(startUs: number, book: string) {
    this.us = startUs;
    this.say(`book ${book}`);
  }

  /**
   * One thing that happens next: `book 600000x50 / 600001x40` (the whole book), `sold 599980x1`, `bought 600001x5`,
   * `mark 600100` (ticks), `funding 100000000` (rate × 10^12), `broken` (the book's chain).
   */
  say(line: string): void {
    this.said.push(line);
  }

  next(): Tape {
    const out = new TapeBuilder(64);
    const lines = this.said;
    this.said = [];
    for (const line of lines) this.write(out, line);
    if (lines.length === 0) this.row(out, RowKind.diffEmpty, { flags: RowFlag.frameEnd });
    this.us += CHUNK_US;
    return out.finish();
  }

  save(): Canonical {
    return this.us;
  }

  restore(saved: Canonical): void {
    this.us = saved as number;
    const book = [...this.levels.values()];
    this.said.unshift(`book ${textOf(book, RowKind.bidLevel)} / ${textOf(book, RowKind.askLevel)}`);
  }

  private write(out: TapeBuilder, line: string): void {
    const [what = "", ...rest] = line.split(/\s+/);
    const [price = 0, quantity = 0] = (rest[0] ?? "0x0").split("x").map((each) => Number.parseInt(each, 10));
    if (what === "book") this.book(out, rest);
    else if (what === "sold")
      this.row(out, RowKind.trade, { price, quantity, flags: RowFlag.frameEnd | RowFlag.sellerTook });
    else if (what === "bought") this.row(out, RowKind.trade, { price, quantity, flags: RowFlag.frameEnd });
    else if (what === "mark") this.row(out, RowKind.mark, { price: price * 1000, flags: RowFlag.frameEnd });
    else if (what === "funding")
      this.row(out, RowKind.funding, { price, quantity: 28_800_000, flags: RowFlag.frameEnd });
    else if (what === "broken") this.row(out, RowKind.bookInvalid, { flags: RowFlag.frameEnd });
    else throw new Error(`the market does not know "${line}"`);
  }

  private book(out: TapeBuilder, words: readonly string[]): void {
    this.row(out, RowKind.snapshotStart, {});
    this.levels.clear();
    let kind: RowKind = RowKind.bidLevel;
    for (const word of words) {
      if (word === "/") {
        kind = RowKind.askLevel;
        continue;
      }
      const [price = 0, quantity = 0] = word.split("x").map((each) => Number.parseInt(each, 10));
      this.levels.set(word, [kind, price, quantity]);
      this.row(out, kind, { price, quantity });
    }
    out.endFrame();
  }

  private row(out: TapeBuilder, kind: RowKind, row: { price?: number; quantity?: number; flags?: number }): void {
    this.id += 1;
    out.push(kind, row.flags ?? 0, this.us, this.us, row.price ?? 0, row.quantity ?? 0, this.id, this.id);
  }
}

const textOf = (book: readonly (readonly [RowKind, number, number])[], side: RowKind): string =>
  book.flatMap(([kind, price, quantity]) => (kind === side ? [`${price}x${quantity}`] : [])).join(" ");
