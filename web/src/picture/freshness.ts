// How old what one sees is (UI-04): by receipt on the page's own clock and by the feeds' own word, never by market time.

import type { Feed } from "../../../src/live/messages.ts";
import { span } from "../money/show.ts";
import type { Picture } from "./picture.ts";

export interface Age {
  readonly stale: boolean;
  readonly ageMs: number;
  /** The feed that is late, or why else. */
  readonly feed: string;
}

/** The server tells the feeds once a second: silent for longer than this, it says nothing of any age (UI-04). */
export const QUIET_MS = 5000;

export const FRESH: Age = { stale: false, ageMs: 0, feed: "" };

/** Every feed of every source. */
export const allFeeds = (picture: Picture): readonly Feed[] =>
  [...picture.feeds.values()].flatMap((each) => each.feeds);

/** The age of what feeds of these kinds carry for this instrument; `symbol` empty: of any. */
export function ageOf(picture: Picture, kinds: readonly string[], symbol: string, nowMs: number): Age {
  const { link } = picture;
  if (link.state !== "open") return { stale: true, ageMs: Math.max(0, nowMs - link.since), feed: "live-server" };
  const heard = picture.receipts.get("feeds") ?? nowMs;
  if (nowMs - heard > QUIET_MS) return { stale: true, ageMs: nowMs - heard, feed: "live-server" };
  for (const feed of allFeeds(picture)) {
    if (!kinds.includes(feed.kind) && feed.kind !== "SOURCE") continue;
    if (symbol !== "" && feed.symbol !== "" && feed.symbol !== symbol) continue;
    if (feed.state === "LIVE" || feed.state === "SUSPECT") continue;
    const ageMs = feed.ageMs + Math.max(0, nowMs - heard);
    return { stale: true, ageMs, feed: `${feed.source} ${feed.kind.toLowerCase()}` };
  }
  return FRESH;
}

/** "12 s old", empty while fresh. */
export const ageText = (age: Age): string => (age.stale ? `${span(age.ageMs)} old` : "");
