// What of an exchange's limits a table tells: buckets, what a request costs of them, and what its replies say about
// them (EXCH-25).

import type { Raw } from "../raw.ts";

/** One bucket the exchange counts (EXCH-25). */
export interface BucketRule {
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
}

/** A request about to be sent, as ccxt names it. */
export interface RequestAbout {
  /** `fapiPrivate`, `public`; the parts of a path of several joined by a point. */
  readonly api: string;
  readonly method: string;
  /** `order`, `batchOrders`. */
  readonly path: string;
  readonly params: Raw;
  /** What ccxt thinks it costs, in its own units. */
  readonly cost: number;
}

export interface BucketCost {
  readonly bucket: string;
  readonly cost: number;
}

/** What a reply's headers say about a bucket. */
export interface BucketUse {
  readonly bucket: string;
  readonly used: number;
  /** The limit in force, where the reply tells it beside; as it stood unless told. */
  readonly limit?: number;
}

export interface LimitTable {
  readonly buckets: readonly BucketRule[];
  costs(about: RequestAbout): readonly BucketCost[];
  /** Usage told by reply headers, whose names are in lower case; `about`: what was asked, null where nobody knows. */
  used(headers: Readonly<Record<string, string>>, about: RequestAbout | null): readonly BucketUse[];
  /** Limits the exchange tells beside its list of markets, read from that reply; empty: it tells none. */
  told(marketsReply: unknown): readonly BucketRule[];
}
