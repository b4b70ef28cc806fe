// The crash matrix on the real processes (DUR section 16): how each point is reached, or why it cannot be. A point that
// is not listed here, or listed as reachable and never passed, fails the run.

import type { CrashPoint } from "../../../src/base/crash-point.ts";
import type { StoreKind } from "./system-config.ts";

/**
 * `trading`: armed while orders are filled. `stopping`: armed, then SIGTERM. `starting`: armed at a start after a kill.
 * `settling`: as that, after a kill between a send and its reply. `reconfigured`: armed, then the operator changes the
 * bot. `killing`: armed, then the operator pulls the kill switch; a stage of its own, for the bot trades no more.
 * `connector`: armed in the connector while orders are filled.
 */
export type SystemWay = "trading" | "stopping" | "starting" | "settling" | "reconfigured" | "killing" | "connector";

export interface SystemReach {
  readonly way: SystemWay;
  readonly nthMax: number;
  /** Only there. */
  readonly store?: StoreKind;
}

export const SYSTEM_REACHABLE = {
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
  "send.batch-half-answered": { way: "trading", nthMax: 1 },
  "cancel.after-write": { way: "trading", nthMax: 2 },
  "settle.before-lookup": { way: "settling", nthMax: 1 },
  "settle.after-lookup": { way: "settling", nthMax: 1 },
  "stream.fill-received": { way: "trading", nthMax: 3 },
  "stream.between-partial-fills": { way: "trading", nthMax: 1 },
  "config.after-commit": { way: "reconfigured", nthMax: 1 },
  "snapshot.before-write": { way: "stopping", nthMax: 1 },
  "snapshot.half-written": { way: "stopping", nthMax: 1 },
  "snapshot.after-write": { way: "stopping", nthMax: 1 },
  // a database server moves its log by itself
  "checkpoint.middle": { way: "stopping", nthMax: 1, store: "sqlite" },
  "recover.after-lock": { way: "starting", nthMax: 1 },
  "recover.after-snapshot": { way: "starting", nthMax: 1 },
  "recover.replay-middle": { way: "starting", nthMax: 5 },
  "recover.settle-middle": { way: "settling", nthMax: 1 },
  "recover.after-backfill": { way: "starting", nthMax: 1 },
  "stop.after-no-new-risk": { way: "stopping", nthMax: 1 },
  "stop.cancel-half": { way: "stopping", nthMax: 1 },
  "stop.before-seal": { way: "stopping", nthMax: 1 },
  "kill.cancel-half": { way: "killing", nthMax: 1 },
  "kill.flatten-half": { way: "killing", nthMax: 1 },
  "connector.after-exchange-ack": { way: "connector", nthMax: 6 },
  "connector.stream-middle": { way: "connector", nthMax: 4 },
  "lease.before-renew": { way: "trading", nthMax: 1, store: "postgres" },
} as const satisfies Partial<Record<CrashPoint, SystemReach>>;

export const SYSTEM_UNREACHABLE = {
  "amend.after-write": "the grid places and cancels, it never amends",
  "settle.before-resend": "nothing resends: a place found absent is decided anew with a new id (DUR-48)",
  "grant.after-commit": "of the account journal: test/crash/account.test.ts kills a process there",
  "compact.after-archive": "no journal is a day old here: the port stage (crash.test.ts) kills there",
  "compact.after-delete": "no journal is a day old here: the port stage (crash.test.ts) kills there",
  "migrate.middle": "no journal here is of an older release: test/contract/journal-kill.test.ts kills there",
  "legs.first-filled": "arbitrage is not built",
  "legs.hedge-sent": "arbitrage is not built",
  "flow.after-start": "workflows of their own: test/contract/flows-dbos-cases.ts kills there",
  "flow.after-effect-before-result": "workflows of their own: test/contract/flows-dbos-cases.ts kills there",
} as const satisfies Partial<Record<CrashPoint, string>>;

/** Points whose passage dies again while it recovers: which, by turns. */
export const AGAIN = [
  "recover.after-lock",
  "recover.after-snapshot",
  "recover.replay-middle",
  "recover.after-backfill",
] as const satisfies readonly CrashPoint[];
