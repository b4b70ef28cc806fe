// The book of one instrument for everybody who wants it (EXCH-21): kept from a snapshot and changes, conflated for
// each viewer, silent from the moment its chain breaks until it is built again.

import type { BookEvent } from "../../../trading/event.ts";
import type { Unstamped } from "../../port.ts";
import { DepthChain } from "./depth-chain.ts";
import { levelsOf } from "./level-text.ts";
import { Gaps, judgeBook } from "./liveness.ts";
import { type FeedParts, type PublicFeed, readWish } from "./public-feed.ts";
import type { PublicNews, Topic } from "./stream-table.ts";

export interface BookViewer {
  readonly depth: number;
  readonly intervalMs: number;
  tell(book: Unstamped<BookEvent>): void;
}

interface Seat {
  readonly viewer: BookViewer;
  dueMs: number;
  last: string;
  replaced: number;
  cancel: (() => void) | null;
}

/** Best bid and ask in ticks, as far as they went. */
interface Range {
  readonly low: [bid: number, ask: number];
  readonly high: [bid: number, ask: number];
}

const isOff = (best: readonly [bid: number, ask: number], { low, high }: Range, ticks: number): boolean =>
  best[0] < low[0] - ticks || best[0] > high[0] + ticks || best[1] < low[1] - ticks || best[1] > high[1] + ticks;

/** Waits between snapshots that do not fit or do not come. */
const SNAPSHOT_WAITS_MS = [0, 250, 500, 1_000, 2_000, 5_000];
/** A market that says nothing is read all the same. */
const FIRST_SNAPSHOT_MS = 300;
/** A subscription is asked for again at most this often. */
const AGAIN_MS = 10_000;

export class BookFeed implements PublicFeed {
  readonly topic: Topic;
  /** Told after each change that was applied. */
  onChange: () => void = () => undefined;
  private readonly parts: FeedParts;
  private readonly chain = new DepthChain();
  private readonly gaps = new Gaps();
  private readonly seats = new Map<BookViewer, Seat>();
  private readonly name: { readonly subject: string; readonly symbol: string };
  private sinceMs: number;
  private reason: string | null = null;
  private wasLive = false;
  private reading = false;
  private tries = 0;
  private cancelSnapshot: () => void = () => undefined;
  private probesOff = 0;
  private probeDueMs: number;
  private probing: Range | null = null;
  private cancelGrace: () => void = () => undefined;
  private againDueMs = 0;
  private closed = false;

  constructor(parts: FeedParts, topic: Topic) {
    this.parts = parts;
    this.topic = topic;
    this.name = { subject: "book", symbol: topic.symbol };
    this.sinceMs = parts.clock.nowMs();
    this.probeDueMs = this.sinceMs + parts.times.bookProbeMs;
  }

  add(viewer: BookViewer): void {
    const seat: Seat = { viewer, dueMs: 0, last: "", replaced: -1, cancel: null };
    this.seats.set(viewer, seat);
    // never inside the call that subscribes
    this.tellAt(seat, this.parts.clock.nowMs());
  }

  remove(viewer: BookViewer): void {
    this.seats.get(viewer)?.cancel?.();
    this.seats.delete(viewer);
  }

  /** Best bid and ask in ticks, 0 where there is none; null while the book does not stand. */
  best(): readonly [bid: number, ask: number] | null {
    if (this.chain.broken !== null || this.reason !== null) return null;
    return [this.chain.best("buy"), this.chain.best("sell")];
  }

  /** The book now; null while it does not stand. */
  now(depth: number): Unstamped<BookEvent> | null {
    if (this.best() === null) return null;
    const { symbol } = this.topic;
    const [bids, asks] = [this.chain.levels("buy", depth), this.chain.levels("sell", depth)];
    return { kind: "book", symbol, bids, asks, exchangeAtMs: this.chain.exchangeAtMs, replaced: 0 };
  }

