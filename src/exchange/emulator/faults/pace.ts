// Slowness: each thing leaves after a delay, and with a bandwidth only after the one before it on the same line. Order
// on a line is kept, whatever happens to the fault.

import type { EmulatorClock } from "../world.ts";
import { type FaultDesk, type Struck, wholeOf } from "./desk.ts";

export interface Parcel {
  /** What shares one bandwidth: the address of a client, or a socket. */
  readonly line: string;
  readonly bytes: number;
  readonly send: () => void;
}

interface Line {
  freeAtMs: number;
  /** Sent in this order. */
  readonly waiting: { readonly fault: string; readonly send: () => void; cancel: () => void }[];
}

export class Pace {
  private readonly clock: EmulatorClock;
  private readonly desk: FaultDesk;
  private readonly lines = new Map<string, Line>();

  constructor(clock: EmulatorClock, desk: FaultDesk) {
    this.clock = clock;
    this.desk = desk;
  }

  /** Sends when the delay and what is before it on the line allow. */
  send(slow: Struck, { line: name, bytes, send }: Parcel): void {
    const line = this.lines.get(name) ?? { freeAtMs: 0, waiting: [] };
    this.lines.set(name, line);
    const bandwidth = wholeOf(slow, "bytesPerS");
    const delayMs = wholeOf(slow, "ms") + this.desk.draw(slow.id, wholeOf(slow, "jitterMs"));
    const takesMs = bandwidth === 0 ? 0 : Math.ceil((bytes * 1000) / bandwidth);
    this.wait(line, slow.id, { send, atMs: Math.max(this.clock.nowMs() + delayMs, line.freeAtMs) + takesMs });
  }

  /** True while something on the line has yet to leave: what comes after it must not overtake. */
  behind(name: string): boolean {
    return (this.lines.get(name)?.waiting.length ?? 0) > 0;
  }

  /** Leaves right after what is before it. */
  follow({ line: name, send }: Parcel): void {
    const line = this.lines.get(name);
    const before = line?.waiting.at(-1);
    if (line === undefined || before === undefined) send();
    else this.wait(line, before.fault, { send, atMs: line.freeAtMs });
  }

  /** What a fault held back leaves at once, and what waits before it on its line. */
  ended(fault: string): void {
    for (const line of this.lines.values()) {
      const last = line.waiting.findLastIndex((each) => each.fault === fault);
      for (let i = 0; i <= last; i += 1) this.next(line);
      if (line.waiting.length === 0) line.freeAtMs = 0;
    }
  }

  forget(name: string): void {
    for (const { cancel } of this.lines.get(name)?.waiting ?? []) cancel();
    this.lines.delete(name);
  }

  close(): void {
    for (const name of this.lines.keys()) this.forget(name);
  }

  private wait(line: Line, fault: string, { send, atMs }: { readonly send: () => void; readonly atMs: number }): void {
    line.freeAtMs = atMs;
    const entry = { fault, send, cancel: (): void => undefined };
    line.waiting.push(entry);
    // whichever of them comes due, the first in line leaves
    entry.cancel = this.clock.at(atMs, () => this.next(line));
  }

  private next(line: Line): void {
    const entry = line.waiting.shift();
    entry?.cancel();
    entry?.send();
  }
}
