// The reconciler (RISK-31…35): the exchange's view against ours, as one pure judgement. It wants look-ups, adoptions, a
// correction or a breaker; it never assumes that an order which is not shown is gone, and never touches foreign ones.

import { compareProducts, floorDiv } from "../base/integer.ts";
import { type Lots, lots, type MilliTicks, type Money } from "../market/amounts.ts";
import { formatMoney, formatQuantity, type Instrument } from "../market/instrument.ts";
import { type ClientOrderId, parseClientOrderId } from "../trading/client-order-id.ts";
import type { OrderEvent } from "../trading/event.ts";
import { isLive, type Order } from "../trading/order.ts";
import { exposureMoney } from "./exposure.ts";
import type { RiskLimits } from "./limits.ts";

/** Corrections of one bot and day; more open the breaker (RISK-33). */
export const CORRECTIONS_A_DAY = 10;

export interface Corrections {
  readonly day: number;
  readonly count: number;
}

/** One complete read of the exchange, and what we believed when it arrived. */
export interface ReconcileInput {
  readonly nowMs: number;
  readonly limits: RiskLimits;
  readonly instrument: Instrument;
  readonly tag: string;
  readonly live: ReadonlyMap<string, Order>;
  readonly open: readonly Pick<OrderEvent, "clientOrderId" | "price" | "quantity" | "cumulative">[];
  /** Orders that changed here after the read was asked for: judged next time (RISK-31). */
  readonly changedSinceAsked: ReadonlySet<string>;
  readonly position: {
    readonly local: Lots;
    /** Null when the read could not tell. */
    readonly exchange: Lots | null;
    /** A fill of the instrument came between asking and answer. */
    readonly filledSinceAsked: boolean;
    /** Fills since the last known one were fetched and applied before this comparison. */
    readonly fillsApplied: boolean;
    /** The journal may have lost its end: any difference that stays is adjusted, with its audit (DUR-27). */
    readonly takesAll?: boolean;
  };
  readonly mark: MilliTicks | null;
  /** How often this comparison was asked for already. */
  readonly attempt: number;
  readonly corrections: Corrections;
  /** Small divergences of this bot that an operator accepted (RISK-53). */
  readonly approvals: number;
}

export type ReconcileDecision =
  /** Ask the exchange for this order and its fills. */
  | { readonly kind: "lookup"; readonly clientOrderId: ClientOrderId; readonly why: "not-shown" | "differs" }
  /** An order with our tag that the journal does not know. */
  | { readonly kind: "orphan"; readonly clientOrderId: ClientOrderId; readonly cancel: boolean }
  | { readonly kind: "foreign"; readonly count: number; readonly alert: boolean }
  | { readonly kind: "fetch-fills" }
  | { readonly kind: "ask-again" }
  /** Asked three times and something always came between: alert. */
  | { readonly kind: "inconclusive" }
  /** One event changes position, ledger and audit together (RISK-35). `lots` is what is added to ours. */
  | ({ readonly kind: "correct"; readonly lots: Lots; readonly corrections: Corrections } & Divergence)
  /** `small`: it would be corrected, had the operator accepted enough of them (RISK-53). */
  | ({
      readonly kind: "breaker";
      readonly breaker: "divergence";
      readonly text: string;
      readonly small: boolean;
    } & Divergence);

/** Evidence of a divergence, kept whatever is done about it. */
export interface Divergence {
  readonly local: Lots;
  readonly exchange: Lots;
  /** Rounded down; 10,000 when the exchange is flat and we are not. */
  readonly divergenceBps: number;
  readonly notional: Money | null;
  readonly cause: "unexplained";
  readonly openOrders: number;
}

/** Decides; applying the decisions and reconciling again on the same read decides nothing more. */
export function reconcile(input: ReconcileInput): readonly ReconcileDecision[] {
  return [...judgeOrders(input), ...judgePosition(input)];
}

/** Both sides show the same orders in the same state: the usual answer, told without a word about any of them. */
function agrees({ live, open }: ReconcileInput): boolean {
  if (open.length !== live.size) return false;
  const seen = new Set<string>();
  for (const there of open) {
    const order = live.get(there.clientOrderId);
    if (order === undefined || differs(order, there)) return false;
    seen.add(there.clientOrderId);
  }
  return seen.size === live.size;
}

