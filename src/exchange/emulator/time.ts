// The emulator's time (EMU-04): the machine's, a multiple of it, or moved by hand. One heap of wakes serves all three,
// so that what expires, expires alike. It wakes nobody by itself: the pump does, at the times it is told to look.

import type { Clock } from "../../base/clock.ts";
import { VirtualClock } from "../../base/virtual-clock.ts";
import type { EmulatorClock } from "./world.ts";

export type ClockMode = EmulatorClock["mode"];

/** The machine's own clock and timers. */
export const MACHINE: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  at: (atMs, wake) => {
    const timer = setTimeout(wake, Math.max(0, atMs - Date.now()));
    return () => clearTimeout(timer);
  },
};

export interface TimeOptions {
  readonly mode: ClockMode;
  /** Emulated milliseconds in one of the machine's; only where the mode is `paced`. */
  readonly speed: number;
  /** Unix ms at which it begins. */
  readonly startMs: number;
  readonly machine: Clock;
}

export class EmulatorTime implements EmulatorClock {
  mode: ClockMode;
  /** Emulated milliseconds in one of the machine's; 0 while time is moved by hand. */
  speed: number;
  /** What is due when; stands at the time up to which everything has happened. */
  readonly wakes: VirtualClock;
  private readonly machine: Clock;
  private anchorUs: number;
  private anchorMachineMs: number;
  private readonly changed = new Set<() => void>();

  constructor({ mode, speed, startMs, machine }: TimeOptions) {
    this.mode = mode;
    this.speed = speedOf(mode, speed);
    this.machine = machine;
    this.wakes = new VirtualClock(startMs);
    this.anchorUs = startMs * 1000;
    this.anchorMachineMs = machine.monotonicMs();
  }

  nowUs(): number {
    if (this.speed === 0) return this.wakes.nowUs();
    const passedMs = this.machine.monotonicMs() - this.anchorMachineMs;
    return Math.max(this.wakes.nowUs(), this.anchorUs + Math.floor(passedMs * 1000 * this.speed));
  }

  nowMs(): number {
    return Math.floor(this.nowUs() / 1000);
  }

  at(atMs: number, act: () => void): () => void {
    const end = this.wakes.at(Math.max(atMs, this.wakes.nowMs()), act);
    for (const tell of this.changed) tell();
    return end;
  }

  /** From now on in another mode, going on where it stands. */
  set(mode: ClockMode, speed: number): void {
    const nowUs = this.nowUs();
    this.mode = mode;
    this.speed = speedOf(mode, speed);
    this.anchorUs = nowUs;
    this.anchorMachineMs = this.machine.monotonicMs();
    for (const tell of this.changed) tell();
  }

  /** Told when something new is due, or the pace is another. */
  onChange(tell: () => void): void {
    this.changed.add(tell);
  }

  /** Calls `wake` when the machine has come to that emulated time; never where time is moved by hand. */
  whenReached(us: number, wake: () => void): () => void {
    if (this.speed === 0 || us === Number.POSITIVE_INFINITY) return () => undefined;
    const waitMs = Math.max(0, (us - this.nowUs()) / 1000 / this.speed);
    return this.machine.at(this.machine.nowMs() + Math.ceil(waitMs), wake);
  }
}

function speedOf(mode: ClockMode, speed: number): number {
  if (mode === "manual") return 0;
  return mode === "wall" ? 1 : speed;
}
