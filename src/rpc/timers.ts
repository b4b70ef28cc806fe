// Durations for the gRPC layer: monotonic, so that a wall clock somebody sets back delays no heartbeat.

export interface Timers {
  /** Monotonic milliseconds. */
  monotonicMs(): number;
  /** Calls `wake` once after `ms`; the function it gives cancels that. */
  after(ms: number, wake: () => void): () => void;
}

export const REAL_TIMERS: Timers = {
  monotonicMs: () => performance.now(),
  after: (ms, wake) => {
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal | undefined, timers: Timers = REAL_TIMERS): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted === true) return Promise.resolve();
  const cancel = timers.after(ms, resolve);
  const onAbort = (): void => {
    cancel();
    resolve();
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  return promise.finally(() => signal?.removeEventListener("abort", onAbort));
}
