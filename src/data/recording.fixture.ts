// Recordings written by hand, a message a line, and how tests read what became of them. Test code only.

import { RowKind, type Tape } from "../market/tape.ts";
import type { Loaded, LoadOptions } from "./loaded.ts";
import { loadData } from "./open.ts";
import type { Source } from "./source.ts";

/** A recording written line by line, one message a 10 ms; exchange time is local time. */
export class Recording {
  lines: string[] = [];
  private readonly market: "usdm" | "spot";
  private ms = 1_700_000_000_000;

  constructor(market: "usdm" | "spot" = "usdm") {
    this.market = market;
  }

  raw(text: string): this {
    this.lines.push(text);
    return this;
  }

  frame(stream: string, data: Record<string, unknown>, shiftMs = 0): this {
    this.ms += 10;
    return this.raw(`${this.ms + shiftMs}000000 ${JSON.stringify({ stream: `btcusdt@${stream}`, data })}`);
  }

  diff(first: number, last: number, previous: number, bids: string, asks = ""): this {
    const head = { e: "depthUpdate", E: this.ms + 10, s: "BTCUSDT", U: first, u: last };
    const chain = this.market === "usdm" ? { pu: previous } : {};
    return this.frame("depth@0ms", { ...head, ...chain, b: levels(bids), a: levels(asks) });
  }

  snapshot(id: number, bids: string, asks: string): this {
    this.ms += 10;
    return this.raw(`${this.ms}000000 ${JSON.stringify({ lastUpdateId: id, bids: levels(bids), asks: levels(asks) })}`);
  }

  quote(id: number, bid: string, ask: string): this {
    const [b, B] = bid.split("x");
    const [a, A] = ask.split("x");
    return this.frame("bookTicker", {
      e: "bookTicker",
      u: id,
      s: "BTCUSDT",
      b,
      B,
      a,
      A,
      T: this.ms + 10,
      E: this.ms + 10,
    });
  }

  trade(id: number, price: string, quantity = "0.001", m = id % 2 === 0): this {
    const stamp = { E: this.ms + 10, T: this.ms + 9 };
    return this.frame("trade", { e: "trade", ...stamp, s: "BTCUSDT", t: id, p: price, q: quantity, X: "MARKET", m });
  }

  source(name = "hand-made"): Source {
    return { name, bytes: Buffer.from(`${this.lines.join("\n")}\n`) };
  }

  load(options: LoadOptions = {}): Promise<Loaded> {
    return loadData([this.source()], { symbol: "BTCUSDT", market: this.market, ...options });
  }
}

/** "100x1 99x0" → [["100","1"],["99","0"]]. */
const levels = (text: string): string[][] => text.split(" ").flatMap((item) => (item === "" ? [] : [item.split("x")]));

export const told = (loaded: Loaded): string[] =>
  loaded.findings.map((finding) => `${finding.count} ${finding.name}:${finding.line}`);

/** Rows of one kind as "price x quantity @line". */
export function rows(tape: Tape, ...kinds: number[]): string[] {
  const result: string[] = [];
  for (let i = 0; i < tape.length; i += 1) {
    if (kinds.includes(tape.kind[i] ?? -1)) result.push(`${tape.price[i]} x ${tape.quantity[i]} @${tape.line[i]}`);
  }
  return result;
}
export const bookRows = (tape: Tape): string[] =>
  rows(tape, RowKind.snapshotStart, RowKind.bidLevel, RowKind.askLevel, RowKind.diffEmpty, RowKind.bookInvalid);