function judgeOrders(input: ReconcileInput): readonly ReconcileDecision[] {
  if (agrees(input)) return [];
  const decisions: ReconcileDecision[] = [];
  const shown = new Map(input.open.map((order) => [order.clientOrderId as string, order]));
  for (const [id, order] of input.live) {
    // what was never acknowledged is the settling's business
    if (!isLive(order) || order.place !== "acknowledged" || input.changedSinceAsked.has(id)) continue;
    const there = shown.get(id);
    if (there === undefined) decisions.push({ kind: "lookup", clientOrderId: order.clientOrderId, why: "not-shown" });
    else if (differs(order, there))
      decisions.push({ kind: "lookup", clientOrderId: order.clientOrderId, why: "differs" });
  }
  let foreign = 0;
  for (const order of input.open) {
    if (input.live.has(order.clientOrderId) || input.changedSinceAsked.has(order.clientOrderId)) continue;
    const own = parseClientOrderId(order.clientOrderId)?.tag === input.tag;
    if (own)
      decisions.push({
        kind: "orphan",
        clientOrderId: order.clientOrderId,
        cancel: input.limits.onOrphan === "cancel",
      });
    else foreign += 1;
  }
  if (foreign > 0) decisions.push({ kind: "foreign", count: foreign, alert: input.limits.foreignOrders === "alert" });
  return decisions;
}

function differs(order: Order, there: ReconcileInput["open"][number]): boolean {
  const { price, quantity } = order.order;
  return there.price !== price || there.quantity !== quantity || there.cumulative !== order.cumulative;
}

function judgePosition(input: ReconcileInput): readonly ReconcileDecision[] {
  const { local, exchange, filledSinceAsked, fillsApplied } = input.position;
  if (exchange === null || filledSinceAsked) return [{ kind: input.attempt >= 3 ? "inconclusive" : "ask-again" }];
  if (exchange === local) return [];
  if (!fillsApplied) return [{ kind: "fetch-fills" }];
  return [judgeDivergence(input, local, exchange)];
}

/** RISK-33: small enough in share and value, and not too often, is corrected; anything else stops opening. */
function judgeDivergence(input: ReconcileInput, local: Lots, exchange: Lots): ReconcileDecision {
  const { limits, instrument, mark } = input;
  const difference = Math.abs(exchange - local);
  const notional = mark === null ? null : exposureMoney(instrument, mark, difference);
  const evidence: Divergence = {
    local,
    exchange,
    divergenceBps: divergenceBps(local, exchange),
    notional,
    cause: "unexplained",
    openOrders: input.open.length,
  };
  const day = floorDiv(input.nowMs, 86_400_000);
  const count = input.corrections.day === day ? input.corrections.count : 0;
  const isSmall = compareProducts(difference, 10_000, limits.divergenceBpsMax, Math.abs(exchange)) < 0;
  if (input.position.takesAll === true) {
    return { kind: "correct", lots: lots(exchange - local), corrections: input.corrections, ...evidence };
  }
  const isCheap = notional !== null && notional <= limits.autoCorrectNotionalMax;
  const small = limits.autoCorrect === "on" && isSmall && isCheap && count < CORRECTIONS_A_DAY;
  if (small && input.approvals >= (limits.autoCorrectApprovals ?? 0)) {
    return { kind: "correct", lots: lots(exchange - local), corrections: { day, count: count + 1 }, ...evidence };
  }
  return { kind: "breaker", breaker: "divergence", text: breakerText(instrument, evidence), small, ...evidence };
}

/** |exchange − local| ÷ |exchange| in bps, rounded down; 100 % when the exchange is flat and we are not. */
export function divergenceBps(local: number, exchange: number): number {
  if (exchange === 0) return local === 0 ? 0 : 10_000;
  return floorDiv(Math.abs(exchange - local) * 10_000, Math.abs(exchange));
}

function breakerText(instrument: Instrument, evidence: Divergence): string {
  const ours = formatQuantity(instrument, evidence.local);
  const theirs = formatQuantity(instrument, evidence.exchange);
  const worth = evidence.notional === null ? "no price" : `${formatMoney(evidence.notional)} ${instrument.quote}`;
  const position = `position is ${ours} ${instrument.base} here and ${theirs} on ${instrument.exchange}`;
  return `${position} (${evidence.divergenceBps} bps, ${worth}): check the fills, then accept with reconcile accept`;
}
