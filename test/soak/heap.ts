// What a leak test looks at: the heap after a collection, and the handles of the process.

import { until } from "../ccxt/stream-stage.ts";
import { collect } from "../fuzz/oracle.ts";

const MB = 1024 * 1024;
/** TEST-25. */
export const HEAP_MB_MAX = 5;

export function heapMb(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed / MB;
}

/** Handles that are neither pipes of the test's own nor about to go. */
export async function handlesDown(to: number): Promise<number> {
  let now = Number.POSITIVE_INFINITY;
  await until("handles are back to the start", () => {
    now = process.getActiveResourcesInfo().length;
    return now <= to;
  });
  return now;
}
