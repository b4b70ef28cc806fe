// A bounded first-in-first-out queue: what to do when it is full is the caller's written policy, so `push` says no.

import { assert } from "./assert.ts";

export class BoundedQueue<T> {
  readonly capacity: number;
  private readonly items: (T | undefined)[];
  private head = 0;
  private count = 0;

  constructor(capacity: number) {
    assert(Number.isSafeInteger(capacity) && capacity > 0, "a queue needs a positive capacity");
    this.capacity = capacity;
    this.items = Array.from({ length: capacity }, () => undefined);
  }

  get size(): number {
    return this.count;
  }

  /** False when full: nothing is dropped and nothing is overwritten. */
  push(item: T): boolean {
    if (this.count === this.capacity) return false;
    this.items[(this.head + this.count) % this.capacity] = item;
    this.count += 1;
    return true;
  }

  /** Oldest item, or undefined when empty. */
  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) % this.capacity;
    this.count -= 1;
    return item;
  }

  peek(): T | undefined {
    return this.count === 0 ? undefined : this.items[this.head];
  }
}
