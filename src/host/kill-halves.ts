// Counts what the kill switch has sent and what was answered, for the crash points in the middle of both. Decides
// nothing.

import { crashPoint } from "../base/crash-point.ts";
import type { KillPhase } from "../risk/kill.ts";

export class KillHalves {
  private readonly phase: () => KillPhase;
  private sent = 0;
  private answered = 0;

  constructor(phase: () => KillPhase) {
    this.phase = phase;
  }

  cancelSent(): void {
    if (this.phase() === "cancelling") this.sent += 1;
  }

  cancelAnswered(): void {
    if (this.phase() !== "cancelling") return;
    this.answered += 1;
    if (this.answered === Math.max(1, this.sent >> 1)) crashPoint("kill.cancel-half");
  }

  /** While it flattens there are only closing orders: this one is at the exchange, and the position is not flat. */
  placeAnswered(): void {
    if (this.phase() === "flattening") crashPoint("kill.flatten-half");
  }
}
