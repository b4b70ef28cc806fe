// Candles of one instrument and interval: the closed ones each once and in order, whatever the socket did meanwhile;
// the open one as it grows for who wants it.

import type { CandleEvent } from "../../../trading/event.ts";
import type { Unstamped } from "../../port.ts";
import { decodeCandle, INTERVAL_MS } from "../decode.ts";
import type { CcxtInstrument } from "../instruments.ts";
import { listOf } from "../raw.ts";
import { judgeCandles } from "./liveness.ts";
import { type FeedParts, type PublicFeed, readWish } from "./public-feed.ts";
import type { PublicNews, Topic } from "./stream-table.ts";

type Candle = Unstamped<CandleEvent>;

export type CandleViewer =
  | { readonly form: "closed"; tell(candle: Candle): void }
  | { readonly form: "open"; readonly intervalMs: number; tell(candle: Candle): void };

interface Seat {
  dueMs: number;
  last: string;
  cancel: (() => void) | null;
}

const BACKFILL_MAX = 500;
const MINUTE_MS = 60_000;
const FILL_AGAIN_MS = 5_000;

export class CandleFeed implements PublicFeed {
  readonly topic: Topic;
  private readonly parts: FeedParts;
  private readonly lengthMs: number;
  private readonly viewers = new Map<CandleViewer, Seat>();
  private readonly name: { readonly subject: string; readonly symbol: string };
  private open: Candle | null = null;
  /** Start of the newest closed candle that was told. */
  private lastClosedMs: number | null = null;
  private reason: string | null = null;
  private filling = false;
  private fillDueMs = 0;
  private closed = false;

  constructor(parts: FeedParts, topic: Topic) {
    this.parts = parts;
    this.topic = topic;
    this.name = { subject: "candles", symbol: topic.symbol };
    this.lengthMs = topic.interval === null ? MINUTE_MS : INTERVAL_MS[topic.interval];
  }

  add(viewer: CandleViewer): void {
    this.viewers.set(viewer, { dueMs: 0, last: "", cancel: null });
  }

  remove(viewer: CandleViewer): void {
    this.viewers.get(viewer)?.cancel?.();
    this.viewers.delete(viewer);
  }

  news(news: PublicNews): void {
    if (news.kind !== "candle") return;
    const of = this.parts.instrument(this.topic.symbol);
    const candle = of === null ? null : this.read(news.row, of);
    if (candle === null) return;
    if (news.closed === true) {
      this.tellClosed({ ...candle, closed: true });
      return;
    }
    if (news.closed === null && this.open !== null && candle.openAtMs > this.open.openAtMs) {
      this.tellClosed({ ...this.open, closed: true });
    }
    this.open = { ...candle, closed: false };
    const nowMs = this.parts.clock.nowMs();
    for (const [viewer, seat] of this.viewers) {
      if (viewer.form === "open" && seat.cancel === null) this.tellOpen(viewer, seat, Math.max(seat.dueMs, nowMs));
    }
  }

  up(planned: boolean): void {
    this.reason = null;
    const { lengthMs } = this;
    // from here on each candle that ends has to be told
    if (this.lastClosedMs === null) {
      this.lastClosedMs = Math.floor(this.parts.instance.nowMs() / lengthMs) * lengthMs - lengthMs;
    } else if (!planned) void this.backfill();
  }

  down(text: string): void {
    this.reason = `the socket was lost: ${text}`;
    this.judge(this.parts.clock.nowMs());
  }

  judge(nowMs: number): void {
    const { board, times, instance, clock } = this.parts;
    if (this.reason !== null) {
      board.say(this.name, { pulse: "stale", text: this.reason });
      return;
    }
    if (this.lastClosedMs === null) return;
    const dueMs = this.lastClosedMs + 2 * this.lengthMs;
    const verdict = judgeCandles(dueMs, times, instance.nowMs());
    board.say(this.name, verdict);
    if (verdict.pulse !== "live" && nowMs >= this.fillDueMs) {
      this.fillDueMs = clock.nowMs() + FILL_AGAIN_MS;
      void this.backfill();
    }
  }

  close(): void {
    this.closed = true;
    for (const viewer of this.viewers.keys()) this.remove(viewer);
    this.parts.board.drop(this.name);
  }

  private tellClosed(candle: Candle): void {
    const last = this.lastClosedMs;
    if (last !== null && candle.openAtMs <= last) return;
    if (last !== null && candle.openAtMs > last + this.lengthMs) {
      // one between was missed: all of them are read, this one too, and come in order
      void this.backfill();
      return;
    }
    this.lastClosedMs = candle.openAtMs;
    for (const viewer of this.viewers.keys()) if (viewer.form === "closed") viewer.tell(candle);
  }

  private tellOpen(viewer: CandleViewer, seat: Seat, atMs: number): void {
    const { clock } = this.parts;
    seat.cancel = clock.at(atMs, () => {
      seat.cancel = null;
      const { open } = this;
      if (open === null || viewer.form !== "open") return;
      const key = [open.openAtMs, open.high, open.low, open.close, open.volume].join(" ");
      if (key === seat.last) return;
      seat.last = key;
      seat.dueMs = clock.nowMs() + viewer.intervalMs;
      viewer.tell(open);
    });
  }

  /** Closed candles since the last one told (EXCH-44). */
  private async backfill(): Promise<void> {
    const { instance, clock, log } = this.parts;
    const { symbol, interval } = this.topic;
    if (this.filling || this.lastClosedMs === null) return;
    this.filling = true;
    const sinceMs = this.lastClosedMs + this.lengthMs;
    const call = { method: "fetchOHLCV", args: [symbol, interval, sinceMs, BACKFILL_MAX] };
    const reply = await instance.call(call, readWish(clock, 3));
    this.filling = false;
    const of = this.parts.instrument(symbol);
    if (this.closed || of === null) return;
    if (!reply.ok) {
      log.warn("missed candles could not be read", { symbol, why: reply.text });
      return;
    }
    const found = listOf(reply.value).flatMap((row) => this.read(row, of) ?? []);
    for (const candle of found.sort((a, b) => a.openAtMs - b.openAtMs)) {
      if (!candle.closed || (this.lastClosedMs !== null && candle.openAtMs <= this.lastClosedMs)) continue;
      this.lastClosedMs = candle.openAtMs;
      for (const viewer of this.viewers.keys()) if (viewer.form === "closed") viewer.tell(candle);
    }
  }

  private read(row: unknown, of: CcxtInstrument): Candle | null {
    const { interval } = this.topic;
    if (interval === null) return null;
    const nowMs = this.parts.instance.nowMs();
    const candle = decodeCandle(row, of, { interval, lengthMs: this.lengthMs, nowMs });
    return candle.ok ? candle.value : null;
  }
}
