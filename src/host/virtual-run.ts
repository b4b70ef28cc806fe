// Drives a host on the simulated clock, as fast as it goes: after every wake the turns it caused.

import type { VirtualClock } from "../base/virtual-clock.ts";

/** What is driven: see `BotHost`. */
export interface Driven {
  drain(): void;
}

/** Runs everything up to and at `untilMs`, then stands there. `isOver` is asked after each instant. */
export function runVirtual(
  host: Driven,
  clock: VirtualClock,
  until: { readonly ms: number; readonly isOver?: () => boolean },
): void {
  const untilUs = until.ms * 1000;
  host.drain();
  for (let atUs = clock.nextUs(); atUs <= untilUs && atUs < Number.POSITIVE_INFINITY; atUs = clock.nextUs()) {
    // a turn after every wake: what it sends must be on its way before the exchange looks ahead
    while (clock.runNext(atUs)) host.drain();
    if (until.isOver?.() === true) return;
  }
  clock.moveTo(Math.max(clock.nowUs(), untilUs));
}
