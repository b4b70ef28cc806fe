// What waits for one client: at most `capacity` messages. Latest values replace their like in its place; events queue,
// and when they do not fit the client is too slow. Nobody else waits for it.

import type { Update } from "./update.ts";

export class Outbox {
  private readonly capacity: number;
  private readonly waiting = new Map<string, Update>();
  private events = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.waiting.size;
  }

  /** False when it is full: the caller ends this client. */
  push(update: Update): boolean {
    if (update.supersedes !== "") {
      for (const key of this.waiting.keys()) if (key.startsWith(update.supersedes)) this.waiting.delete(key);
    }
    const older = update.key === "" ? undefined : this.waiting.get(update.key);
    if (older !== undefined) {
      this.waiting.set(update.key, update.replacing(older));
      return true;
    }
    if (this.waiting.size >= this.capacity) return false;
    this.events += 1;
    this.waiting.set(update.key === "" ? `#${this.events}` : update.key, update);
    return true;
  }

  shift(): Update | undefined {
    const first = this.waiting.entries().next();
    if (first.done === true) return undefined;
    const [key, update] = first.value;
    this.waiting.delete(key);
    return update;
  }

  clear(): void {
    this.waiting.clear();
  }
}
