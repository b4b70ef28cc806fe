// Lots first in, first out, as pieces: what was opened by which fill and closed by which other. Pure; what is held is
// what is open.

import { type Lots, lots, type Ticks } from "../../../market/amounts.ts";

/** One movement: a fill, an adjustment, an adoption. `lots` signed. */
export interface Movement {
  readonly price: Ticks;
  readonly lots: Lots;
  readonly atMs: number;
  readonly id: string;
}

type Side = Pick<Movement, "price" | "atMs" | "id">;

/** `lots` above 0; `closed` null while it is open. */
export interface MatchedLots {
  readonly long: boolean;
  readonly lots: Lots;
  readonly opened: Side;
  readonly closed: Side | null;
}

interface Open {
  readonly opened: Side;
  left: number;
}

export class LotMatcher {
  private queue: Open[] = [];
  private head = 0;
  /** +1 long, -1 short, 0 flat. */
  private direction = 0;

  /** What the movement closes, oldest first; the rest of it opens. */
  move({ price, lots: signed, atMs, id }: Movement): readonly MatchedLots[] {
    const closed: MatchedLots[] = [];
    const side: Side = { price, atMs, id };
    const sign = Math.sign(signed);
    let left = Math.abs(signed);
    while (left > 0 && this.direction === -sign) {
      const oldest = this.queue[this.head];
      if (oldest === undefined) break;
      const taken = Math.min(left, oldest.left);
      closed.push({ long: this.direction > 0, lots: lots(taken), opened: oldest.opened, closed: side });
      oldest.left -= taken;
      left -= taken;
      if (oldest.left === 0) this.dropOldest();
    }
    if (left > 0) {
      this.direction = sign;
      this.queue.push({ opened: side, left });
    }
    return closed;
  }

  /** What is open, oldest first. */
  open(): readonly MatchedLots[] {
    const long = this.direction > 0;
    return this.queue.slice(this.head).map(({ opened, left }) => ({ long, lots: lots(left), opened, closed: null }));
  }

  private dropOldest(): void {
    this.head += 1;
    if (this.head < this.queue.length && this.head < 1_024) return;
    this.queue = this.queue.slice(this.head);
    this.head = 0;
    if (this.queue.length === 0) this.direction = 0;
  }
}
