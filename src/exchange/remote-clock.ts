// The clock of an exchange that lives in another process: paced by the exchange's own rate, measured again from time to
// time, and never stepping back. While the exchange's time is found behind ours, ours goes on at half the pace: who
// waits for a time is woken, late rather than never.

import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { BEHIND_PACE } from "../base/steady-clock.ts";

/** What a look at the exchange's clock told. Times in ms; the rate in millionths of the machine's. */
export interface ClockReading {
  /** The exchange's time at the middle of the question. */
  readonly nowMs: number;
  readonly ratePpm: number;
  /** The machine's monotonic time when the question left and when the answer came. */
  readonly askedMs: number;
  readonly answeredMs: number;
}

interface Waiting {
  readonly atMs: number;
  readonly wake: () => void;
  disarm: () => void;
}

export class RemoteClock implements Clock {
  private readonly machine: Clock;
  private rate: number;
  private anchorMs: number;
  private anchorMachineMs: number;
  /** How far the newest reading allows the exchange's time to be from ours. */
  private spreadMs: number;
  private shownMs = Number.NEGATIVE_INFINITY;
  private shownMachineMs: number;
  private readonly waiting = new Set<Waiting>();

  /** `machine` must be one nobody sets: its monotonic time paces this clock, its timers wake it. */
  constructor(machine: Clock, first: ClockReading) {
    this.machine = machine;
    this.rate = rateOf(first);
    this.anchorMs = first.nowMs;
    this.anchorMachineMs = middleOf(first);
    this.shownMachineMs = machine.monotonicMs();
    this.spreadMs = errorOf(first);
  }

  /** Takes a newer reading. What lies within its own error changes nothing, so that the clock does not tremble. */
  correct(reading: ClockReading): void {
    const rate = rateOf(reading);
    const errorMs = errorOf(reading);
    const offMs = reading.nowMs - this.targetMs(middleOf(reading));
    if (rate === this.rate && Math.abs(offMs) <= errorMs + 1) {
      this.spreadMs = Math.abs(offMs) + errorMs;
      return;
    }
    this.exactMs();
    this.spreadMs = errorMs;
    this.rate = rate;
    this.anchorMs = reading.nowMs;
    this.anchorMachineMs = middleOf(reading);
    for (const one of this.waiting) this.arm(one);
  }

  /** How fast the exchange's time goes, millionths of the machine's. */
  get ratePpm(): number {
    return Math.round(this.rate * 1_000_000);
  }

  /** How far the exchange's time may be from the one shown, its ms. */
  get errorMs(): number {
    const machineMs = this.machine.monotonicMs();
    return Math.ceil(this.spreadMs + Math.max(0, this.shownMs - this.targetMs(machineMs)));
  }

  nowMs(): number {
    return Math.floor(this.exactMs());
  }

  monotonicMs(): number {
    return this.exactMs();
  }

  at(atMs: number, wake: () => void): () => void {
    const one: Waiting = { atMs, wake, disarm: () => undefined };
    this.waiting.add(one);
    this.arm(one);
    return () => {
      this.waiting.delete(one);
      one.disarm();
    };
  }

  private arm(one: Waiting): void {
    one.disarm();
    const machineMs = this.machine.monotonicMs();
    const shownMs = this.exactMs();
    const fromTarget = (one.atMs - this.targetMs(machineMs)) / this.rate;
    const fromShown = (one.atMs - shownMs) / (this.rate * BEHIND_PACE);
    const waitMs = Math.max(0, Math.ceil(Math.min(fromTarget, fromShown)));
    one.disarm = this.machine.at(this.machine.nowMs() + waitMs, () => {
      if (!this.waiting.has(one)) return;
      if (this.exactMs() < one.atMs) {
        this.arm(one);
        return;
      }
      this.waiting.delete(one);
      one.wake();
    });
  }

  private exactMs(): number {
    const machineMs = this.machine.monotonicMs();
    const passedMs = machineMs - this.shownMachineMs;
    this.shownMs = Math.max(this.targetMs(machineMs), this.shownMs + passedMs * this.rate * BEHIND_PACE);
    this.shownMachineMs = machineMs;
    return this.shownMs;
  }

  private targetMs(machineMs: number): number {
    return this.anchorMs + (machineMs - this.anchorMachineMs) * this.rate;
  }
}

const middleOf = ({ askedMs, answeredMs }: ClockReading): number => (askedMs + answeredMs) / 2;

const errorOf = (reading: ClockReading): number => ((reading.answeredMs - reading.askedMs) / 2) * rateOf(reading);

function rateOf({ ratePpm }: ClockReading): number {
  assert(Number.isSafeInteger(ratePpm) && ratePpm > 0, "an exchange's clock goes forward");
  return ratePpm / 1_000_000;
}
