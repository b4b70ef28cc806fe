// When what a bot alerted of is over, told from its own events: a feed that is fresh again, a condition of the machine
// that ended, a breaker that was closed. Channels say so after the alert (OPS-28); the engine decides nothing by it.

import type { TurnDone } from "../../host/loop.ts";
import { type Alert, type Cause, causeOf } from "../../observe/alerts/alert.ts";

export interface CauseEnd {
  readonly cause: Cause;
  /** A sentence without its full stop. */
  readonly text: string;
}

type About = Pick<Cause, "bot" | "instrument">;

/** What one turn ends, in its order. Asking again is harmless: what nobody was told of is not told to be over. */
export function endsOf({ events, effects }: Pick<TurnDone, "events" | "effects">, about: About): readonly CauseEnd[] {
  const ends: CauseEnd[] = [];
  const over = (code: string, facts: Alert["facts"], text: string): void => {
    ends.push({ cause: causeOf({ ...about, code, facts }), text });
  };
  for (const event of events) {
    if (event.kind === "feed" && event.state === "fresh")
      over("feed-stale", { feed: event.feed }, `The ${event.feed} feed is fresh`);
    if (event.kind === "host-condition" && !event.active) over(`host-${event.condition}`, {}, event.text);
  }
  for (const { effect } of effects) {
    if (effect.kind !== "alert" || effect.code !== "breaker-closed") continue;
    over("breaker-opened", { breaker: effect.facts["breaker"] ?? null }, effect.text);
  }
  return ends;
}
