// What is to happen later on the emulator's clock, so that it can all be taken back at once: by the fault that began
// it, or when the emulator closes.

import type { EmulatorClock } from "../world.ts";

export class FaultTimers {
  private readonly clock: EmulatorClock;
  private readonly waiting = new Map<() => void, string>();

  constructor(clock: EmulatorClock) {
    this.clock = clock;
  }

  /** At once where there is nothing to wait for. */
  after(delayMs: number, id: string, act: () => void): void {
    if (delayMs <= 0) {
      act();
      return;
    }
    this.at(this.clock.nowMs() + delayMs, id, act);
  }

  at(atMs: number, id: string, act: () => void): void {
    const entry: { cancel: () => void } = { cancel: () => {} };
    const cancel = (): void => entry.cancel();
    this.waiting.set(cancel, id);
    entry.cancel = this.clock.at(atMs, () => {
      this.waiting.delete(cancel);
      act();
    });
  }

  /** Takes back what one fault began; without an id, everything. */
  cancel(id?: string): void {
    for (const [cancel, of] of this.waiting) {
      if (id !== undefined && of !== id) continue;
      this.waiting.delete(cancel);
      cancel();
    }
  }

  get count(): number {
    return this.waiting.size;
  }
}
