// What is known of a bot that throws: at which event, and whether another try by replay is worth it (RISK-19). Decides
// nothing else, and keeps nothing over the end of the process.

import type { Engine } from "../context.ts";

/** Recoveries by replay in an hour before a bot that keeps throwing stays down (RISK-19). */
const RECOVERIES_MAX = 3;
const HOUR_MS = 3_600_000;

export class Poison {
  /** Number of the event the last step threw at, in a run or a replay; 0 when none did. */
  thrownSeq = 0;
  private poisonedSeq: number | null = null;
  private recoveriesAtMs: number[] = [];

  /** A run that somebody asked for begins with a clean sheet. */
  clear(): void {
    this.poisonedSeq = null;
    this.thrownSeq = 0;
    this.recoveriesAtMs = [];
  }

  /** Remembers which event a step threw at, in replay too. */
  watched(engine: Engine): Engine {
    return {
      ...engine,
      step: (state, event) => {
        const before = state.seq;
        try {
          return engine.step(state, event);
        } catch (error) {
          this.thrownSeq = before + 1;
          throw error;
        }
      },
    };
  }

  /**
   * Whether the bot is tried again after it threw at event `seq` (null where no event is known) at `nowMs`, monotonic.
   * A yes counts as a recovery.
   */
  allowsRecovery(seq: number | null, nowMs: number): boolean {
    const recent = this.recoveriesAtMs.filter((atMs) => nowMs - atMs < HOUR_MS);
    if ((seq !== null && seq === this.poisonedSeq) || recent.length >= RECOVERIES_MAX) return false;
    this.poisonedSeq = seq;
    this.recoveriesAtMs = [...recent, nowMs];
    return true;
  }
}
