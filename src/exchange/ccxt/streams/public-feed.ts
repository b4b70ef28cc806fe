// What every public stream of one instrument has in common, and what it is given to work with.

import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../observe/log.ts";
import type { CallWish, Priority } from "../call.ts";
import type { CcxtInstance } from "../ccxt-instance.ts";
import type { CcxtReads } from "../ccxt-reads.ts";
import type { CcxtInstrument } from "../instruments.ts";
import type { HealthBoard } from "./health-board.ts";
import type { PublicNews, StreamTable, Topic } from "./stream-table.ts";
import type { StreamTimes } from "./times.ts";

export interface PublicFeed {
  readonly topic: Topic;
  news(news: PublicNews): void;
  /** The socket works. `planned`: nothing was missed. */
  up(planned: boolean): void;
  down(text: string): void;
  judge(nowMs: number): void;
  close(): void;
}

export interface FeedParts {
  readonly instance: CcxtInstance;
  readonly streams: StreamTable;
  readonly reads: CcxtReads;
  readonly board: HealthBoard;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: StreamTimes;
  /** As it is now: ticks and lots may change. Null: not known any more. */
  instrument(symbol: string): CcxtInstrument | null;
  /** The stream of a topic is asked for anew on its socket. */
  again(topic: Topic): void;
}

/** Milliseconds a read may take. */
const READ_MS = 10_000;

/** A read that may take ten seconds. */
export function readWish(clock: Clock, priority: Priority): CallWish {
  const deadlineMs = clock.nowMs() + READ_MS;
  return { priority, waitUntilMs: deadlineMs, deadlineMs, expiresAtMs: null };
}
