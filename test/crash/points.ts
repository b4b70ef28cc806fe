// The crash matrix as far as one bot on SQLite goes (DUR section 16): how each point is reached, or why it cannot be. A
// point that is not listed here, or listed as reachable and never passed, fails the run.

import type { CrashPoint } from "../../src/base/crash-point.ts";

/**
 * `trading`: armed while orders are filled. `stopping`: armed, then SIGTERM. `starting`: armed at a start after a kill.
 * `settling`: as that, after a kill between a send and its reply, so that an order is unknown. `reconfigured`: armed at
 * a start with another configuration.
 */
export type Way = "trading" | "stopping" | "starting" | "settling" | "reconfigured";

/** How to die at a point: at one of its first `nthMax` passages. */
export interface Reach {
  readonly way: Way;
  readonly nthMax: number;
}

export const REACHABLE = {
  "turn.before-events-commit": { way: "trading", nthMax: 40 },
  "turn.after-events-commit": { way: "trading", nthMax: 40 },
  "turn.after-step": { way: "trading", nthMax: 40 },
  "turn.before-effects-commit": { way: "trading", nthMax: 40 },
  "turn.after-effects-commit": { way: "trading", nthMax: 40 },
  "turn.after-sync": { way: "trading", nthMax: 40 },
  "send.before-write": { way: "trading", nthMax: 6 },
  "send.after-write": { way: "trading", nthMax: 6 },
  "send.after-reply": { way: "trading", nthMax: 6 },
  "send.outcome-queued": { way: "trading", nthMax: 6 },
  "send.batch-half-answered": { way: "trading", nthMax: 2 },
  "cancel.after-write": { way: "trading", nthMax: 3 },
  "settle.before-lookup": { way: "settling", nthMax: 1 },
  "settle.after-lookup": { way: "settling", nthMax: 1 },
  "stream.fill-received": { way: "trading", nthMax: 4 },
  "stream.between-partial-fills": { way: "trading", nthMax: 1 },
  "config.after-commit": { way: "reconfigured", nthMax: 1 },
  "snapshot.before-write": { way: "trading", nthMax: 1 },
  "snapshot.half-written": { way: "trading", nthMax: 1 },
  "snapshot.after-write": { way: "trading", nthMax: 1 },
  "checkpoint.middle": { way: "stopping", nthMax: 1 },
  "compact.after-archive": { way: "trading", nthMax: 2 },
  "compact.after-delete": { way: "trading", nthMax: 2 },
  "recover.after-lock": { way: "starting", nthMax: 1 },
  "recover.after-snapshot": { way: "starting", nthMax: 1 },
  "recover.replay-middle": { way: "starting", nthMax: 5 },
  "recover.settle-middle": { way: "settling", nthMax: 1 },
  "recover.after-backfill": { way: "starting", nthMax: 1 },
  "stop.after-no-new-risk": { way: "stopping", nthMax: 1 },
  "stop.cancel-half": { way: "stopping", nthMax: 1 },
  "stop.before-seal": { way: "stopping", nthMax: 1 },
} as const satisfies Partial<Record<CrashPoint, Reach>>;

/** Passed once more in a turn that books a fill: money must not be lost between the halves of a turn. */
export const WITH_A_FILL = [
  "turn.before-events-commit",
  "turn.after-events-commit",
  "turn.after-step",
  "turn.before-effects-commit",
  "turn.after-effects-commit",
] as const satisfies readonly CrashPoint[];

export const UNREACHABLE = {
  "amend.after-write": "the grid places and cancels, it never amends",
  "settle.before-resend": "a quote found absent is decided anew, never sent again (DUR-48)",
  "grant.after-commit": "it is of the account journal: account.test.ts kills a process there",
  "migrate.middle": "no journal is older than this release; the contract suite kills there with an older one",
  "kill.cancel-half": "the system stage kills there: nobody pulls a switch here",
  "kill.flatten-half": "the system stage kills there: nobody pulls a switch here",
  "legs.first-filled": "arbitrage is another strategy",
  "legs.hedge-sent": "arbitrage is another strategy",
  "connector.after-exchange-ack": "the exchange port is in the bot's process; the system stage kills a connector there",
  "connector.stream-middle": "the exchange port is in the bot's process; the system stage kills a connector there",
  "lease.before-renew": "leases come with Postgres: the system stage kills there",
  "flow.after-start": "workflows come with Postgres; test/contract/flows-dbos-cases.ts kills there",
  "flow.after-effect-before-result": "workflows come with Postgres; test/contract/flows-dbos-cases.ts kills there",
} as const satisfies Partial<Record<CrashPoint, string>>;