  news(news: PublicNews): void {
    if (news.kind !== "depth") return;
    this.gaps.frame(this.parts.clock.nowMs());
    const of = this.parts.instrument(this.topic.symbol);
    const bids = of === null ? null : levelsOf(news.bids, of);
    const asks = of === null ? null : levelsOf(news.asks, of);
    if (bids === null || asks === null) {
      this.broke("a level of the book lies off the instrument's grid");
      return;
    }
    if (news.whole) {
      if (!this.chain.begin({ last: news.last, bids, asks, atMs: news.atMs })) this.broke(this.chain.broken ?? "");
      else this.changed();
      return;
    }
    switch (this.chain.change({ ...news, bids, asks })) {
      case "applied":
        this.changed();
        return;
      case "kept":
        this.snapshotSoon();
        return;
      case "broken":
        this.broke(this.chain.broken ?? "the book broke");
        return;
      case "old":
        return;
    }
  }

  up(planned: boolean): void {
    if (planned) return;
    this.reason = null;
    this.chain.restart("waiting for the first book");
    this.gaps.restart(this.parts.clock.nowMs());
    this.sinceMs = this.parts.clock.nowMs();
    this.tries = 0;
    this.reading = false;
    this.later(FIRST_SNAPSHOT_MS, () => this.snapshotSoon());
  }

  down(text: string): void {
    this.cancelSnapshot();
    this.reading = false;
    this.reason = `the socket was lost: ${text}`;
    this.chain.restart(this.reason);
    this.judge(this.parts.clock.nowMs());
  }

  judge(nowMs: number): void {
    const { board, times } = this.parts;
    const broken = this.reason ?? this.chain.broken;
    // nothing stood yet: there is nothing to call stale until it stays away
    if (broken !== null && !this.wasLive && nowMs - this.sinceMs < times.firstFrameMs) return;
    const lastMs = Math.max(this.gaps.last ?? this.sinceMs, this.sinceMs);
    const evidence = { lastMs, medianGapMs: this.gaps.median(), broken, probesOff: this.probesOff };
    const verdict = judgeBook(evidence, times, nowMs);
    if (verdict.pulse === "live") this.wasLive = true;
    board.say(this.name, verdict);
    if (verdict.pulse === "stale" && this.reason === null && nowMs >= this.againDueMs) this.mend(nowMs, verdict.text);
    if (nowMs >= this.probeDueMs) this.probe(nowMs);
  }

  close(): void {
    this.closed = true;
    this.cancelSnapshot();
    this.cancelGrace();
    for (const viewer of this.seats.keys()) this.remove(viewer);
    this.parts.board.drop(this.name);
  }

  /** Says stale first, then builds again, then speaks again (EXCH-21). */
  private broke(text: string): void {
    if (this.chain.broken === null) this.chain.restart(text);
    const { clock, times } = this.parts;
    // a snapshot mends a broken chain: the subscription is made anew only where that takes too long
    if (this.tries === 0) this.againDueMs = Math.max(this.againDueMs, clock.nowMs() + times.firstFrameMs);
    this.judge(clock.nowMs());
    this.snapshotSoon();
  }

  /**
   * It stays away though its socket works: the subscription is made anew. What is said in between is told by nobody, so
   * the book is read again as it stands after that.
   */
  private mend(nowMs: number, text: string): void {
    this.againDueMs = nowMs + AGAIN_MS;
    this.chain.restart(text);
    this.probesOff = 0;
    this.parts.again(this.topic);
    this.reading = false;
    this.later(FIRST_SNAPSHOT_MS, () => this.snapshotSoon());
  }

  private changed(): void {
    this.tries = 0;
    this.watchRange();
    for (const seat of this.seats.values()) {
      seat.replaced += 1;
      if (seat.cancel === null) this.tellAt(seat, Math.max(seat.dueMs, this.parts.clock.nowMs()));
    }
    if (!this.wasLive || this.parts.board.pulseOf(this.name) !== "live") this.judge(this.parts.clock.nowMs());
    this.onChange();
  }

