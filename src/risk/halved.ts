// Limits while a breaker is on probation (RISK-18): half of what an order, a position and the exposure may be.

import { floorDiv } from "../base/integer.ts";
import { type Lots, lots, money } from "../market/amounts.ts";
import type { ApprovalFacts } from "./facts.ts";
import type { RiskLimits } from "./limits.ts";

const half = (quantity: Lots | null): Lots | null => (quantity === null ? null : lots(floorDiv(quantity, 2)));

/** Rounded down: a limit never grows by rounding. */
export const halved = (limits: RiskLimits): RiskLimits => ({
  ...limits,
  orderNotionalMax: money(limits.orderNotionalMax / 2n),
  positionNotionalMax: money(limits.positionNotionalMax / 2n),
  exposureGrossMax: money(limits.exposureGrossMax / 2n),
  orderQuantityMax: half(limits.orderQuantityMax),
  positionQuantityMax: half(limits.positionQuantityMax),
});

/** The account's grant is a limit of exposure like the bot's own. */
export const halfGrant = (facts: ApprovalFacts): ApprovalFacts =>
  facts.grant === undefined ? facts : { ...facts, grant: money(facts.grant / 2n) };
