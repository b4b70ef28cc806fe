// So many a second with so many at once: one allowance for each client, and one for each address, bounded in number.

export class Allowance {
  private readonly perSecond: number;
  private readonly burst: number;
  private left: number;
  private atMs: number;

  constructor(options: { readonly perSecond: number; readonly burst: number; readonly nowMs: number }) {
    this.perSecond = options.perSecond;
    this.burst = options.burst;
    this.left = options.burst;
    this.atMs = options.nowMs;
  }

  /** Takes one; false when nothing is left. `nowMs` of a monotonic clock. */
  take(nowMs: number): boolean {
    this.refill(nowMs);
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }

  /** Nothing was taken lately: the allowance need not be remembered. */
  isFull(nowMs: number): boolean {
    this.refill(nowMs);
    return this.left >= this.burst;
  }

  private refill(nowMs: number): void {
    this.left = Math.min(this.burst, this.left + (Math.max(0, nowMs - this.atMs) * this.perSecond) / 1000);
    this.atMs = nowMs;
  }
}

/** Addresses remembered at most; when there are more, all new ones share one allowance. */
const ADDRESSES_MAX = 10_000;

/** One allowance an address. */
export class AllowancesByAddress {
  private readonly byAddress = new Map<string, Allowance>();
  private readonly options: { readonly perSecond: number; readonly burst: number };

  constructor(options: { readonly perSecond: number; readonly burst: number }) {
    this.options = options;
  }

  take(address: string, nowMs: number): boolean {
    if (this.byAddress.size >= ADDRESSES_MAX) this.forgetFull(nowMs);
    const key = this.byAddress.has(address) || this.byAddress.size < ADDRESSES_MAX ? address : "";
    const known = this.byAddress.get(key) ?? new Allowance({ ...this.options, nowMs });
    this.byAddress.set(key, known);
    return known.take(nowMs);
  }

  private forgetFull(nowMs: number): void {
    for (const [address, allowance] of this.byAddress) if (allowance.isFull(nowMs)) this.byAddress.delete(address);
  }
}
