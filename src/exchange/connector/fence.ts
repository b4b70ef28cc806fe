// The highest run number seen of each bot (API-12): an engine that lost its lease and does not know it yet is refused.

import { RpcRefusal } from "../../rpc/refusal.ts";

/** Bots whose epochs are remembered; more is a client that makes ids up. */
const BOTS_MAX = 10_000;

/** Where the numbers are kept, so that a restart of the connector does not forget them. */
export interface FenceMemory {
  read(): ReadonlyMap<string, number>;
  /** Before a higher number is let pass. */
  keep(highest: ReadonlyMap<string, number>): void;
}

export const NO_FENCE_MEMORY: FenceMemory = { read: () => new Map(), keep: () => undefined };

export class Fence {
  private readonly memory: FenceMemory;
  private readonly highest: Map<string, number>;

  constructor(memory: FenceMemory) {
    this.memory = memory;
    this.highest = new Map(memory.read());
  }

  /** Throws FAILED_PRECONDITION `FENCED` below the highest epoch seen; raises it above. 0: the caller has none. */
  pass(botId: string, epoch: number): void {
    if (botId === "" || epoch === 0) {
      this.passWithout(botId);
      return;
    }
    const highest = this.highest.get(botId) ?? 0;
    if (epoch < highest) throw fenced(botId, epoch, highest);
    if (epoch === highest) return;
    this.highest.delete(botId);
    this.highest.set(botId, epoch);
    if (this.highest.size > BOTS_MAX) this.dropOldest();
    this.memory.keep(this.highest);
  }

  private dropOldest(): void {
    for (const oldest of this.highest.keys()) {
      this.highest.delete(oldest);
      return;
    }
  }

  /** A bot that once said its epoch always says it. */
  private passWithout(botId: string): void {
    const highest = this.highest.get(botId);
    if (highest !== undefined && botId !== "") throw fenced(botId, 0, highest);
  }
}

const fenced = (botId: string, epoch: number, highest: number): RpcRefusal =>
  new RpcRefusal({
    status: "FAILED_PRECONDITION",
    reason: "FENCED",
    message: `run ${epoch} of bot ${botId} is over: run ${highest} has taken its place; stop this engine`,
    outcome: "not_sent",
    metadata: { bot_id: botId, highest_epoch: String(highest) },
  });
