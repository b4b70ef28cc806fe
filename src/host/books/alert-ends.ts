// When what a bot alerted of is over, told from its own events: a feed that is fresh again, a condition of the machine
// that ended, a breaker that was closed, books that agree with the exchange. Channels and the console say so after the
// alert (OPS-28); the engine decides nothing by it.

import { type Alert, type Cause, causeOf } from "../../observe/alerts/alert.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent } from "../../trading/event.ts";

export interface CauseEnd {
  readonly cause: Cause;
  /** A sentence without its full stop. */
  readonly text: string;
}

type About = Pick<Cause, "bot" | "instrument">;
type AlertEffect = Extract<Effect, { readonly kind: "alert" }>;
type Said = readonly [code: string, text: string, facts?: Alert["facts"]];

/** What ends with a run that is recovered: how an earlier one ended, and what was seen before the exchange was read. */
const OVER_WITH_RECOVERY = [
  "bot-crashed",
  "bot-ended",
  "bot-quarantined",
  "orders-remain",
  "stopping",
  "clock-jumped",
  "replay-differs",
  "journal-corrupt",
  "journal-behind",
  "journal-too-new",
  "journal-cannot-write",
];

/** What the opening of a breaker is told by: its closing ends whichever it was. */
const OPENINGS = ["breaker-opened", "margin", "liquidation"];

/**
 * What one event ends. Asking again is harmless: what nobody was told of is not told to be over. `raised`: codes of the
 * alerts it caused itself.
 */
export function endsOfEvent(event: EngineEvent, about: About, raised: ReadonlySet<string>): readonly CauseEnd[] {
  return saidByEvent(event)
    .filter(([code]) => !raised.has(code))
    .map(([code, text, facts = {}]) => ({ cause: causeOf({ ...about, code, facts }), text }));
}

/** What one alert ends by being raised. */
export function endsOfAlert(alert: AlertEffect, about: About): readonly CauseEnd[] {
  return saidByAlert(alert).map(([code, text, facts = {}]) => ({ cause: causeOf({ ...about, code, facts }), text }));
}

function saidByEvent(event: EngineEvent): readonly Said[] {
  if (event.kind === "feed") return event.state === "fresh" ? saidOfFresh(event.feed) : [];
  if (event.kind === "host-condition") return event.active ? [] : [[`host-${event.condition}`, event.text]];
  if (event.kind === "recovered") return OVER_WITH_RECOVERY.map((code) => [code, "The bot runs again"]);
  if (event.kind === "start-facts") {
    return ["start-refused", "start-warning"].map((code) => [code, "A later start was checked and found nothing"]);
  }
  if (event.kind === "exchange-state") return [["clock-jumped", "The exchange was read again"]];
  return event.kind === "command" ? saidByCommand(event.command.name, event.by) : [];
}

/** An alert without a feed was told of all of them: the first that is fresh was read anew like the others. */
function saidOfFresh(feed: string): readonly Said[] {
  const text = `The ${feed} feed is fresh`;
  return [
    ["feed-stale", text, { feed }],
    ["feed-stale", text],
  ];
}

function saidByCommand(name: string, by: string): readonly Said[] {
  if (name === "killReset") {
    return ["kill", "kill-proved", "kill-failed"].map((code) => [code, `The kill was reset by ${by}`]);
  }
  if (name === "resume") return [["stop", `${by} let it go on`]];
  return [];
}

/** What the engine says once something is well again, and what that ends. */
function saidByAlert({ code, text, facts }: AlertEffect): readonly Said[] {
  switch (code) {
    case "breaker-closed":
      return OPENINGS.map((opened) => [opened, text, { breaker: facts["breaker"] ?? null }]);
    case "kill-proved":
      return [["kill-failed", text]];
    case "adjusted":
    case "reconcile-accepted":
      return [["divergence", text]];
    case "relattice":
      return [
        ["relattice-refused", text],
        ["instrument", text],
      ];
    case "config":
      return [["config-refused", text]];
    default:
      return [];
  }
}
