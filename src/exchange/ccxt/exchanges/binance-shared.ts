// What both Binance markets have in common: requests, statuses, origins of fills, rights of a key.

import type { InstrumentStatus } from "../../../market/instrument.ts";
import type { RejectReason } from "../../../trading/order.ts";
import type { KeyRights } from "../../port.ts";
import { flagOf, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { BINANCE_CODES, BINANCE_STATUSES, binanceElements, binanceWord } from "./binance-words.ts";
import type { CcxtCall, ExchangeTable, FeeRead, FillOrigin, WireOrder } from "./exchange-table.ts";
import { STREAMS_GIVEN } from "./streams-given.ts";

const DAY_MS = 86_400_000;

/** `createOrder` of ccxt; post-only and reduce-only are named only where they hold. */
export function createArguments(order: WireOrder): readonly unknown[] {
  const { symbol, side, amount, price, clientOrderId, timeInForce, postOnly, reduceOnly } = order;
  const params: Record<string, unknown> = { clientOrderId };
  if (postOnly) params["postOnly"] = true;
  else params["timeInForce"] = timeInForce;
  if (reduceOnly) params["reduceOnly"] = true;
  return [symbol, "limit", side, amount, price, params];
}

/** The same as an element of `createOrders`. */
export function createElement(order: WireOrder): Raw {
  const [symbol, type, side, amount, price, params] = createArguments(order);
  return { symbol, type, side, amount, price, params };
}

const STATUSES: Readonly<Record<string, InstrumentStatus>> = {
  TRADING: "trading",
  CANCEL_ONLY: "cancel-only",
  PENDING_TRADING: "halted",
  END_OF_DAY: "halted",
  HALT: "halted",
  BREAK: "halted",
  PRE_SETTLE: "delisting",
  SETTLING: "cancel-only",
  PRE_DELIVERING: "delisting",
  DELIVERING: "delisting",
  DELIVERED: "delisting",
  CLOSE: "delisting",
};

function origin(info: Raw, clientOrderId: string | null): FillOrigin {
  const id = clientOrderId ?? textOf(info["clientOrderId"]) ?? "";
  if (id.startsWith("autoclose-")) return "liquidation";
  return id.startsWith("adl_autoclose") ? "adl" : "order";
}

/** `commission` is positive when paid and negative for a rebate, by REST as by stream (`n`). */
function fee(info: Raw): FeeRead | null {
  const amount = textOf(info["commission"] ?? info["n"]);
  const asset = textOf(info["commissionAsset"] ?? info["N"]);
  return amount === null || asset === null ? null : { asset, amount };
}

function endReason(info: Raw): RejectReason | null {
  const status = textOf(info["status"] ?? info["X"]);
  const timeInForce = textOf(info["timeInForce"] ?? info["f"]);
  if (status === "EXPIRED_IN_MATCH") return "SELF_TRADE";
  if (status !== "EXPIRED") return null;
  return timeInForce === "GTX" ? "POST_ONLY_WOULD_TAKE" : timeInForce === "FOK" ? "FILL_OR_KILL" : null;
}

function openOrdersMax(info: Raw): number | null {
  const filter = recordsOf(info["filters"]).find((each) => each["filterType"] === "MAX_NUM_ORDERS");
  return filter === undefined ? null : (wholeOf(filter["limit"]) ?? wholeOf(filter["maxNumOrders"]));
}

/** `sapi/v1/account/apiRestrictions`; `trade` names the right that counts in this market. */
export function binanceRights(trade: "enableFutures" | "enableSpotAndMarginTrading"): ExchangeTable["rights"] {
  return {
    call: { method: "sapiGetAccountApiRestrictions", args: [] },
    read: (reply): KeyRights => {
      const said = recordOf(reply);
      const transfer = [flagOf(said["enableInternalTransfer"]), flagOf(said["permitsUniversalTransfer"])];
      return {
        trade: flagOf(said[trade]),
        withdraw: flagOf(said["enableWithdrawals"]),
        transfer: transfer.includes(true) ? true : transfer.includes(false) ? false : null,
        ipRestricted: flagOf(said["ipRestrict"]),
      };
    },
  };
}

const byClientId = (method: string, symbol: string, clientOrderId: string): CcxtCall => ({
  method,
  args: [undefined, symbol, { clientOrderId }],
});

/** What one table of Binance takes from here. */
export const BINANCE: Pick<
  ExchangeTable,
  | "name"
  | "demo"
  | "streams"
  | "lookupByClientId"
  | "lookupReachMs"
  | "lookupLagMs"
  | "expiry"
  | "batchInOrder"
  | "place"
  | "cancel"
  | "batchElements"
  | "cancelEverything"
  | "lookups"
  | "word"
  | "codes"
  | "statuses"
  | "rateStatuses"
  | "banStatuses"
  | "status"
  | "openOrdersMax"
  | "inexpressible"
  | "openOrdersPages"
  | "classes"
  | "fee"
  | "origin"
  | "endReason"
> = {
  name: "binance",
  demo: "demo-trading",
  streams: STREAMS_GIVEN.perpetual,
  lookupByClientId: true,
  // unfilled cancelled orders are forgotten after 3 days
  lookupReachMs: 3 * DAY_MS,
  lookupLagMs: 2000,
  expiry: { form: "window-param", name: "recvWindow" },
  batchInOrder: true,
  place: (order) => ({ method: "createOrder", args: createArguments(order) }),
  cancel: (symbol, clientOrderId) => byClientId("cancelOrder", symbol, clientOrderId),
  batchElements: binanceElements,
  cancelEverything: (symbol) => ({ method: "cancelAllOrders", args: [symbol] }),
  lookups: (symbol, clientOrderId) => [byClientId("fetchOrder", symbol, clientOrderId)],
  word: binanceWord,
  codes: BINANCE_CODES,
  statuses: BINANCE_STATUSES,
  rateStatuses: [429],
  banStatuses: [418],
  status: (info) => STATUSES[textOf(info["status"] ?? info["contractStatus"]) ?? ""] ?? "halted",
  openOrdersMax,
  inexpressible: () => null,
  openOrdersPages: null,
  classes: {},
  fee,
  origin,
  endReason,
};

/** The next trade id, exactly: ids are whole numbers that may pass 2^53. */
export const afterTradeId = (tradeId: string): Raw | null =>
  /^\d{1,30}$/.test(tradeId) ? { fromId: (BigInt(tradeId) + 1n).toString() } : null;

/** An address of ccxt's list on another host; the path stays unless `path` gives another one. */
export function movedUrl(
  url: string,
  to: { readonly rest: string; readonly websocket: string },
  path: (path: string) => string = (same) => same,
): string {
  const from = new URL(url);
  const socket = from.protocol === "ws:" || from.protocol === "wss:";
  const base = (socket ? to.websocket : to.rest).replace(/\/+$/, "");
  return `${base}${socket ? path(from.pathname) : from.pathname}`;
}

export { DAY_MS };
