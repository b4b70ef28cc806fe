// What a strategy is to the engine: a pure function from state and input to wishes. It reads no clock, draws no random
// number, and never throws for anything the market can do.

import type { Lots, MilliTicks, Money, Ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { Command, Leg } from "../trading/command.ts";
import type { AlertSeverity, Because } from "../trading/effect.ts";
import type { CandleEvent, FeedName, FillEvent, StartFacts } from "../trading/event.ts";
import type { NewOrder, RejectReason } from "../trading/order.ts";

/** How strictly a gate holds a strategy back (grid.md section 7). */
export type GateLevel = "RUN" | "HOLD" | "REDUCE" | "FREEZE" | "HALT";

/** Gates the engine sets from outside the strategy; the strategy's own (trend, margin, stray …) are its business. */
export type EngineGate = "operator" | "stopping" | "risk" | "monitor" | "feed-book" | "feed-orders";

/** What became of an order of this strategy. `cumulative` is the highest executed total proven so far. */
export type OrderChange =
  | { readonly change: "open"; readonly cumulative: Lots }
  | { readonly change: "executed"; readonly cumulative: Lots }
  | { readonly change: "filled"; readonly cumulative: Lots }
  | { readonly change: "canceled"; readonly cumulative: Lots }
  | { readonly change: "expired"; readonly cumulative: Lots }
  | { readonly change: "rejected"; readonly cumulative: Lots; readonly reason: RejectReason; readonly text: string }
  /** Refused by risk: it never left. */
  | { readonly change: "refused"; readonly code: string; readonly text: string }
  /** Proof that it never left. */
  | { readonly change: "withdrawn" }
  | { readonly change: "unknown" }
  | { readonly change: "absent" }
  /** A cancel failed or is unanswered; the order may live on. */
  | { readonly change: "cancel-failed" };

export type StrategyInput =
  /** Best prices of a valid, whole book. */
  | {
      readonly kind: "book";
      readonly bid: Ticks;
      readonly ask: Ticks;
      readonly bidQuantity: Lots;
      readonly askQuantity: Lots;
    }
  /** A book that is crossed, empty on a side or not positive: counted, never traded on. */
  | { readonly kind: "bad-book" }
  | { readonly kind: "candle"; readonly candle: CandleEvent }
  | { readonly kind: "order"; readonly clientOrderId: ClientOrderId; readonly change: OrderChange }
  /** Every fill of the bot's account, once: for fees taken in base (GRID-03), strays and the closer (GRID-36). */
  | {
      readonly kind: "fill";
      readonly fill: FillEvent;
      /** The fill belongs to an order this strategy placed; its lots arrive by that order's `order` input too. */
      readonly routed: boolean;
      /** The shared closer's fill (flatten): reduces `held`, worst entry first (GRID-36). */
      readonly closer: boolean;
    }
  | {
      readonly kind: "gate";
      readonly gate: EngineGate;
      readonly level: GateLevel;
      readonly leg: Leg | "both";
      readonly reason: string;
    }
  | { readonly kind: "feed"; readonly feed: FeedName; readonly state: "stale" | "fresh" }
  | { readonly kind: "command"; readonly command: Command; readonly by: string; readonly reason: string }
  | { readonly kind: "timer"; readonly name: string }
  | { readonly kind: "start"; readonly facts: StartFacts }
  /** A new run begins: nothing is planned before `recovered`, while open orders are being settled (GRID-43). */
  | { readonly kind: "recovering" }
  /** Recovery or first start is over: planning may begin (GRID-41). */
  | { readonly kind: "recovered" }
  /** New configuration of the *live* class (GRID-44); already validated. */
  | { readonly kind: "config"; readonly config: unknown }
  | { readonly kind: "instrument"; readonly instrument: Instrument }
  /** An automatic correction of the reconciler (RISK-33): signed lots to be taken up by `adopt` or `writeOff` rules. */
  | { readonly kind: "correction"; readonly lots: Lots };

/** What the strategy may look at besides its own state. */
export interface StrategyContext {
  readonly nowMs: number;
  readonly seq: number;
  readonly instrument: Instrument;
  /** Ledger position of the bot, signed. */
  readonly position: Lots;
  /** Risk's price band (RISK-06 check 9) around the mid, in bps: orders outside would be refused. */
  readonly priceBandBps: number;
  readonly priceBandFarBps: number;
  /** Risk's own limit of live orders and the exchange's less 10 %. */
  readonly openOrdersLimit: number;
}

/** Where a strategy puts what it wants. Ids are given at once, so the same step can remember them (GRID-28). */
export interface Outbox {
  place(order: NewOrder, because: Because): ClientOrderId;
  cancel(clientOrderId: ClientOrderId, because: Because): void;
  timer(name: string, atMs: number | null): void;
  alert(
    code: string,
    severity: AlertSeverity,
    text: string,
    facts: { readonly [name: string]: string | number | boolean | null },
  ): void;
  reconcile(because: Because): void;
  reloadCandles(interval: string, count: number): void;
  /** Asks the shared closer to bring the position to zero, reduce-only (RISK-22, RISK-36). */
  flatten(because: Because): void;
  /** Books lots that came (or, negative, went) without a fill: adoption and write-off (GRID-42, GRID-46). */
  adjustLedger(quantity: Lots, price: Ticks, because: Because): void;
  /** From now on this strategy configuration is in force: a `relattice` was carried out (GRID-44). */
  acceptConfig(config: unknown): void;
}

/** One slot or quote as the console shows it. */
export interface LadderRow {
  readonly key: string;
  readonly price: Ticks;
  readonly exitPrice: Ticks | null;
  readonly leg: Leg;
  readonly held: Lots;
  readonly state: string;
  readonly clientOrderId: ClientOrderId | null;
  readonly note: string;
}

/** Where capital, position and money stand; a query for screens and reports. */
export interface StrategyView {
  readonly phase: string;
  readonly reference: MilliTicks | null;
  readonly gates: readonly string[];
  readonly ladder: readonly LadderRow[];
}

/** `State` is plain canonical data (no class, no float): it is hashed, snapshotted and restored as it is. */
export interface Strategy<Config, State> {
  readonly name: string;
  initial(config: Config, instrument: Instrument): State;
  /** Mutates `state` in place and writes wishes to `out`. Total and deterministic. */
  step(config: Config, context: StrategyContext, state: State, input: StrategyInput, out: Outbox): void;
  view(config: Config, context: StrategyContext, state: State): StrategyView;
  /** Problems of a configuration on an instrument that only the strategy can judge; empty when it may start. */
  /** Value of one order in quote, for the safety check's question whether the capital reaches far enough (RISK-30). */
  orderNotional?(config: Config, instrument: Instrument): Money;
  /** Signed lots the ledger counts and no slot owns (GRID-30); none where a strategy does not say. */
  strayLots?(state: State): Lots;
  /** Sides it opens on, for the risk monitor (RISK-05); both where a strategy does not say. */
  openingLeg?(config: Config): Leg | "both";
  check(config: Config, instrument: Instrument, facts: { readonly quoteAvailable: Money | null }): readonly string[];
}
