// Drives a host on the simulated clock: every wake of an instant first, then the turns they caused, as fast as it goes.

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
  for (;;) {
    const atUs = clock.nextUs();
    if (atUs > untilUs || atUs === Number.POSITIVE_INFINITY) break;
    while (clock.runNext(atUs));
    host.drain();
    if (until.isOver?.() === true) return;
  }
  clock.moveTo(Math.max(clock.nowUs(), untilUs));
}
