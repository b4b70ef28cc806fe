// What an alert of the account machine says is over (OPS-28): by its code, as for a bot's.

import type { AlertOver, HostAlert } from "../context.ts";

/** Codes of breakers' openings: a closing ends whichever it was told by. */
const OPENINGS = ["breaker-opened", "margin", "account-share"] as const;

/** Asking again is harmless: what nobody was told of is not told to be over. */
export function endsOfAccount({ code, text, facts }: Pick<HostAlert, "code" | "text" | "facts">): readonly AlertOver[] {
  const over = (codes: readonly string[], about: AlertOver["facts"] = {}): readonly AlertOver[] =>
    codes.map((ended) => ({ code: ended, facts: about, text }));
  switch (code) {
    case "breaker-closed":
      return over(OPENINGS, { breaker: facts["breaker"] ?? null });
    case "kill-proved":
      return over(["kill-failed"]);
    case "kill-reset":
      return over(["kill", "kill-proved", "kill-failed"]);
    case "budget-drift-over":
      return over(["budget-drift"]);
    default:
      return [];
  }
}
