// The engine's timers on the clock (TEST-P30): never early, each once, in order of their times. What is armed is the
// state's own map, so after a restart nothing has to be remembered; this file only wakes up for the earliest.

import type { Clock } from "../base/clock.ts";
import type { HostEvent, MachineState } from "./context.ts";

export class Timers {
  private readonly state: Pick<MachineState, "timers">;
  private readonly clock: Clock;
  private readonly offer: (event: HostEvent) => void;
  /** Fired and not yet seen by the engine: name → the time it was armed for. */
  private readonly fired = new Map<string, number>();
  private wakeAtMs = Number.POSITIVE_INFINITY;
  private cancelWake: (() => void) | null = null;

  constructor(state: Pick<MachineState, "timers">, clock: Clock, offer: (event: HostEvent) => void) {
    this.state = state;
    this.clock = clock;
    this.offer = offer;
  }

  /** Something about the state's timers changed, or may have. Cheap when the earliest did not. */
  armed(atMs: number | null): void {
    if (atMs !== null && atMs < this.wakeAtMs) this.wakeAt(atMs);
  }

  /** The engine saw the timer event of this name. */
  seen(name: string): void {
    this.fired.delete(name);
  }

  /** Fires what is due now and sleeps until the next; called by the clock, at start, and when the wall clock jumped. */
  rearm(): void {
    const now = this.clock.nowMs();
    const due: [name: string, atMs: number][] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [name, atMs] of this.state.timers) {
      if (this.fired.get(name) === atMs) continue;
      if (atMs <= now) due.push([name, atMs]);
      else if (atMs < next) next = atMs;
    }
    due.sort((a, b) => a[1] - b[1]);
    for (const [name, atMs] of due) {
      this.fired.set(name, atMs);
      this.offer({ kind: "timer", name, missed: 0 });
    }
    this.wakeAt(next);
  }

  stop(): void {
    this.wakeAt(Number.POSITIVE_INFINITY);
  }

  private wakeAt(atMs: number): void {
    this.cancelWake?.();
    this.cancelWake = null;
    this.wakeAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.cancelWake = this.clock.at(atMs, () => {
      this.wakeAtMs = Number.POSITIVE_INFINITY;
      this.rearm();
    });
  }
}
