// Market data of an exchange whose sockets are not known here (EXCH-61): books and candles by REST, as often as is
// polite, shared by everybody who wants them. Trades and marks are not told.

import type { Clock } from "../../../base/clock.ts";
import type { CandleEvent, CandleInterval } from "../../../trading/event.ts";
import type { Unstamped } from "../../port.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import type { CcxtReads } from "../ccxt-reads.ts";
import { decodeCandle, INTERVAL_MS } from "../decode.ts";
import type { CcxtInstrument } from "../instruments.ts";
import { listOf } from "../raw.ts";
import type { BookViewer } from "./book-feed.ts";
import type { CandleViewer } from "./candle-feed.ts";
import type { HealthBoard } from "./health-board.ts";
import { readWish } from "./public-feed.ts";

export interface PolledParts {
  readonly instance: CcxtInstance;
  readonly reads: CcxtReads;
  readonly board: HealthBoard;
  readonly clock: Clock;
  instrument(symbol: string): CcxtInstrument | null;
}

const BOOK_MS = 1_000;
const CANDLES_MS = 5_000;
/** Reads that fail in a row until what they bring is called stale. */
const FAILURES_MAX = 3;
const NOTHING = (): void => undefined;

/** One thing that is read again and again while somebody wants it. */
interface Poll {
  users: number;
  failures: number;
  cancel: () => void;
}

export class PolledMarket {
  private readonly parts: PolledParts;
  private readonly polls = new Map<string, Poll>();
  private readonly books = new Map<string, Set<BookViewer>>();
  private readonly candleViewers = new Map<string, Set<CandleViewer>>();
  /** Start of the newest closed candle that was told, by instrument and interval. */
  private readonly lastClosed = new Map<string, number>();
  private closed = false;

  constructor(parts: PolledParts) {
    this.parts = parts;
  }

  book(symbol: string, viewer: BookViewer): () => void {
    const viewers = this.books.get(symbol) ?? new Set();
    this.books.set(symbol, viewers.add(viewer));
    const name = { subject: "book", symbol };
    const end = this.poll(`book ${symbol}`, { everyMs: BOOK_MS, name, read: () => this.readBook(symbol) });
    return () => {
      viewers.delete(viewer);
      end();
    };
  }

  trades(): () => void {
    return NOTHING;
  }

  marks(): () => void {
    return NOTHING;
  }

  candles(symbol: string, interval: CandleInterval, viewer: CandleViewer): () => void {
    const key = `${symbol} ${interval}`;
    const viewers = this.candleViewers.get(key) ?? new Set();
    this.candleViewers.set(key, viewers.add(viewer));
    const name = { subject: "candles", symbol };
    const read = (): Promise<boolean> => this.readCandles(symbol, interval);
    const end = this.poll(`candles ${key}`, { everyMs: CANDLES_MS, name, read });
    return () => {
      viewers.delete(viewer);
      end();
    };
  }

  /** What it reads judges itself, by whether it came. */
  judge(_nowMs: number): void {}

  close(): Promise<void> {
    this.closed = true;
    for (const { cancel } of this.polls.values()) cancel();
    this.polls.clear();
    return Promise.resolve();
  }

  private poll(
    key: string,
    of: {
      readonly everyMs: number;
      readonly name: { readonly subject: string; readonly symbol: string };
      read(): Promise<boolean>;
    },
  ): () => void {
    const { clock, board } = this.parts;
    const known = this.polls.get(key);
    const poll: Poll = known ?? { users: 0, failures: 0, cancel: NOTHING };
    poll.users += 1;
    this.polls.set(key, poll);
    const again = (waitMs: number): void => {
      poll.cancel = clock.at(clock.nowMs() + waitMs, () => {
        void of.read().then((came) => {
          if (this.closed || poll.users === 0) return;
          poll.failures = came ? 0 : poll.failures + 1;
          if (came) board.say(of.name, { pulse: "live", text: "" });
          else if (poll.failures >= FAILURES_MAX) {
            board.say(of.name, { pulse: "stale", text: `${poll.failures} reads in a row failed` });
          }
          again(of.everyMs);
        });
      });
    };
    if (known === undefined) again(0);
    return () => {
      poll.users -= 1;
      if (poll.users > 0) return;
      poll.cancel();
      this.polls.delete(key);
      board.drop(of.name);
    };
  }

  private async readBook(symbol: string): Promise<boolean> {
    const viewers = this.books.get(symbol) ?? new Set();
    const depth = Math.max(5, ...[...viewers].map((viewer) => viewer.depth));
    const found = await this.parts.reads.book(symbol, depth, 3);
    if (this.closed || found.result !== "ok" || found.book === null) return false;
    const { bids, asks, ...rest } = found.book;
    for (const viewer of viewers) {
      viewer.tell({ ...rest, bids: bids.slice(0, viewer.depth), asks: asks.slice(0, viewer.depth) });
    }
    return true;
  }

  private async readCandles(symbol: string, interval: CandleInterval): Promise<boolean> {
    const { instance, clock } = this.parts;
    const key = `${symbol} ${interval}`;
    const last = this.lastClosed.get(key) ?? null;
    const lengthMs = INTERVAL_MS[interval];
    const sinceMs = last === null ? undefined : last + lengthMs;
    const args = [symbol, interval, sinceMs, last === null ? 3 : 500];
    const reply = await instance.call({ method: "fetchOHLCV", args }, readWish(clock, 3));
    const of = this.parts.instrument(symbol);
    if (!reply.ok || this.closed || of === null) return false;
    const candles = listOf(reply.value).flatMap((row) => {
      const candle = decodeCandle(row, of, { interval, lengthMs, nowMs: instance.nowMs() });
      return candle.ok ? candle.value : [];
    });
    const viewers = this.candleViewers.get(key) ?? new Set();
    for (const candle of candles.sort((a, b) => a.openAtMs - b.openAtMs)) this.tellCandle(key, candle, viewers);
    return true;
  }

  private tellCandle(key: string, candle: Unstamped<CandleEvent>, viewers: Iterable<CandleViewer>): void {
    const last = this.lastClosed.get(key) ?? null;
    if (candle.closed && last !== null && candle.openAtMs <= last) return;
    if (candle.closed) this.lastClosed.set(key, candle.openAtMs);
    // of the first read only where it begins counts: what was closed before is no news
    if (candle.closed && last === null) return;
    for (const viewer of viewers) if (viewer.form === (candle.closed ? "closed" : "open")) viewer.tell(candle);
  }
}
