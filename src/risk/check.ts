// What a pre-trade check is (RISK-06): a code, a test, what was compared with what, and the sentence of its refusal.
// The checks themselves stand in order-checks.ts and room-checks.ts.

import type { Lots, MilliTicks, Money } from "../market/amounts.ts";
import { formatMoney, formatQuantity } from "../market/instrument.ts";
import type { NewOrder } from "../trading/order.ts";
import { closable, type LiveTotals } from "./exposure.ts";
import type { ApprovalFacts } from "./facts.ts";
import type { RiskLimits } from "./limits.ts";

/** What a refusal is called everywhere: alerts, metrics, the strategy's event. */
export const REFUSAL_CODES = [
  "mode",
  "instrument",
  "size-rules",
  "reduce-only",
  "stale-book",
  "no-price",
  "unknown-order",
  "order-quantity",
  "order-notional",
  "price-band",
  "position",
  "position-notional",
  "leverage",
  "exposure",
  "budget",
  "open-orders",
  "order-rate",
  "self-trade",
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Everything one decision looks at. */
export interface ApprovalContext {
  readonly limits: RiskLimits;
  readonly facts: ApprovalFacts;
  readonly order: NewOrder;
  readonly totals: LiveTotals;
  /** The order only closes: checks marked ○ in RISK-06 are not asked of it. */
  readonly reducing: boolean;
  /** max(|L|, |W|) with the order alive. */
  readonly worst: Lots;
  /** Its value at mark; null without a mark. */
  readonly exposure: Money | null;
  /** Fresh mid, else mark, in milliticks: what the price band is measured from. */
  readonly reference: MilliTicks | null;
  readonly referenceName: "mid" | "mark";
  /** The token bucket still lets one out. */
  readonly hasToken: boolean;
  /** Orders approved in the running second. */
  readonly inSecond: number;
}

/** What was compared, as exact text. `value: null` is not known, `limit: null` is none. */
export interface Measure {
  readonly value: string | null;
  readonly limit: string | null;
  readonly unit: string;
}

export interface Check {
  readonly code: RefusalCode;
  /** Not asked of reducing orders (○). */
  readonly openingOnly: boolean;
  readonly passes: (c: ApprovalContext) => boolean;
  readonly measure: (c: ApprovalContext) => Measure;
  readonly text: (c: ApprovalContext) => string;
}

export type CheckRow = Omit<Check, "code" | "openingOnly">;
/** A check that is asked of every order. */
export const every = (code: RefusalCode, row: CheckRow): Check => ({ code, openingOnly: false, ...row });
/** A check that reducing orders are spared. */
export const opening = (code: RefusalCode, row: CheckRow): Check => ({ code, openingOnly: true, ...row });

/** The order's quantity with its unit. */
export const quantityOf = ({ facts, order }: ApprovalContext): { value: string; unit: string } => ({
  value: formatQuantity(facts.instrument, order.quantity),
  unit: facts.instrument.base,
});

/** What the order's side may close. */
export const closableLots = ({ facts, order, totals }: ApprovalContext): Lots =>
  closable(order.side, facts.position, totals);

/** A limit of lots as text. */
export const lotsLimit = ({ facts }: ApprovalContext, limit: Lots | null): string | null =>
  limit === null ? null : formatQuantity(facts.instrument, limit);

/** Money against a limit of money. */
export const moneyMeasure = (c: ApprovalContext, value: Money | null, limit: Money): Measure => ({
  value: value === null ? null : formatMoney(value),
  limit: formatMoney(limit),
  unit: c.facts.instrument.quote,
});
