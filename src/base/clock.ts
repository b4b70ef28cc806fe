// The clock port. The core never reads one: time reaches it inside events. Hosts and drivers read it through here, so
// that backtest, paper, live and simulation differ only in the clock they are given.

/** Three methods, one wall and one simulated implementation. */
export interface Clock {
  /** Unix time, integer milliseconds UTC. May step back; engine time does not. */
  nowMs(): number;
  /** Monotonic milliseconds, for durations only. */
  monotonicMs(): number;
  /** Calls `wake` once at or after `atMs` (Unix ms). Returns a function that cancels it. */
  at(atMs: number, wake: () => void): () => void;
}
