// The numbers by which the streams of a real exchange are judged and dialled (EXCH-22, 23, 42 to 45), all in
// milliseconds unless named otherwise. Configuration may change each of them.

import { REDIAL_WAITS_MS } from "../../../rpc/backoff.ts";

export interface StreamTimes {
  /** A book is suspect after this silence, or after `bookGaps` times the median gap of its frames if that is longer. */
  readonly bookSuspectMs: number;
  readonly bookGaps: number;
  readonly bookStaleMs: number;
  /** How often the best prices are compared with a book read by REST, and by how many ticks they may differ. */
  readonly bookProbeMs: number;
  readonly bookProbeTicks: number;
  /** The book moved through a price and nobody traded for this long. */
  readonly tradesSuspectMs: number;
  /** An acknowledged order nobody heard of. */
  readonly ordersSuspectMs: number;
  readonly ordersStaleMs: number;
  /**
   * How often open orders and the newest fill are compared with REST, and how often while orders are stale. With the
   * grace and the way back, what a stream left out is told within 15 s (EXCH-51, case 9).
   */
  readonly ordersProbeMs: number;
  readonly ordersPollMs: number;
  /** How long the stream may take to tell what a probe has seen already. */
  readonly probeGraceMs: number;
  /** A closed candle is missing so long after its end. */
  readonly candlesSuspectMs: number;
  readonly candlesStaleMs: number;
  /** No mark price. */
  readonly fundingSuspectMs: number;
  readonly fundingStaleMs: number;
  readonly accountProbeMs: number;
  /** After something happened the account is read again, at most this often. */
  readonly accountPauseMs: number;
  /** Every stream is judged this often; a decision reaches the engine at once. */
  readonly judgeMs: number;
  /** Waits before dialling again, one after the other; the last one repeats. */
  readonly redialWaitsMs: readonly number[];
  /** A socket that lived so long makes the next wait the first one. */
  readonly steadyMs: number;
  /** Between two dials of one account. */
  readonly dialGapMs: number;
  /** A subscription without a first frame. */
  readonly firstFrameMs: number;
  /** A socket is replaced before its known end. */
  readonly socketLifeMs: number;
  readonly keyRenewMs: number;
  /** How long a subscription outlives its last user. */
  readonly lingerMs: number;
  /** How far before the newest fill a read begins (EXCH-44). */
  readonly fillOverlapMs: number;
}

export const STREAM_TIMES: StreamTimes = {
  bookSuspectMs: 2_000,
  bookGaps: 20,
  bookStaleMs: 5_000,
  bookProbeMs: 30_000,
  bookProbeTicks: 10,
  tradesSuspectMs: 10_000,
  ordersSuspectMs: 3_000,
  ordersStaleMs: 6_000,
  ordersProbeMs: 12_000,
  ordersPollMs: 2_000,
  probeGraceMs: 2_000,
  candlesSuspectMs: 10_000,
  candlesStaleMs: 30_000,
  fundingSuspectMs: 10_000,
  fundingStaleMs: 60_000,
  accountProbeMs: 15_000,
  accountPauseMs: 2_000,
  judgeMs: 100,
  redialWaitsMs: REDIAL_WAITS_MS,
  steadyMs: 60_000,
  dialGapMs: 350,
  firstFrameMs: 5_000,
  socketLifeMs: 23 * 3_600_000,
  keyRenewMs: 25 * 60_000,
  lingerMs: 250,
  fillOverlapMs: 5_000,
};
