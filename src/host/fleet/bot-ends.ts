// What the fleet alerts of when a bot's run ended otherwise than by a stop, in words. Functions; nothing is kept.

import type { OwnAlert } from "../context.ts";
import type { HostEnd } from "../host-error.ts";

/** Ends that are the journal's, by the code of their alert (RISK-42). */
const JOURNAL_ENDS: Readonly<Record<string, string | undefined>> = {
  JOURNAL_DIFFERS: "replay-differs",
  JOURNAL_CORRUPT: "journal-corrupt",
  JOURNAL_NO_BASE: "journal-corrupt",
  JOURNAL_BEHIND: "journal-behind",
  JOURNAL_BEHIND_EXCHANGE: "journal-behind",
  JOURNAL_TOO_NEW: "journal-too-new",
  CANNOT_WRITE: "journal-cannot-write",
};

/** It ended, and stays ended until somebody starts it. */
export function endAlert({ code, text }: HostEnd): OwnAlert {
  return { code: JOURNAL_ENDS[code] ?? "bot-ended", severity: "critical", text, facts: { code } };
}

/** It is put aside; `seq`: the event a step threw at or did not end at, `position` in lots where it is known. */
export function quarantineAlert(end: HostEnd, seq: number, position: number | null): OwnAlert {
  const text = `poisoned at seq ${seq}: ${end.text}; it stays down, its position stays open, the others trade on`;
  return { code: "bot-quarantined", severity: "critical", text, facts: { seq, position } };
}

/** Its orders were to be cancelled, and these may be left. */
export function remainAlert(left: readonly string[]): OwnAlert {
  const text = `own orders of the quarantined bot may remain on the exchange: ${left.join(", ")}`;
  return { code: "orders-remain", severity: "critical", text, facts: { orders: left.length } };
}
