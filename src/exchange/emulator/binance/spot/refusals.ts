// The sentences in which Binance spot refuses (EMU-22), with their codes and HTTP statuses. Clients match on these very
// words, so they are the exchange's own: developers.binance.com, "Error codes" and "Filters" of the spot API.

import type { MutationReply } from "../../../../sim/session.ts";
import { type Refusal, refusal, refusals } from "../wire/refusals.ts";

export type FilterName =
  | "PRICE_FILTER"
  | "LOT_SIZE"
  | "NOTIONAL"
  | "PERCENT_PRICE_BY_SIDE"
  | "MAX_NUM_ORDERS"
  | "MARKET_LOT_SIZE";

export const filterFailure = (name: FilterName): Refusal => refusal(-1013, `Filter failure: ${name}`);
export const notRequired = (name: string): Refusal => refusal(-1106, `Parameter '${name}' sent when not required.`);
export const tooPrecise = (name: string): Refusal => refusal(-1111, `Parameter '${name}' has too much precision.`);

export const MARKET_CLOSED = refusal(-1013, "Market is closed.");
export const NO_FUNDS = refusal(-2010, "Account has insufficient balance for requested action.");
export const WOULD_TAKE = refusal(-2010, "Order would immediately match and take.");
export const DUPLICATE = refusal(-2010, "Duplicate order sent.");
export const NOT_CHANGED = refusal(-2038, "The requested action would change no state; rejecting.");
export const NO_INCREASE = refusal(-2038, "Order amend (quantity increase) is not supported.");

/** What the simulated exchange refused, in the exchange's words. */
export function refusalOf(reply: MutationReply): Refusal {
  if (reply.result === "duplicate") return DUPLICATE;
  if (reply.result === "not-open") return refusals.cancelUnknown();
  if (reply.result !== "rejected") return refusals.disconnected();
  switch (reply.reason) {
    case "POST_ONLY_WOULD_TAKE":
      return WOULD_TAKE;
    case "INSUFFICIENT_FUNDS":
      return NO_FUNDS;
    case "PRICE_OUT_OF_BAND":
      return filterFailure("PERCENT_PRICE_BY_SIDE");
    case "OFF_GRID":
      return filterFailure("PRICE_FILTER");
    case "BELOW_MINIMUM":
      return filterFailure("NOTIONAL");
    case "TOO_MANY_ORDERS":
      return filterFailure("MAX_NUM_ORDERS");
    case "RATE_LIMITED":
      return refusal(-1015, "Too many new orders; current limit is 100 orders per 10 SECOND.", 429);
    case "INSTRUMENT_NOT_TRADING":
      return MARKET_CLOSED;
    case "FILL_OR_KILL":
      return refusal(-2010, "The order can not be filled at once, and FOK asks for all of it.");
    case "REDUCE_ONLY_REJECTED":
    case "SELF_TRADE":
    case "OTHER":
      return refusal(-2010, "This action is disabled on this account.");
  }
}
