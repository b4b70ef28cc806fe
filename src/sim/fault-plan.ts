// Faults by name, rate and seed (BT-22, testing.md section 4): off unless named, each firing counted. Rates are data,
// so a simulation draws them and a failure is replayed from them.

import { assert } from "../base/assert.ts";
import { Prng, type PrngState } from "../base/prng.ts";

/** What each fault does, and what its rate counts. */
export const FAULTS = {
  /** The request is dropped before matching; no reply until the deadline. Per mutation. */
  timeoutNotAccepted: "request",
  /** Accepted, but the reply never comes. Per mutation. */
  acceptThenTimeout: "request",
  /** No reply, and the request is accepted late, unless its expiry has passed. Per mutation. */
  acceptLate: "request",
  /** A 5xx before, or after, acceptance. Per mutation. */
  serverErrorNotAccepted: "request",
  serverErrorAfterAccept: "request",
  /** Accepted; the reply ends early. Per mutation. */
  cutReply: "request",
  /** Connection refused before a byte left. Per mutation. */
  notSent: "request",
  /** Refusals with a code. Per place. */
  postOnlyReject: "request",
  insufficientFunds: "request",
  otherReject: "request",
  /** 429 for the next seconds. Per mutation. */
  rateLimit: "request",
  /** Cancel acknowledged, order stays open. Per cancel. */
  cancelLost: "request",
  /** Reads. Per read. */
  readUnavailable: "request",
  /** A look-up does not see an order accepted within the look-up lag. Per look-up. */
  lookupLag: "request",
  /** Open orders as they were a moment ago, and an empty list. Per read. */
  staleOpenOrders: "request",
  /** A private message comes seconds late, twice, after its successor, or never. Per message. */
  lateEvent: "message",
  duplicateEvent: "message",
  reorderEvents: "message",
  dropEvent: "message",
  /** Stream messages of an order leave before the reply to its request. Per place. */
  fillBeforeAck: "request",
  /** The streams stay silent for a while and then catch up. Per hour. */
  silentStall: "hour",
  /** The book chain breaks and is rebuilt after a moment. Per hour. */
  sequenceGap: "hour",
  /** Everything answers 503. Per hour. */
  maintenance: "hour",
  /** The instrument stops trading for a while; cancels work. Per hour. */
  halt: "hour",
  /** A trade prints far away and the book shows it for a moment. Per hour. */
  spike: "hour",
  /** A book with bid ≥ ask is shown. Per hour. */
  crossedBook: "hour",
} as const;

export type FaultName = keyof typeof FAULTS;
/** Name → probability per request or message, or mean number an hour. */
export type Faults = { readonly [name in FaultName]?: number };

/** Draws and counts. Nothing is drawn for a fault without a rate, so naming none costs and changes nothing. */
export class FaultPlan {
  readonly counts = new Map<FaultName, number>();
  readonly prng: Prng;
  /** True while any fault has a rate. */
  any: boolean;
  private rates: Faults;

  constructor(rates: Faults, seed: string | PrngState) {
    for (const [name, rate] of Object.entries(rates)) {
      assert(name in FAULTS, () => `${name} is no known fault; known are ${Object.keys(FAULTS).join(", ")}`);
      assert(rate >= 0, () => `the rate of ${name} is negative`);
    }
    this.rates = rates;
    this.any = Object.keys(rates).length > 0;
    this.prng = new Prng(seed);
  }

  /** True when the fault strikes now. */
  hit(name: FaultName): boolean {
    const rate = this.rates[name];
    if (rate === undefined || rate <= 0 || !this.prng.chance(rate)) return false;
    this.count(name);
    return true;
  }

  /** Microseconds to the next strike of a fault counted by the hour; Infinity where it has no rate. */
  waitUs(name: FaultName): number {
    const rate = this.rates[name];
    if (rate === undefined || rate <= 0) return Number.POSITIVE_INFINITY;
    return Math.max(1, Math.round(this.prng.exponential(3_600_000_000 / rate)));
  }

  count(name: FaultName): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Ends or changes the faults: what already struck runs its course. */
  change(rates: Faults): void {
    this.rates = rates;
    this.any = Object.keys(rates).length > 0;
  }
}
