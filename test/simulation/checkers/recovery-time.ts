// DUR-50 in virtual time: a run recovers. Its ten seconds are those of a round trip of 100 ms, and tests of the host hold
// them; here a request may be many seconds under way, so a minute tells slow from never. Counted where nothing
// disturbed it meanwhile: a cut network or an exchange that is away is no fault of the recovery.

import type { Checker, Evidence } from "./checker.ts";

const RECOVERED_MS = 60_000;

export function recoveryTime({ journal, nowMs, disturbedUntilMs, report }: Evidence): Checker {
  const name = "recovery-time";
  let startedMs: number | null = null;
  return {
    name,
    onEvent(_record, event) {
      if (event.kind === "run-started") startedMs = nowMs();
      else if (event.kind === "recovered" || event.kind === "stop-requested") startedMs = null;
    },
    onMoment({ nowMs: now, ableSinceMs }) {
      if (startedMs === null || now - startedMs <= RECOVERED_MS) return;
      // what the safety check refused never held an order: nothing waits for it
      const calm = journal.shadow.started && disturbedUntilMs() <= startedMs && ableSinceMs <= startedMs;
      if (calm) report(name, `not recovered ${now - startedMs} ms after its start, at most ${RECOVERED_MS} ms`);
      startedMs = null;
    },
    onGone() {
      startedMs = null;
    },
    onCut() {
      startedMs = null;
    },
  };
}
