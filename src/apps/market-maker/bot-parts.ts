// What a bot rests on, as /status tells it (RISK-43): its feeds with their age and limit, its breakers, the monitor,
// its journal and the disk. Read off the bot at the moment somebody asks; nothing here remembers anything.

import { MONITOR_BLIND_BLOCK, MONITOR_BLOCK } from "../../engine/names.ts";
import type { BotState } from "../../engine/state.ts";
import type { FleetBot } from "../../host/fleet/fleet-bot.ts";
import { EQUITY_AGE_MS_MAX } from "../../risk/room-checks.ts";

interface FeedPart {
  readonly name: string;
  readonly ok: boolean;
  /** By engine time; null where nothing came yet, or the feed speaks only when something happens. */
  readonly ageMs: number | null;
  readonly limitMs: number | null;
}

/** Null while the bot has no run that is live. Times in ms, room in bytes; null where it is not known. */
export function botParts({ id, store, host }: FleetBot): Readonly<Record<string, unknown>> | null {
  if (host === null) return null;
  const { state, clock, recording } = host;
  return {
    feeds: feedsOf(state, clock.nowMs()),
    breakers: [...state.breakers].map(([name, { phase, action }]) => ({ name, phase, action })),
    monitor: monitorOf(state),
    journal: { commitP99Ms: recording.commitP99Us / 1_000, freeBytes: store.freeBytes(id) },
  };
}

function feedsOf({ blocks, book, equity, limits }: BotState, nowMs: number): readonly FeedPart[] {
  const feed = (name: string, atMs: number | undefined, limitMs: number | null): FeedPart => {
    const ageMs = atMs === undefined ? null : Math.max(0, Math.round(nowMs - atMs));
    return { name, ok: !blocks.has(`feed-${name}`), ageMs, limitMs };
  };
  return [
    feed("book", book?.atMs, limits?.bookAgeMsMax ?? null),
    feed("orders", undefined, null),
    feed("account", equity?.atMs, EQUITY_AGE_MS_MAX),
  ];
}

function monitorOf({ limits, blocks }: BotState): "off" | "blind" | "triggered" | "watching" {
  if (limits?.monitor === undefined) return "off";
  if (blocks.has(MONITOR_BLIND_BLOCK)) return "blind";
  return blocks.has(MONITOR_BLOCK) ? "triggered" : "watching";
}
