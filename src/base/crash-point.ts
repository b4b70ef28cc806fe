// Named places where a crash test may kill the process (DUR section 16). A call is empty unless a test sets a hook; the
// hook, not this file, knows how to die. Production code only names where it stands.

/** The 44 points, in the order of the crash matrix: point n is `CRASH_POINTS[n - 1]`. */
export const CRASH_POINTS = [
  "turn.before-events-commit",
  "turn.after-events-commit",
  "turn.after-step",
  "turn.before-effects-commit",
  "turn.after-effects-commit",
  "turn.after-sync",
  "send.before-write",
  "send.after-write",
  "send.after-reply",
  "send.outcome-queued",
  "send.batch-half-answered",
  "cancel.after-write",
  "amend.after-write",
  "settle.before-lookup",
  "settle.after-lookup",
  "settle.before-resend",
  "stream.fill-received",
  "stream.between-partial-fills",
  "config.after-commit",
  "grant.after-commit",
  "snapshot.before-write",
  "snapshot.half-written",
  "snapshot.after-write",
  "checkpoint.middle",
  "compact.after-archive",
  "compact.after-delete",
  "migrate.middle",
  "recover.after-lock",
  "recover.after-snapshot",
  "recover.replay-middle",
  "recover.settle-middle",
  "recover.after-backfill",
  "stop.after-no-new-risk",
  "stop.cancel-half",
  "stop.before-seal",
  "kill.cancel-half",
  "kill.flatten-half",
  "legs.first-filled",
  "legs.hedge-sent",
  "connector.after-exchange-ack",
  "connector.stream-middle",
  "lease.before-renew",
  "flow.after-start",
  "flow.after-effect-before-result",
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

const none = (): void => {};
let hook: (name: CrashPoint) => void = none;

/** Sets what happens at every point; null makes them empty again. */
export function setCrashPoint(next: ((name: CrashPoint) => void) | null): void {
  hook = next ?? none;
}

/** Says that the process stands at this point. */
export function crashPoint(name: CrashPoint): void {
  hook(name);
}