  private tellAt(seat: Seat, atMs: number): void {
    seat.cancel = this.parts.clock.at(atMs, () => {
      seat.cancel = null;
      const book = this.now(seat.viewer.depth);
      if (book === null || (book.bids.length === 0 && book.asks.length === 0)) return;
      const key = `${book.bids.join(" ")}/${book.asks.join(" ")}`;
      if (key === seat.last) return;
      seat.last = key;
      seat.dueMs = this.parts.clock.nowMs() + seat.viewer.intervalMs;
      const replaced = Math.max(0, seat.replaced);
      seat.replaced = -1;
      seat.viewer.tell({ ...book, replaced });
    });
  }

  private snapshotSoon(): void {
    const { snapshot } = this.parts.streams;
    if (snapshot === null || this.reading || this.closed || this.chain.broken === null || this.reason !== null) return;
    this.reading = true;
    const waitMs = SNAPSHOT_WAITS_MS[Math.min(this.tries, SNAPSHOT_WAITS_MS.length - 1)] ?? 0;
    this.tries += 1;
    this.later(waitMs, () => void this.readSnapshot());
  }

  private async readSnapshot(): Promise<void> {
    const { instance, clock, streams, log } = this.parts;
    const call = streams.snapshot?.call(this.topic.wireName);
    if (call === undefined) return;
    const reply = await instance.call(call, readWish(clock, 1));
    this.reading = false;
    const of = this.parts.instrument(this.topic.symbol);
    if (this.closed || this.reason !== null || of === null) return;
    const found = reply.ok ? (streams.snapshot?.read(reply.value) ?? null) : null;
    const bids = found === null ? null : levelsOf(found.bids, of);
    const asks = found === null ? null : levelsOf(found.asks, of);
    // some snapshots do not say when they were taken
    const atMs = found === null || found.atMs === 0 ? instance.nowMs() : found.atMs;
    if (found !== null && bids !== null && asks !== null && this.chain.snapshot({ ...found, bids, asks, atMs })) {
      this.changed();
      return;
    }
    const why = reply.ok ? "it does not fit the stream" : reply.text;
    log.warn("a book's snapshot is read again", { symbol: this.topic.symbol, why });
    this.snapshotSoon();
  }

  /**
   * Best prices against a book read by REST; what the stream says meanwhile counts as said (EXCH-22), and so does what
   * it says a moment later: a reply overtakes frames that are under way.
   */
  private probe(nowMs: number): void {
    const { reads, times } = this.parts;
    this.probeDueMs = nowMs + times.bookProbeMs;
    const best = this.best();
    if (best === null || this.probing !== null) return;
    const range: Range = { low: [best[0], best[1]], high: [best[0], best[1]] };
    this.probing = range;
    void reads.book(this.topic.symbol, 5, 3).then((result) => {
      if (this.closed || result.result !== "ok" || result.book === null) {
        this.probing = null;
        return;
      }
      const seen = [result.book.bids[0]?.[0] ?? 0, result.book.asks[0]?.[0] ?? 0] as const;
      if (!isOff(seen, range, times.bookProbeTicks)) this.probed(0);
      else this.afterGrace(() => this.probed(isOff(seen, range, times.bookProbeTicks) ? this.probesOff + 1 : 0));
    });
  }

  private afterGrace(work: () => void): void {
    const { clock, times } = this.parts;
    this.cancelGrace = clock.at(clock.nowMs() + times.probeGraceMs, work);
  }

  private probed(off: number): void {
    this.probing = null;
    this.probesOff = off;
    this.judge(this.parts.clock.nowMs());
  }

  private watchRange(): void {
    const best = this.best();
    if (this.probing === null || best === null) return;
    const { low, high } = this.probing;
    for (const i of [0, 1] as const) {
      low[i] = Math.min(low[i], best[i]);
      high[i] = Math.max(high[i], best[i]);
    }
  }

  private later(waitMs: number, work: () => void): void {
    const { clock } = this.parts;
    this.cancelSnapshot();
    this.cancelSnapshot = clock.at(clock.nowMs() + waitMs, () => {
      if (!this.closed) work();
    });
  }
}
