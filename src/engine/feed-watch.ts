// The breaker of stale feeds (RISK-18, RISK-20): it opens when a feed the bot needs goes stale while it runs, and
// closes when all of them have been fresh for 10 s, so that a feed that flickers does not trade.

import type { FeedEvent } from "../trading/event.ts";
import { armBreakers, trip } from "./breakers.ts";
import type { Turn } from "./turn.ts";
import { allFresh, FRESH_MS } from "./watch.ts";
import { watched } from "./watched.ts";

/** A stale book takes the entries from the exchange; without orders or account what rests is left alone (RISK-20). */
const ACTIONS = { book: "O", orders: "P", account: "P" } as const;

/** Called with each word on a needed feed, after its block was set or taken away. */
export function watchFeeds(turn: Turn, feed: keyof typeof ACTIONS, word: FeedEvent["state"]): void {
  const { state } = turn;
  const { history } = state;
  if (word === "fresh") {
    if (allFresh(state)) history.freshSinceMs ??= state.nowMs;
    if (state.breakers.has("stale-feed") && history.freshSinceMs !== null) {
      armBreakers(turn, history.freshSinceMs + FRESH_MS);
    }
    return;
  }
  history.freshSinceMs = null;
  const limits = watched(state);
  if (limits === null) return;
  const action = feed === "account" && limits.stalePolicy === "exit" ? "F" : ACTIONS[feed];
  trip(turn, "stale-feed", { reason: `opened: the ${feed} feed is stale`, action, told: null });
}
