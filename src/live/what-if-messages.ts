// The newest what-if of a bot as a console is told it (docs/spec/live.md section 6): how far it is, and what came out.
// Types only; messages.ts passes them on. Starting and cancelling one needs a key and goes to the engine's door.

import type { Decimal, Ms } from "./messages.ts";

/** One simulated side; amounts in the quote asset. */
export interface WhatIfSide {
  readonly orders: number;
  readonly fills: number;
  readonly lotsFilled: Decimal;
  readonly pnl: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  readonly configHash: string;
  /** Result over time, oldest first, at most 1,000 points; for drawing. */
  readonly curve: readonly (readonly [Ms, Decimal])[];
}

export interface WhatIfDecision {
  readonly at: Ms;
  readonly text: string;
  readonly because: { readonly [name: string]: string };
}

export interface WhatIfResult {
  readonly happened: { readonly orders: number; readonly fills: number; readonly pnl: Decimal };
  /** The configuration is the one that ran, and the journal the same byte for byte: there are no two sides. */
  readonly sides: { readonly before: WhatIfSide; readonly after: WhatIfSide } | null;
  /** By side, price and quantity. */
  readonly orders: { readonly both: number; readonly onlyBefore: number; readonly onlyAfter: number };
  /** The first decision that differs, `index` from 0; a side without one decided nothing more. */
  readonly first: {
    readonly index: number;
    readonly before: WhatIfDecision | null;
    readonly after: WhatIfDecision | null;
  } | null;
  /** Percent of the lots filled in which "before, simulated" is what happened; empty without fills. */
  readonly parity: Decimal;
  readonly notes: readonly string[];
}

/** `none`: nobody asked one of this bot since its engine began. */
export type WhatIfState = "none" | "running" | "done" | "failed" | "cancelled";

export type WhatIfJob =
  | {
      readonly requestId: string;
      readonly bot: string;
      readonly job: string;
      readonly state: WhatIfState;
      /** Done of it, basis points. */
      readonly progress: number;
      /** Why it failed; empty when it did not. */
      readonly fault: string;
      readonly result: WhatIfResult | null;
    }
  | { readonly requestId: string; readonly error: string };
