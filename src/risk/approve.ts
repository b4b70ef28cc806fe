// The only place where an order becomes `Approved` (RISK-02). A pure decision over limits, facts and the order; the
// token bucket is the one thing it changes, by event time, so that a replay refuses the same orders (RISK-08).

import { type Lots, type MilliTicks, milliTicks } from "../market/amounts.ts";
import type { Approved, NewOrder } from "../trading/order.ts";
import type { ApprovalContext, Check, Measure, RefusalCode } from "./check.ts";
import { exposureMoney, isReducing, liveTotals, midOf, worstCaseWith } from "./exposure.ts";
import type { ApprovalFacts } from "./facts.ts";
import { halfGrant, halved } from "./halved.ts";
import type { RiskLimits } from "./limits.ts";
import { ORDER_CHECKS } from "./order-checks.ts";
import { ROOM_CHECKS } from "./room-checks.ts";

export type { RefusalCode } from "./check.ts";
export { openOrdersLimitOf } from "./room-checks.ts";

/** RISK-06, in order. */
export const CHECKS: readonly Check[] = [...ORDER_CHECKS, ...ROOM_CHECKS];

/** Thousandths of an order that may leave now, as of an event time. */
export interface TokenBucket {
  milliTokens: number;
  atMs: number;
}

/** What approval remembers: plain canonical data. */
export interface RiskState {
  /** Null until the first order: it starts full. */
  bucket: TokenBucket | null;
  /** The closer's own: a kill never waits for the strategy's orders. */
  closerBucket: TokenBucket | null;
  /** Orders approved in the running second, for the text of a refusal. */
  second: { atMs: number; orders: number };
}

export type Approval =
  | {
      readonly ok: true;
      readonly approved: Approved<NewOrder>;
      /** The order only closes what is held. */
      readonly reducing: boolean;
      /** How many checks it passed. */
      readonly checks: number;
    }
  | ({ readonly ok: false; readonly code: RefusalCode; readonly text: string } & Measure);

/** Head-room of one check (RISK-04). */
export interface CheckRecord extends Measure {
  readonly code: RefusalCode;
  readonly passed: boolean;
  /** Not asked of this order, because it only reduces. */
  readonly spared: boolean;
  /** The sentence of the refusal; empty when passed. */
  readonly text: string;
}

export const initialRiskState = (): RiskState => ({
  bucket: null,
  closerBucket: null,
  second: { atMs: 0, orders: 0 },
});

/**
 * Runs the checks of RISK-06 in order and stops at the first refusal. One pass over the live orders. Changes only the
 * token bucket of `state`, and only for an approved order.
 */
// tidy-ok: the hottest decision of the engine; an options object would be one more allocation an order
export function approve(limits: RiskLimits, state: RiskState, facts: ApprovalFacts, order: NewOrder): Approval {
  const bucket = refilled(limits, state, facts);
  const context = contextOf(limits, state, { facts, order, bucket, explaining: false });
  let checks = 0;
  for (const check of CHECKS) {
    if (check.openingOnly && context.reducing) continue;
    if (!check.passes(context)) {
      return { ok: false, code: check.code, text: check.text(context), ...check.measure(context) };
    }
    checks += 1;
  }
  take(state, facts, bucket);
  return { ok: true, approved: order as Approved<NewOrder>, reducing: context.reducing, checks };
}

/** All checks with what was compared, for preview, doctor and `explain`. Changes nothing. */
// tidy-ok: the same four facts as approve
export function explainApproval(
  limits: RiskLimits,
  state: RiskState,
  facts: ApprovalFacts,
  order: NewOrder,
): readonly CheckRecord[] {
  const bucket = refilled(limits, state, facts);
  const context = contextOf(limits, state, { facts, order, bucket, explaining: true });
  return CHECKS.map((check) => record(check, context));
}

function record(check: Check, context: ApprovalContext): CheckRecord {
  const spared = check.openingOnly && context.reducing;
  const passed = spared || check.passes(context);
  return { code: check.code, passed, spared, text: passed ? "" : check.text(context), ...check.measure(context) };
}

interface Asked {
  readonly facts: ApprovalFacts;
  readonly order: NewOrder;
  readonly bucket: TokenBucket;
  readonly explaining: boolean;
}

function contextOf(configured: RiskLimits, state: RiskState, asked: Asked): ApprovalContext {
  const { order } = asked;
  const totals = liveTotals(asked.facts.live, order.slotKey);
  const reducing = isReducing(order, asked.facts.position, totals);
  // what only closes is never made smaller by a probation
  const halves = asked.facts.probation === true && !reducing;
  const limits = halves ? halved(configured) : configured;
  const facts = halves ? halfGrant(asked.facts) : asked.facts;
  const worst: Lots = worstCaseWith(facts.position, totals, order);
  const wanted = asked.explaining || !reducing;
  const fresh = facts.bookAtMs !== null && facts.nowMs - facts.bookAtMs <= limits.bookAgeMsMax;
  const mid = fresh ? midOf(facts.bid, facts.ask) : null;
  return {
    limits,
    facts,
    order,
    totals,
    reducing,
    worst,
    exposure: wanted && facts.mark !== null ? exposureMoney(facts.instrument, facts.mark, worst) : null,
    reference: mid === null ? standingMark(facts) : milliTicks(mid),
    referenceName: mid === null ? "mark" : "mid",
    hasToken: asked.bucket.milliTokens >= 1000,
    inSecond: facts.nowMs - state.second.atMs < 1000 ? state.second.orders : 0,
  };
}

/** The mark without a fresh mid; the mid of a stale book is none, and may not hold up what only closes (RISK-02). */
const standingMark = ({ mark, markIsMid }: ApprovalFacts): MilliTicks | null => (markIsMid === true ? null : mark);

/** The bucket as of now; `state` is not touched. Time that steps back refills nothing. */
function refilled(limits: RiskLimits, state: RiskState, facts: ApprovalFacts): TokenBucket {
  const bucket = facts.closer === undefined ? state.bucket : state.closerBucket;
  const capacity = limits.ordersBurst * 1000;
  if (bucket === null) return { milliTokens: capacity, atMs: facts.nowMs };
  const elapsed = Math.max(0, facts.nowMs - bucket.atMs);
  // a product beyond the safe integers is inexact, but more than any bucket holds
  const gained = elapsed * limits.ordersPerSecondMax;
  return { milliTokens: Math.min(capacity, bucket.milliTokens + gained), atMs: bucket.atMs + elapsed };
}

function take(state: RiskState, facts: ApprovalFacts, bucket: TokenBucket): void {
  bucket.milliTokens -= 1000;
  if (facts.closer === undefined) state.bucket = bucket;
  else state.closerBucket = bucket;
  const inSecond = facts.nowMs - state.second.atMs < 1000;
  if (inSecond) state.second.orders += 1;
  else state.second = { atMs: facts.nowMs, orders: 1 };
}
