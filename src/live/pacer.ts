// Latest values leave at a bounded pace a key (section 4): the first at once, then the newest when its turn comes.
// Events have no key and pass at once.

import type { Clock } from "../base/clock.ts";
import type { Update } from "./update.ts";

interface Turn {
  waiting: Update | null;
  readonly cancel: () => void;
}

export class Pacer {
  private readonly clock: Clock;
  private readonly emit: (update: Update) => void;
  private readonly turns = new Map<string, Turn>();

  constructor(clock: Clock, emit: (update: Update) => void) {
    this.clock = clock;
    this.emit = emit;
  }

  offer(update: Update): void {
    if (update.supersedes !== "") this.drop(update.supersedes);
    const turn = update.key === "" ? undefined : this.turns.get(update.key);
    if (turn === undefined || update.perSecond === 0) {
      if (turn !== undefined) turn.waiting = null;
      this.release(update);
      return;
    }
    turn.waiting = turn.waiting === null ? update : update.replacing(turn.waiting);
  }

  /** Lets what waits under keys that begin so go now: a list is about to be told that says the same. */
  flush(prefix: string): void {
    for (const [key, turn] of this.turns) {
      const { waiting } = turn;
      if (waiting === null || !key.startsWith(prefix)) continue;
      turn.waiting = null;
      this.emit(waiting);
    }
  }

  close(): void {
    for (const { cancel } of this.turns.values()) cancel();
    this.turns.clear();
  }

  private drop(prefix: string): void {
    for (const [key, turn] of this.turns) if (key.startsWith(prefix)) turn.waiting = null;
  }

  private release(update: Update): void {
    const { key, perSecond } = update;
    if (key !== "" && perSecond > 0) {
      const cancel = this.clock.at(this.clock.nowMs() + Math.ceil(1000 / perSecond), () => this.next(key));
      this.turns.set(key, { waiting: null, cancel });
    }
    this.emit(update);
  }

  private next(key: string): void {
    const waiting = this.turns.get(key)?.waiting ?? null;
    this.turns.delete(key);
    if (waiting !== null) this.release(waiting);
  }
}
