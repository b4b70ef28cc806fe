// How a town's tests wait: for conditions, with a bound, on the machine's clock. Test code only.

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks until it holds; a condition that never comes is an error that names it. */
export async function until(what: string, withinMs: number, holds: () => boolean): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(20);
  }
}
