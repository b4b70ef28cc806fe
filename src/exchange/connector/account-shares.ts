// Which part of the account's limits each engine says it may use (RISK-11). The connector is all that engines of one
// account have in common: it keeps what they say and tells each of all of them. It judges nothing and refuses no order.

import type { Clock } from "../../base/clock.ts";
import { RpcRefusal } from "../../rpc/refusal.ts";
import type { EngineShare } from "../../trading/account-event.ts";

/**
 * How long a silent engine keeps its share: as long as its orders may rest at most, the longest dead-man timer a bot
 * can have (RISK-50). One that ends in order says so at once.
 */
export const SHARE_KEPT_MS = 120_000;
/** A connector that began so lately may not have heard everybody yet: engines come back to it within this time. */
export const SHARES_GATHERED_MS = 30_000;
const ENGINES_MAX = 100;
const ALL_BPS = 10_000;

export interface SharesTold {
  /** Sorted by engine; the asking one is among them. */
  readonly shares: readonly EngineShare[];
  readonly sumBps: number;
  readonly complete: boolean;
}

export class AccountShares {
  private readonly machine: Clock;
  private readonly beganMs: number;
  private readonly heard = new Map<string, { readonly shareBps: number; readonly atMs: number }>();

  constructor(machine: Clock) {
    this.machine = machine;
    this.beganMs = machine.monotonicMs();
  }

  /** Takes what an engine says in place of what it said before; 0 ends it. Throws RESOURCE_EXHAUSTED above 100. */
  say(engine: string, shareBps: number): SharesTold {
    const nowMs = this.machine.monotonicMs();
    for (const [name, { atMs }] of this.heard) if (nowMs - atMs > SHARE_KEPT_MS) this.heard.delete(name);
    this.heard.delete(engine);
    if (shareBps > 0) {
      if (this.heard.size >= ENGINES_MAX) throw tooMany();
      this.heard.set(engine, { shareBps, atMs: nowMs });
    }
    const shares = [...this.heard]
      .map(([name, said]): EngineShare => ({ engine: name, shareBps: said.shareBps }))
      .toSorted((a, b) => (a.engine < b.engine ? -1 : 1));
    const sumBps = shares.reduce((sum, each) => sum + each.shareBps, 0);
    return { shares, sumBps, complete: nowMs - this.beganMs >= SHARES_GATHERED_MS };
  }
}

export const isShare = (bps: number): boolean => Number.isInteger(bps) && bps >= 0 && bps <= ALL_BPS;

const tooMany = (): RpcRefusal =>
  new RpcRefusal({
    status: "RESOURCE_EXHAUSTED",
    reason: "TOO_MANY",
    message: `${ENGINES_MAX} engines share this account, which is the most: stop one`,
    outcome: "not_sent",
  });
