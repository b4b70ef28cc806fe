// Realised result first in, first out: the same lots as the ledger's, matched with the oldest open ones. Exact, in
// value units (price ticks × lots).

interface OpenLots {
  readonly price: number;
  /** What of it is still open, without sign. */
  left: number;
}

export class FifoLots {
  private open: OpenLots[] = [];
  private head = 0;
  /** +1 long, −1 short, 0 flat. */
  private direction = 0;

  /** Moves signed lots at a price; returns what closing them realised. */
  move(price: number, quantity: number): bigint {
    let left = Math.abs(quantity);
    const sign = Math.sign(quantity);
    let realised = 0n;
    while (left > 0 && this.direction === -sign) {
      const oldest = this.open[this.head];
      if (oldest === undefined) break;
      const taken = Math.min(left, oldest.left);
      realised += BigInt(price - oldest.price) * BigInt(taken) * BigInt(this.direction);
      oldest.left -= taken;
      left -= taken;
      if (oldest.left === 0) this.dropOldest();
    }
    if (left > 0) {
      this.direction = sign;
      this.open.push({ price, left });
    }
    return realised;
  }

  private dropOldest(): void {
    this.head += 1;
    if (this.head === this.open.length) {
      this.open = [];
      this.head = 0;
      this.direction = 0;
    } else if (this.head > 1024 && this.head * 2 > this.open.length) {
      this.open = this.open.slice(this.head);
      this.head = 0;
    }
  }
}
