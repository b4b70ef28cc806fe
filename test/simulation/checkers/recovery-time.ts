// DUR-50 in virtual time: from the start of a run to its recovery in ten seconds at most. Counted where nothing
// disturbed it meanwhile: a cut network or an exchange that is away is no fault of the recovery.

import type { Checker, Evidence } from "./checker.ts";

const RECOVERED_MS = 10_000;

export function recoveryTime({ nowMs, disturbedUntilMs, report }: Evidence): Checker {
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
      const calm = disturbedUntilMs() <= startedMs && ableSinceMs <= startedMs;
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
