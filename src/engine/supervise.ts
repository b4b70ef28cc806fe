// The engine's own timers and feeds: cancels sent again, unknown orders reported, the cleaner's round, the reconciler's
// question. Everything else that fires belongs to the strategy.

import { milliTicks } from "../market/amounts.ts";
import { type CleanerFacts, cleanStep } from "../risk/cleaner.ts";
import { midOf } from "../risk/exposure.ts";
import type { StrategyInput } from "../strategy/contract.ts";
import type { FeedEvent, TimerEvent } from "../trading/event.ts";
import { armCleaner } from "./cleaning.ts";
import { watchFeeds } from "./feed-watch.ts";
import { BREAKER_TIMER, CANCEL_TIMER, CLEAN_TIMER, RECONCILE_TIMER, STANDING_TIMER, UNKNOWN_TIMER } from "./names.ts";
import type { BotState } from "./state.ts";
import type { Turn } from "./turn.ts";
import { lookAround } from "./watch.ts";

export function onTimer(turn: Turn, event: TimerEvent): readonly StrategyInput[] {
  const { state } = turn;
  state.timers.delete(event.name);
  switch (event.name) {
    case CANCEL_TIMER:
      // before recovery is over nothing goes out again; then all of it does
      if (state.phase !== "recovering") cancelAgain(turn);
      return [];
    case UNKNOWN_TIMER:
      reportUnknown(turn);
      return [];
    case CLEAN_TIMER:
      clean(turn);
      return [];
    case RECONCILE_TIMER:
      turn.reconcile({ code: "reconcile.timer" });
      turn.timer(RECONCILE_TIMER, state.nowMs + turn.limits.reconcileIntervalMs);
      return [];
    case BREAKER_TIMER:
      lookAround(turn);
      return [];
    case STANDING_TIMER:
      return [];
    default:
      return [{ kind: "timer", name: event.name }];
  }
}

/** Arms the periodic rounds; called when the bot begins to run. */
export function armRounds(turn: Turn): void {
  armCleaner(turn);
  turn.timer(RECONCILE_TIMER, turn.state.nowMs + turn.limits.reconcileIntervalMs);
}

/** Sends every cancel that was asked for and not answered by the order's end once more: safe, since cancels repeat. */
export function cancelAgain(turn: Turn): void {
  for (const order of turn.state.orders.values()) {
    if (order.cancelAsked) turn.cancel(order.clientOrderId, { code: "cancel.again" });
  }
}

function reportUnknown(turn: Turn): void {
  const { state } = turn;
  for (const order of state.orders.values()) {
    if (order.unknownSinceMs === null) continue;
    const facts = { clientOrderId: order.clientOrderId, sinceMs: order.unknownSinceMs };
    turn.alert("unknown-order", "error", "the outcome of an order is still not known; its slot stays blocked", facts);
  }
}

function clean(turn: Turn): void {
  const { state } = turn;
  armCleaner(turn);
  if (state.phase !== "running") return;
  for (const { clientOrderId, why } of cleanStep(turn.limits.cleaner, cleanerFacts(state))) {
    turn.cancel(clientOrderId, { code: "cancel.cleaner", why });
  }
}

function cleanerFacts(state: BotState): CleanerFacts {
  const { book, limits } = state;
  // a stale book has no mid: nothing is far from a price of long ago
  const fresh = book !== null && limits !== null && state.nowMs - book.atMs <= limits.bookAgeMsMax;
  const mid = fresh ? midOf(book.bids[0]?.[0] ?? null, book.asks[0]?.[0] ?? null) : null;
  return { nowMs: state.nowMs, live: state.orders.values(), mid: mid === null ? null : milliTicks(mid) };
}

/** Feeds without which nothing may open, and what their absence does. */
const FEED_BLOCKS = { book: "FREEZE", orders: "HOLD", account: "HOLD" } as const;
const blocks = (feed: string): feed is keyof typeof FEED_BLOCKS => Object.hasOwn(FEED_BLOCKS, feed);

/**
 * A stale book freezes, stale orders or account hold; when those are back, the exchange is read completely. Before the
 * bot runs a feed that is not there yet is no news: it holds the bot, and the host says when it stays away.
 */
export function onFeed(turn: Turn, event: FeedEvent): readonly StrategyInput[] {
  const { state } = turn;
  if (blocks(event.feed)) {
    const name = `feed-${event.feed}`;
    turn.gatesChanged = true;
    if (event.state === "fresh") state.blocks.delete(name);
    else {
      const level = FEED_BLOCKS[event.feed];
      const reason = `the ${event.feed} feed is stale`;
      state.blocks.set(name, { reason, sinceMs: state.nowMs, level, leg: "both", reducing: true });
      if (state.phase === "running") {
        // one alert a cause: the breaker's own would say the same
        turn.alert("feed-stale", "warning", `${reason}; no new risk until it is fresh`, { feed: event.feed });
      }
    }
    watchFeeds(turn, event.feed, event.state);
    if (event.feed !== "book" && event.state === "fresh") turn.reconcile({ code: "reconcile.fresh" });
  }
  return [{ kind: "feed", feed: event.feed, state: event.state }];
}
