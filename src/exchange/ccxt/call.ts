// One call of the exchange through ccxt, and all that is known about how it ended: what was sent, what was answered,
// what ccxt made of it. What it means is judged in `outcome.ts`, not here.

import type { ExchangeWord, RequestAbout } from "./exchanges/exchange-table.ts";

/** EXCH-26: 0 cancels and what cannot wait, 1 settling, 2 orders, 3 polling, 4 history. */
export type Priority = 0 | 1 | 2 | 3 | 4;

export interface CallWish {
  readonly priority: Priority;
  /** Unix ms: a request still waiting for its turn then is not sent. */
  readonly waitUntilMs: number;
  /** Unix ms: one under way is given up. */
  readonly deadlineMs: number;
  /** Unix ms after which the exchange shall not accept it any more (EXCH-08); null for reads. */
  readonly expiresAtMs: number | null;
  /** Priority 0 only: the one bulk cancel of this instrument that may leave while all else waits (EXCH-27). */
  readonly bulkCancelOf?: string;
}

/** One HTTP request of a call. */
export interface Trace {
  readonly method: string;
  readonly path: string;
  /** What it asks, in ccxt's words; null where they are not known. */
  readonly about: RequestAbout | null;
  /** A byte of it may have left. */
  left: boolean;
  /** Null: no whole reply came. */
  status: number | null;
  headers: Readonly<Record<string, string>>;
  /** The reply as parsed JSON; null where it is none. */
  body: unknown;
  /** The reply's beginning, as it came. */
  text: string;
  word: ExchangeWord | null;
}

/** `budget`: the request was refused before it was sent; `clock`: trading is refused until the clock is measured. */
export type NotSentCause = "budget" | "expired" | "closed";

export interface CallFailure {
  readonly ok: false;
  /** ccxt's class, or the name of whatever was thrown. */
  readonly ccxtClass: string;
  /** Whether a byte of a changing request may have left. */
  readonly left: boolean;
  readonly cause: NotSentCause | null;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly word: ExchangeWord | null;
  readonly body: unknown;
  /** For people; no secret in it. */
  readonly text: string;
}

export interface CallSuccess {
  readonly ok: true;
  /** What ccxt gave back, of whatever shape. */
  readonly value: unknown;
  /** The last reply as parsed JSON. */
  readonly body: unknown;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
}

export type CallReply = CallSuccess | CallFailure;

/** Thrown inside a call before anything was sent. */
export class NotSentError extends Error {
  override readonly name = "NotSentError";
  readonly code: NotSentCause;

  constructor(code: NotSentCause, text: string) {
    super(text);
    this.code = code;
  }
}
