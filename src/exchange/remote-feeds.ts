// How alive the connector's streams are and what became of each bot's dead-man timer, asked at the moment somebody
// wants to know (RISK-43). Nothing here remembers anything; ages are between two times of the connector's own clock.

import type { Feed } from "../rpc/generated/opensqt/market_maker/v1/events.ts";
import {
  FeedKind,
  FeedState,
  feedKindToJSON,
  feedStateToJSON,
  StreamKind,
} from "../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { RemoteConnection } from "./remote-connection.ts";

interface StreamTold {
  /** `book`, `orders` …, or what it is about: `clock`, `limits`, `credentials` … */
  readonly name: string;
  readonly symbol: string;
  readonly state: string;
  /** Since it last gave evidence; null: it never did. */
  readonly ageMs: number | null;
  /** What is being done about it. */
  readonly text: string;
}

export interface FeedsTold {
  readonly streams: readonly StreamTold[];
  /** By bot: what was last said of its timer. */
  readonly deadMan: ReadonlyMap<string, string>;
}

/** How the connector words what became of a bot's timer. */
const TIMER = /^(.+): (dead-man timer.*)$/;
const ANSWER_MS_MAX = 1_000;

/** Null where the connector does not tell within a second. */
export async function feedsNow({ client, exchange, timers }: RemoteConnection): Promise<FeedsTold | null> {
  const abort = new AbortController();
  const cancel = timers.after(ANSWER_MS_MAX, () => abort.abort());
  const streams: StreamTold[] = [];
  const deadMan = new Map<string, string>();
  try {
    for await (const { meta, feed } of client.subscribeFeeds({ exchange }, { signal: abort.signal })) {
      if (meta?.kind === StreamKind.SNAPSHOT_END) return { streams, deadMan };
      if (feed === undefined || meta === undefined) continue;
      const [, bot, words] = feed.kind === FeedKind.ORDERS ? (TIMER.exec(feed.action) ?? []) : [];
      if (bot !== undefined && words !== undefined) deadMan.set(bot, words);
      else streams.push(toldOf(feed, meta.sentAtMs));
    }
    return null;
  } catch {
    return null;
  } finally {
    cancel();
    abort.abort();
  }
}

function toldOf({ kind, symbol, state, lastEvidenceMs, action, subject }: Feed, sentAtMs: number): StreamTold {
  const name = subject === "" ? plainWord(feedKindToJSON(kind)) : subject;
  const ageMs = lastEvidenceMs === 0 ? null : Math.max(0, sentAtMs - lastEvidenceMs);
  const word = state === FeedState.UNSPECIFIED ? "unknown" : plainWord(feedStateToJSON(state));
  return { name, symbol, state: word, ageMs, text: action };
}

/** FEED_KIND_BOOK → book. */
const plainWord = (name: string): string => name.replace(/^FEED_(?:KIND|STATE)_/, "").toLowerCase();
