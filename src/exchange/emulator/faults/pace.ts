// Slowness: each thing leaves after a delay, and with a bandwidth only after the one before it on the same line.
// Order on a line is kept.

import type { EmulatorClock } from "../world.ts";
import { type FaultDesk, type Struck, wholeOf } from "./desk.ts";
import { FaultTimers } from "./timers.ts";

export interface Parcel {
  /** What shares one bandwidth: the address of a client, or a socket. */
  readonly line: string;
  readonly bytes: number;
  readonly send: () => void;
}

export class Pace {
  private readonly clock: EmulatorClock;
  private readonly desk: FaultDesk;
  private readonly timers: FaultTimers;
  private readonly freeAtMs = new Map<string, number>();

  constructor(clock: EmulatorClock, desk: FaultDesk) {
    this.clock = clock;
    this.desk = desk;
    this.timers = new FaultTimers(clock);
  }

  send(slow: Struck, { line, bytes, send }: Parcel): void {
    const bandwidth = wholeOf(slow, "bytesPerS");
    const delayMs = wholeOf(slow, "ms") + this.desk.draw(slow.id, wholeOf(slow, "jitterMs"));
    const nowMs = this.clock.nowMs();
    const takesMs = bandwidth === 0 ? 0 : Math.ceil((bytes * 1000) / bandwidth);
    const busy = this.freeAtMs.get(line) ?? 0;
    const leavesMs = Math.max(nowMs + delayMs, busy) + takesMs;
    this.freeAtMs.set(line, leavesMs);
    this.timers.after(leavesMs - nowMs, slow.id, send);
  }

  /** True while something on the line has yet to leave: what comes after it must not overtake. */
  behind(line: string): boolean {
    return (this.freeAtMs.get(line) ?? 0) > this.clock.nowMs();
  }

  /** Leaves when the line is free again. */
  follow(id: string, { line, send }: Parcel): void {
    this.timers.at(this.freeAtMs.get(line) ?? 0, id, send);
  }

  forget(line: string): void {
    this.freeAtMs.delete(line);
  }

  end(): void {
    this.timers.cancel();
    this.freeAtMs.clear();
  }
}
