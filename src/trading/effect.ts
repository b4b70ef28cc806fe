// Everything a bot wants done. Effects are recorded with deterministic ids before anything of them leaves (DUR-11).

import type { AccountEffect } from "./account-event.ts";
import type { ClientOrderId } from "./client-order-id.ts";
import type { Approved, NewOrder } from "./order.ts";

/** Why a decision was made: a code and the numbers it was made from. Enough for `explain` (GRID-25). */
export interface Because {
  readonly code: string;
  readonly [fact: string]: string | number | boolean | null | readonly string[] | undefined;
}

export type AlertSeverity = "info" | "warning" | "error" | "critical";

export type Effect =
  | {
      readonly kind: "place";
      readonly clientOrderId: ClientOrderId;
      readonly order: Approved<NewOrder>;
      readonly because: Because;
    }
  | {
      readonly kind: "cancel";
      readonly clientOrderId: ClientOrderId;
      readonly symbol: string;
      readonly because: Because;
    }
  /** Wakes the bot with a timer event of this name; `atMs: null` disarms it. One timer a name. */
  | { readonly kind: "timer"; readonly name: string; readonly atMs: number | null }
  | {
      readonly kind: "alert";
      readonly code: string;
      readonly severity: AlertSeverity;
      readonly text: string;
      readonly facts: { readonly [name: string]: string | number | boolean | null };
    }
  /** Asks for an orders-and-positions read of the exchange (grid table's R, RISK-32). */
  | { readonly kind: "reconcile"; readonly symbol: string; readonly because: Because }
  /** Asks what became of one order the exchange no longer shows: its state and its fills come back as events. */
  | {
      readonly kind: "lookup";
      readonly symbol: string;
      readonly clientOrderId: ClientOrderId;
      readonly because: Because;
    }
  /** Asks for closed candles again (a gap emptied an indicator's window, GRID-34). */
  | { readonly kind: "reload-candles"; readonly symbol: string; readonly interval: string; readonly count: number }
  /** The stop sequence has nothing left to wait for (DUR-58). */
  | { readonly kind: "stopped"; readonly ordersLeft: number }
  /** Of the account machine alone. */
  | AccountEffect;

export type EffectKind = Effect["kind"];
