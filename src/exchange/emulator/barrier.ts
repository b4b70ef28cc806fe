// Waits until the emulated world is as somebody says, by the machine's clock: a test's one honest way of not sleeping.

import type { Clock } from "../../base/clock.ts";
import { EmulatorError } from "./error.ts";

export interface Barrier {
  /** What is waited for, in words. */
  readonly until: string;
  readonly holds: () => boolean;
  /** Milliseconds of the machine's clock; 5,000 unless told. */
  readonly deadlineMs?: number;
}

const LOOK_MS = 2;

/** Returns how long it took, ms. Errors: {@link EmulatorError} DEADLINE. */
export async function passBarrier({ until, holds, deadlineMs = 5_000 }: Barrier, machine: Clock): Promise<number> {
  const startMs = machine.monotonicMs();
  while (!holds()) {
    const waitedMs = machine.monotonicMs() - startMs;
    if (waitedMs >= deadlineMs) {
      throw new EmulatorError("DEADLINE", `after ${deadlineMs} ms the emulator still waits until ${until}`);
    }
    await new Promise<void>((resolve) => {
      machine.at(machine.nowMs() + LOOK_MS, resolve);
    });
  }
  return Math.round(machine.monotonicMs() - startMs);
}
