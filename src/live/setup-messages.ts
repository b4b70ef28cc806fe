// What a console asks for Setup and replay, and what it is answered (docs/spec/live.md section 6): a bot's
// configuration, what a text would place, and the bot as it was. Types only; messages.ts passes them on.

import type { ClassicOrderStatus, Decimal, Gate, Ms, Severity, Slot } from "./messages.ts";

/** One key of a bot's configuration, for those who write it. */
export interface ConfigKey {
  readonly key: string;
  readonly type: string;
  readonly range: string;
  /** Empty where there is none. */
  readonly default: string;
  readonly meaning: string;
}

/** A bot's configuration as it was written, secrets never in it, and the keys such a text may have. */
export type BotConfig =
  | {
      readonly requestId: string;
      readonly bot: string;
      readonly revision: number;
      readonly text: string;
      readonly keys: readonly ConfigKey[];
    }
  | { readonly requestId: string; readonly error: string };

export interface PreviewOrder {
  readonly leg: "LONG" | "SHORT";
  readonly slot: string;
  readonly side: "BUY" | "SELL";
  readonly price: Decimal;
  readonly qty: Decimal;
  readonly value: Decimal;
  readonly exit: Decimal;
  /** Of the round trip, after fees. */
  readonly profit: Decimal;
}

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly passed: boolean;
  readonly text: string;
  readonly fix: string;
}

/**
 * What a configuration would place on the bot as it stands; highest price first. Empty text where a value is unknown.
 */
export type Preview =
  | {
      readonly requestId: string;
      readonly bot: string;
      readonly orders: readonly PreviewOrder[];
      readonly skipped: readonly { readonly slot: string; readonly reason: string }[];
      readonly totals: {
        readonly windowValue: Decimal;
        readonly capitalFull: Decimal;
        readonly breakEvenTicks: number;
        readonly gapTicks: number;
        readonly worstLoss: Decimal;
        readonly stressPrice: Decimal;
      } | null;
      readonly findings: readonly Finding[];
    }
  | {
      readonly requestId: string;
      readonly error: string;
      /** Where the text is wrong; empty when it is something else. */
      readonly problems: readonly { readonly key: string; readonly message: string }[];
    };

export interface JournalEntry {
  readonly sequence: number;
  /** 0 for the event, from 1 for its effects. */
  readonly index: number;
  readonly kind: string;
  readonly at: Ms;
  /** Its body as JSON text. */
  readonly body: string;
}

/** The bot as it was after one event of its journal. */
export type StateAt =
  | {
      readonly requestId: string;
      readonly bot: string;
      readonly sequence: number;
      readonly slots: readonly Slot[];
      readonly orders: readonly {
        readonly clientOrder: string;
        readonly side: "BUY" | "SELL";
        readonly price: Decimal;
        readonly qty: Decimal;
        readonly filled: Decimal;
        readonly status: ClassicOrderStatus;
        /** The exchange's word about it was missing. */
        readonly unknown: boolean;
      }[];
      readonly position: {
        readonly size: Decimal;
        readonly entry: Decimal;
        readonly mark: Decimal;
        readonly unrealized: Decimal;
      } | null;
      readonly gates: readonly Gate[];
      readonly book: {
        readonly bids: readonly (readonly [price: Decimal, qty: Decimal])[];
        readonly asks: readonly (readonly [price: Decimal, qty: Decimal])[];
        readonly at: Ms;
      } | null;
      readonly event: JournalEntry | null;
      readonly effects: readonly JournalEntry[];
    }
  | { readonly requestId: string; readonly error: string };
