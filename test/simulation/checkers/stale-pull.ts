// A stale book takes the opening orders away: each has its cancel on the wire a second after the word "stale", and no
// entry is decided before the book is fresh again.

import type { Checker, Evidence, Moment } from "./checker.ts";

const PULL_MS = 1_000;

export function stalePull({ journal, nowMs, report }: Evidence): Checker {
  const name = "stale-pull";
  /** Event that called the book stale; infinite while it is fresh. */
  let staleFrom = Number.POSITIVE_INFINITY;
  /** When the pull must be over; null: nothing is awaited. */
  let untilMs: number | null = null;
  const entries = new Set<string>();
  const cancelled = new Set<string>();

  const forget = (): void => {
    staleFrom = Number.POSITIVE_INFINITY;
    untilMs = null;
  };

  function judge({ ableSinceMs }: Moment): void {
    const began = (untilMs ?? 0) - PULL_MS;
    untilMs = null;
    // a frozen or cut off process could not
    if (ableSinceMs > began || journal.shadow.phase !== "running") return;
    for (const { clientOrderId, place, status } of journal.shadow.orders.values()) {
      const open = place === "acknowledged" && status === "open";
      if (open && entries.has(clientOrderId) && !cancelled.has(clientOrderId))
        report(name, `${clientOrderId} is an entry and rests a second after its book was called stale`);
    }
  }

  return {
    name,
    onEvent({ seq }, event) {
      if (event.kind === "run-started") forget();
      if (event.kind !== "feed" || event.feed !== "book") return;
      if (event.state === "fresh") forget();
      else if (journal.shadow.phase === "running" && untilMs === null) {
        staleFrom = Math.min(staleFrom, seq);
        untilMs = nowMs() + PULL_MS;
      }
    },
    onEffect({ seq }, effect) {
      if (effect.kind !== "place" || !effect.because.code.startsWith("entry.")) return;
      entries.add(effect.clientOrderId);
      if (seq >= staleFrom) report(name, `${effect.clientOrderId} at event ${seq} is an entry on a stale book`);
    },
    onSent(sent) {
      if (sent.kind === "cancel") cancelled.add(sent.clientOrderId);
    },
    onMoment(moment) {
      if (untilMs !== null && moment.nowMs > untilMs) judge(moment);
    },
    onCut() {
      forget();
      entries.clear();
    },
  };
}
