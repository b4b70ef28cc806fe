// Keys of the breakers of one bot (RISK-18, RISK-50). 0 switches one off where the range holds it; doctor says so.

import { BILLION, choice, money, type RiskKey, whole } from "../key.ts";

const MINUTE_MS = 60_000;

export const BREAKER_KEYS: readonly RiskKey[] = [
  whole({
    key: "lossesInRowMax",
    unit: "closing orders",
    default: 5,
    min: 0,
    max: 100,
    meaning: "so many closing orders with a loss in a row open a breaker; 0 off",
  }),
  whole({
    key: "drawdownBpsMax",
    unit: "bps",
    default: 500,
    min: 0,
    max: 10_000,
    meaning: "fall of the capital from its peak in the window that opens a breaker; 0 off",
  }),
  whole({
    key: "drawdownWindowMs",
    unit: "ms",
    default: 60 * MINUTE_MS,
    min: MINUTE_MS,
    max: 10_080 * MINUTE_MS,
    meaning: "the window of the peak",
  }),
  money("drawdownAmountMax", "0", ["0", BILLION], "the same fall as an amount; 0 off"),
  choice("onDrawdown", ["cancel", "flatten"], "whether a drawdown only cancels all orders or closes the position too"),
  whole({
    key: "latencyP99MsMax",
    unit: "ms",
    default: 2_000,
    min: 0,
    max: 60_000,
    meaning: "slower round trips of orders open a breaker; 0 off",
  }),
  choice("stalePolicy", ["freeze", "exit"], "whether a stale account only stops new risk or closes the position"),
  whole({
    key: "marginRatioWarnBps",
    unit: "bps",
    default: 3_000,
    min: 1,
    max: 9_500,
    meaning: "maintenance margin ÷ equity that is warned of",
  }),
  whole({
    key: "marginRatioTripBps",
    unit: "bps",
    default: 5_000,
    min: 1,
    max: 9_500,
    meaning: "margin ratio at which the position is reduced by half every 10 s until it is below the warning",
  }),
  whole({
    key: "liquidationWarnBps",
    unit: "bps",
    default: 2_000,
    min: 1,
    max: 9_000,
    meaning: "distance of the liquidation price from the mark that is warned of",
  }),
  whole({
    key: "liquidationTripBps",
    unit: "bps",
    default: 1_000,
    min: 1,
    max: 9_000,
    meaning: "distance at which the position is closed",
  }),
  whole({
    key: "retryRatioBpsMax",
    unit: "bps",
    default: 5_000,
    min: 0,
    max: 10_000,
    meaning: "share of repeated requests of five minutes that opens a breaker; 0 off",
  }),
  whole({
    key: "rejectsInRowMax",
    unit: "orders",
    default: 10,
    min: 0,
    max: 1_000,
    meaning: "so many orders refused by the exchange in a row open a breaker; 0 off",
  }),
  whole({
    key: "unknownAgeMsMax",
    unit: "ms",
    default: MINUTE_MS,
    min: 10_000,
    max: 60 * MINUTE_MS,
    meaning: "an order unsettled for longer opens a breaker",
  }),
];
