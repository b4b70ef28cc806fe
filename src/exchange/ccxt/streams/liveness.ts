// Whether a stream lives, by what came of it and not by its socket (EXCH-22). Pure: evidence and a time go in, a
// verdict comes out. A verdict without fresh evidence never gets better by waiting.

import type { StreamTimes } from "./times.ts";

export type Pulse = "live" | "suspect" | "stale";

export interface Verdict {
  readonly pulse: Pulse;
  /** What is missing, in words; empty while it lives. */
  readonly text: string;
}

const LIVE: Verdict = { pulse: "live", text: "" };
const suspect = (text: string): Verdict => ({ pulse: "suspect", text });
const stale = (text: string): Verdict => ({ pulse: "stale", text });
/** With one digit: `2.1 s`. */
export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** Gaps between frames, the newest 200, and their median. */
export class Gaps {
  private readonly gaps: number[] = [];
  private next = 0;
  private lastMs: number | null = null;
  private cached: number | null = null;
  /** The last time is that of a frame, and not of a socket that was opened: how long its first frame took is no gap. */
  private framed = false;

  get last(): number | null {
    return this.lastMs;
  }

  frame(nowMs: number): void {
    if (this.lastMs !== null && this.framed) {
      this.gaps[this.next] = Math.max(0, nowMs - this.lastMs);
      this.next = (this.next + 1) % GAPS_KEPT;
      // the median of 200 moves slowly: it is computed anew once in so many frames
      if (this.next % GAPS_FRESH === 0 || this.gaps.length < GAPS_FRESH) this.cached = null;
    }
    this.lastMs = nowMs;
    this.framed = true;
  }

  /** Time passes from here: a socket was just opened. */
  restart(nowMs: number): void {
    this.lastMs = nowMs;
    this.framed = false;
  }

  median(): number {
    if (this.cached === null) {
      const sorted = [...this.gaps].sort((a, b) => a - b);
      this.cached = sorted[sorted.length >> 1] ?? 0;
    }
    return this.cached;
  }
}

const GAPS_KEPT = 200;
const GAPS_FRESH = 10;

export interface BookEvidence {
  /** Of the last frame, or of the subscription while none came. */
  readonly lastMs: number;
  readonly medianGapMs: number;
  /** Why the chain does not hold; null: it does. */
  readonly broken: string | null;
  /** Times in a row that a book read by REST differed. */
  readonly probesOff: number;
}

/** Never stale before it is suspect: a market that speaks once a minute is not dead after five seconds. */
export function judgeBook(evidence: BookEvidence, times: StreamTimes, nowMs: number): Verdict {
  const { lastMs, medianGapMs, broken, probesOff } = evidence;
  if (broken !== null) return stale(broken);
  if (probesOff >= 2) return stale("the book read by REST differs, twice in a row");
  const silentMs = nowMs - lastMs;
  const suspectMs = Math.max(times.bookSuspectMs, times.bookGaps * medianGapMs);
  if (silentMs > Math.max(times.bookStaleMs, suspectMs)) return stale(`no book for ${seconds(silentMs)}`);
  return silentMs > suspectMs ? suspect(`no book for ${seconds(silentMs)}`) : LIVE;
}

export interface TradesEvidence {
  /** When the book moved through the last traded price; null: it did not since. */
  readonly passedMs: number | null;
  /** Ids that were jumped over; null: none. */
  readonly jumped: string | null;
}

export function judgeTrades(evidence: TradesEvidence, times: StreamTimes, nowMs: number): Verdict {
  if (evidence.jumped !== null) return stale(evidence.jumped);
  if (evidence.passedMs !== null && nowMs - evidence.passedMs > times.tradesSuspectMs) {
    return suspect("the book moved through the last price and no trade was told");
  }
  return LIVE;
}

export interface OrdersEvidence {
  /** When the oldest acknowledged order nobody heard of was acknowledged; null: all were heard of. */
  readonly unheardMs: number | null;
  /** What a probe knew and the stream did not; null: nothing. */
  readonly missed: string | null;
}

export function judgeOrders(evidence: OrdersEvidence, times: StreamTimes, nowMs: number): Verdict {
  if (evidence.missed !== null) return stale(evidence.missed);
  if (evidence.unheardMs === null) return LIVE;
  const waitedMs = nowMs - evidence.unheardMs;
  const text = `an acknowledged order was not heard of for ${seconds(waitedMs)}`;
  if (waitedMs > times.ordersStaleMs) return stale(text);
  return waitedMs > times.ordersSuspectMs ? suspect(text) : LIVE;
}

/** `dueMs`: end of the oldest candle that should have been told as closed. */
export function judgeCandles(dueMs: number, times: StreamTimes, nowMs: number): Verdict {
  const lateMs = nowMs - dueMs;
  const text = `a closed candle is missing for ${seconds(lateMs)}`;
  if (lateMs > times.candlesStaleMs) return stale(text);
  return lateMs > times.candlesSuspectMs ? suspect(text) : LIVE;
}

export interface FundingEvidence {
  readonly lastMs: number;
  /** Exchange time of the next settlement as told; null: not told. */
  readonly nextAtMs: number | null;
  readonly exchangeNowMs: number;
}

export function judgeFunding(evidence: FundingEvidence, times: StreamTimes, nowMs: number): Verdict {
  const silentMs = nowMs - evidence.lastMs;
  const text = `no mark price for ${seconds(silentMs)}`;
  if (silentMs > times.fundingStaleMs) return stale(text);
  // the moment of the settlement itself: the next time is told with the next mark
  if (evidence.nextAtMs !== null && evidence.exchangeNowMs > evidence.nextAtMs + times.fundingSuspectMs) {
    return stale("the next settlement that was told has passed");
  }
  return silentMs > times.fundingSuspectMs ? suspect(text) : LIVE;
}

/** `off`: polls in a row that differed from what the stream told. */
export function judgeAccount(off: number): Verdict {
  if (off >= 2) return stale("the account read by REST differs, twice in a row");
  return off === 1 ? suspect("the account read by REST differs") : LIVE;
}
