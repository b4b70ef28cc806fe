// The highest run number seen of each bot (API-12): an engine that lost its lease and does not know it yet is refused.

import { RpcRefusal } from "../../rpc/refusal.ts";

/** Bots whose epochs are remembered; more is a client that makes ids up. */
const BOTS_MAX = 10_000;

/** What is known of the runs there were. */
export interface KnownRuns {
  readonly highest: ReadonlyMap<string, number>;
  /** Numbers were kept and cannot be read: whoever speaks first may be over. */
  readonly lost: boolean;
  /** Where they are kept, for people; absent where nowhere. */
  readonly where?: string;
}

/** Where the numbers are kept, so that a restart of the connector does not forget them. */
export interface FenceMemory {
  read(): KnownRuns;
  /** Before a higher number is let pass. */
  keep(runs: KnownRuns): void;
}

export const NO_FENCE_MEMORY: FenceMemory = {
  read: () => ({ highest: new Map(), lost: false }),
  keep: () => undefined,
};

export class Fence {
  private readonly memory: FenceMemory;
  private readonly highest: Map<string, number>;
  private readonly lost: boolean;
  private readonly where: string;
  /** Runs heard first after the numbers were lost, by bot: the next one is believed. */
  private readonly doubted = new Map<string, number>();

  constructor(memory: FenceMemory) {
    this.memory = memory;
    const { highest, lost, where = "the connector's memory" } = memory.read();
    this.highest = new Map(highest);
    this.where = where;
    this.lost = lost;
  }

  /**
   * Whether this run may place. Throws FAILED_PRECONDITION `FENCED` below the highest epoch seen; raises it above.
   * 0: the caller has none. Where the numbers were lost, the first run heard of a bot is refused as well: only one
   * that begins later is surely not over.
   */
  pass(botId: string, epoch: number): void {
    if (botId === "" || epoch === 0) {
      this.passWithout(botId);
      return;
    }
    const known = this.highest.get(botId);
    if (known === undefined && this.lost) {
      this.doubted.set(botId, epoch);
      this.raise(botId, epoch + 1);
    }
    if (this.doubted.get(botId) === epoch) throw doubtful(botId, epoch, this.where);
    const highest = known ?? 0;
    if (epoch < highest) throw fenced(botId, epoch, highest);
    if (epoch > highest) this.raise(botId, epoch);
  }

  /** Whether this run may arm its dead-man switch, which places nothing: one in doubt may. Throws as `pass`. */
  passArming(botId: string, epoch: number): void {
    const isNew = !this.highest.has(botId);
    if ((isNew && this.lost) || (epoch !== 0 && this.doubted.get(botId) === epoch)) return;
    this.pass(botId, epoch);
  }

  private raise(botId: string, epoch: number): void {
    this.highest.delete(botId);
    this.highest.set(botId, epoch);
    if (this.highest.size > BOTS_MAX) this.dropOldest();
    this.memory.keep({ highest: this.highest, lost: this.lost });
  }

  private dropOldest(): void {
    for (const oldest of this.highest.keys()) {
      this.highest.delete(oldest);
      this.doubted.delete(oldest);
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
  refusalWith(
    { bot_id: botId, highest_epoch: String(highest) },
    `run ${epoch} of bot ${botId} is over: run ${highest} has taken its place; stop this engine`,
  );

const doubtful = (botId: string, epoch: number, where: string): RpcRefusal =>
  refusalWith(
    { bot_id: botId },
    `whether run ${epoch} of bot ${botId} is over cannot be told, since the numbers of runs in ${where} were lost: ` +
      "make sure that no other copy of the bot runs, then restart it; " +
      "to spare other bots this, stop the connector and remove that file once no old engine runs",
  );

const refusalWith = (metadata: Readonly<Record<string, string>>, message: string): RpcRefusal =>
  new RpcRefusal({ status: "FAILED_PRECONDITION", reason: "FENCED", message, outcome: "not_sent", metadata });
