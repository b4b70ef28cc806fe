// The same line again and again is one line with a count (RISK-49): the first at once, then at most one a minute that
// says how many there were meanwhile.

const QUIET_MS = 60_000;
const KEYS_MAX = 500;

export class Repeated {
  private readonly monotonicMs: () => number;
  private readonly known = new Map<string, { sinceMs: number; count: number }>();

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** Calls `say` now, with how often it was held back before, or holds it back. */
  line(key: string, say: (repeats: number) => void): void {
    const nowMs = this.monotonicMs();
    const known = this.known.get(key);
    if (known !== undefined && nowMs - known.sinceMs < QUIET_MS) {
      known.count += 1;
      return;
    }
    this.known.delete(key);
    if (this.known.size >= KEYS_MAX) {
      const oldest = this.known.keys().next();
      if (oldest.done !== true) this.known.delete(oldest.value);
    }
    this.known.set(key, { sinceMs: nowMs, count: 0 });
    say(known?.count ?? 0);
  }
}
