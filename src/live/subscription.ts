// What one console wants to hear: everything but the log and the intervals nobody asked for, until it says otherwise.

import type { ConsoleType, Of } from "./messages.ts";

interface Wish {
  readonly topic: ConsoleType;
  readonly of: Of;
  readonly wanted: boolean;
}

const WISHES_MAX = 200;
const FIELDS = ["bot", "exchange", "symbol", "interval"] as const;

/** Whether a message about `of` is meant by a wish about `wished`: what the wish leaves open fits anything. */
const meant = (of: Of, wished: Of): boolean =>
  FIELDS.every((field) => wished[field] === undefined || wished[field] === of[field]);

const sameOf = (a: Of, b: Of): boolean => FIELDS.every((field) => a[field] === b[field]);

export class Subscription {
  private readonly interval: string;
  private wishes: readonly Wish[] = [];

  /** `interval`: the one that is told unasked. */
  constructor(interval: string) {
    this.interval = interval;
  }

  /** The newest wish about it holds. */
  wants(topic: ConsoleType, of: Of): boolean {
    const wish = this.wishes.findLast((each) => each.topic === topic && meant(of, each.of));
    const unasked = topic !== "log" && (of.interval === undefined || of.interval === this.interval);
    if (wish === undefined) return unasked;
    // a wish that names no interval does not mean those which other consoles brought here
    if (wish.wanted && wish.of.interval === undefined && of.interval !== undefined)
      return of.interval === this.interval;
    return wish.wanted;
  }

  /** False when there are too many wishes to keep. */
  wish(topic: ConsoleType, of: Of, wanted: boolean): boolean {
    const open = FIELDS.every((field) => of[field] === undefined);
    const others = this.wishes.filter((each) => each.topic !== topic || !(open || sameOf(each.of, of)));
    if (others.length >= WISHES_MAX) return false;
    this.wishes = [...others, { topic, of, wanted }];
    return true;
  }
}
