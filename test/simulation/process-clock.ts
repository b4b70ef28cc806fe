// The clock as one machine shows it: true time plus an error that may jump and drift, and the time a process spent
// inside one turn (a slow disk). Wakes follow the rules of the wall clock: at or after their time, never early
// (TEST-P30).

import type { Clock } from "../../src/base/clock.ts";
import type { VirtualClock } from "../../src/base/virtual-clock.ts";

/** The wall clock's error, shared by all processes of the machine. */
export class MachineClock {
  readonly world: VirtualClock;
  private offsetUs = 0;
  private driftPpm = 0;
  private driftsSinceUs = 0;

  constructor(world: VirtualClock) {
    this.world = world;
  }

  /** Unix µs as the machine believes. */
  wallUs(): number {
    const us = this.world.nowUs();
    return us + this.offsetUs + Math.round(((us - this.driftsSinceUs) * this.driftPpm) / 1_000_000);
  }

  step(ms: number): void {
    this.offsetUs += ms * 1000;
  }

  drift(ppm: number): void {
    this.offsetUs = this.wallUs() - this.world.nowUs();
    this.driftsSinceUs = this.world.nowUs();
    this.driftPpm = ppm;
  }

  /** The time service has set it right. */
  correct(): void {
    this.offsetUs = 0;
    this.driftPpm = 0;
  }
}

const LOOK_AGAIN_MS = 10_000;

export interface ClockGate {
  /** Runs code of the process when it may run; not at all when it is dead. */
  through(run: () => void): void;
  /** Time spent in the turn under way, µs. */
  readonly debtUs: number;
}

export class ProcessClock implements Clock {
  private readonly machine: MachineClock;
  private readonly gate: ClockGate;
  private readonly bornUs: number;
  /** Wakes that are armed. */
  armed = 0;

  constructor(machine: MachineClock, gate: ClockGate) {
    this.machine = machine;
    this.gate = gate;
    this.bornUs = machine.world.nowUs();
  }

  nowMs(): number {
    return Math.floor((this.machine.wallUs() + this.gate.debtUs) / 1000);
  }

  monotonicMs(): number {
    return (this.machine.world.nowUs() + this.gate.debtUs - this.bornUs) / 1000;
  }

  at(atMs: number, wake: () => void): () => void {
    let open = true;
    let cancel = (): void => {};
    this.armed += 1;
    const end = (): void => {
      if (open) this.armed -= 1;
      open = false;
    };
    const sleep = (): void => {
      const leftMs = Math.max(0, atMs - this.nowMs());
      const { world } = this.machine;
      // as the clock of the machine is waited for: looked at again once in ten seconds
      const pieceMs = Math.min(leftMs, LOOK_AGAIN_MS);
      cancel = world.atUs(world.nowUs() + this.gate.debtUs + pieceMs * 1000, () =>
        this.gate.through(() => {
          if (!open) return;
          if (this.nowMs() < atMs) {
            sleep();
            return;
          }
          end();
          wake();
        }),
      );
    };
    sleep();
    return () => {
      end();
      cancel();
    };
  }
}
