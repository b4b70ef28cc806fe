// OKX, linear swaps and spot (column OKX of exchanges.md section 3). Quantities are contracts of `ctVal` coins; every
// order travels as a list, even alone; fees are negative when paid.

import type { InstrumentStatus } from "../../../market/instrument.ts";
import type { RejectReason } from "../../../trading/order.ts";
import { isRecord, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { createArguments, createElement, movedUrl } from "./binance-shared.ts";
import { negated, withHost } from "./code-rows.ts";
import type { AccountRead, CcxtCall, ExchangeTable, FillOrigin, PageRead } from "./exchange-table.ts";
import { OKX_CODES, OKX_LIMITS, OKX_STATUSES, okxElements, okxWord } from "./okx-words.ts";
import { STREAMS_GIVEN } from "./streams-given.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const STATUSES: Readonly<Record<string, InstrumentStatus>> = {
  live: "trading",
  // orders that would take are refused there: nobody quotes one-sidedly on purpose
  post_only: "cancel-only",
  settling: "cancel-only",
  suspend: "halted",
  rebase: "halted",
  preopen: "halted",
  test: "halted",
};

/** Why OKX ends orders of its own will: `cancelSource` of orders. */
const CANCEL_SOURCES: Readonly<Record<string, RejectReason>> = {
  "2": "REDUCE_ONLY_REJECTED",
  "9": "INSUFFICIENT_FUNDS",
  "13": "FILL_OR_KILL",
  "15": "PRICE_OUT_OF_BAND",
  "17": "REDUCE_ONLY_REJECTED",
  "22": "REDUCE_ONLY_REJECTED",
  "23": "REDUCE_ONLY_REJECTED",
  "31": "POST_ONLY_WOULD_TAKE",
  "32": "SELF_TRADE",
};

/** Transaction types of fills: closed by liquidation, reduced by auto-deleveraging. */
const LIQUIDATIONS: readonly string[] = ["100", "101", "102", "103", "104", "105", "106", "107"];
const DELEVERAGINGS: readonly string[] = ["125", "126", "127", "128"];

/** Fills of the REST list name a type, those of order frames a category. */
function origin(info: Raw): FillOrigin {
  const type = textOf(info["subType"]) ?? "";
  const category = textOf(info["category"]) ?? "";
  if (LIQUIDATIONS.includes(type) || category.endsWith("liquidation")) return "liquidation";
  return DELEVERAGINGS.includes(type) || category === "adl" ? "adl" : "order";
}

/** Pages come newest first, so the oldest id of one continues with what is older. */
const olderThan =
  (field: string) =>
  ({ records }: PageRead): Raw | null => {
    const oldest = records.map((record) => textOf(recordOf(record["info"])[field])).filter((id) => id !== null);
    const [least] = oldest.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    return least === undefined ? null : { after: least };
  };

function account(reply: unknown, asset: string, kind: string | null): AccountRead {
  const [whole = recordOf(null)] = recordsOf(recordOf(reply)["data"]);
  const own = recordsOf(whole["details"]).find((each) => each["ccy"] === asset);
  const told = own ?? recordOf(null);
  // across currencies the whole account stands behind every position, in dollars
  const across = kind === "multi-currency";
  const nothing = own === undefined ? "0" : null;
  return {
    total: textOf(told["cashBal"]) ?? nothing,
    available: textOf(told["availEq"]) ?? textOf(told["availBal"]) ?? nothing,
    equity: across ? textOf(whole["adjEq"]) : (textOf(told["eq"]) ?? nothing),
    // told in futures mode only while there is a position
    maintenanceMargin: across ? (textOf(whole["mmr"]) ?? "0") : (textOf(told["mmr"]) ?? "0"),
  };
}

const config = (reply: unknown): Raw => recordsOf(recordOf(reply)["data"])[0] ?? recordOf(null);
const CONFIG: CcxtCall = { method: "privateGetAccountConfig", args: [] };

const KINDS: Readonly<Record<string, string>> = {
  "1": "spot",
  "2": "futures",
  "3": "multi-currency",
  "4": "portfolio-margin",
};

const byId = (method: string, symbol: string, clOrdId: string): CcxtCall => ({
  method,
  args: [undefined, symbol, { clOrdId }],
});

const okx = (market: "spot" | "perpetual"): ExchangeTable => ({
  name: "okx",
  ccxtId: "okx",
  market,
  options:
    market === "spot"
      ? { fetchMarkets: { types: ["spot"] }, defaultType: "spot" }
      : { fetchMarkets: { types: ["swap"] }, defaultType: "swap", defaultMarginMode: "cross" },
  demo: "sandbox",
  moved: (url, to) => movedUrl(withHost(url), to),
  streams: STREAMS_GIVEN[market],
  amend: true,
  reduceOnly: market === "perpetual",
  lookupByClientId: true,
  // an order cancelled without a fill is forgotten after two hours
  lookupReachMs: 2 * HOUR_MS,
  lookupLagMs: 2000,
  expiry: { form: "moment-header", name: "expTime" },
  placeBatchMax: 20,
  cancelBatchMax: 20,
  // every element carries our id, refused or not
  batchInOrder: false,
  place: (order) => ({ method: "createOrder", args: createArguments(order) }),
  placeBatch: (orders) => ({ method: "createOrders", args: [orders.map(createElement)] }),
  cancel: (symbol, id) => byId("cancelOrder", symbol, id),
  cancelBatch: (symbol, clOrdId) => ({ method: "cancelOrders", args: [[], symbol, { clOrdId }] }),
  batchElements: okxElements,
  cancelEverything: () => null,
  amendCall: ({ symbol, side, clientOrderId: clOrdId, price, amount }) => ({
    method: "editOrder",
    args: [undefined, symbol, "limit", side, amount, price, { clOrdId }],
  }),
  lookups: (symbol, id) => [byId("fetchOrder", symbol, id)],
  word: okxWord,
  codes: OKX_CODES,
  statuses: OKX_STATUSES,
  classes: {},
  rateStatuses: [429],
  banStatuses: [],
  limits: OKX_LIMITS,
  status: (info) => STATUSES[textOf(info["state"]) ?? ""] ?? "halted",
  openOrdersMax: () => null,
  minNotionalOnReduceOnly: false,
  inexpressible: (info) => {
    if (market === "spot") return null;
    const [type, coin, times] = [textOf(info["ctType"]), textOf(info["ctValCcy"]), textOf(info["ctMult"]) ?? "1"];
    if (type !== "linear") return `its contracts are ${type ?? "of an unknown kind"}, not linear`;
    if (times !== "1") return `its contract counts ${times} times`;
    const base = (textOf(info["uly"]) ?? textOf(info["instId"]) ?? "").split("-")[0];
    return coin === base ? null : `its contract is worth ${coin ?? "nothing"} and not ${base}`;
  },
  fundingIntervalMs: () => null,
  fundingIntervals:
    market === "spot" ? null : { call: { method: "fetchFundingRates", args: [] }, absentMs: 8 * HOUR_MS },
  fills: { pageMax: 100, afterId: () => null, spanMsMax: 90 * DAY_MS, first: null, older: olderThan("billId") },
  openOrdersPages: { pageMax: 100, after: olderThan("ordId") },
  clientId: (info) => (typeof info["clOrdId"] === "string" ? info["clOrdId"] : null),
  historyPageMax: 100,
  ...(market === "spot"
    ? {}
    : {
        feeTier: {
          // ccxt reads the coin-margined rate of the same reply
          call: (_symbol, wireName) => ({
            method: "privateGetAccountTradeFee",
            args: [{ instType: "SWAP", instFamily: wireName.split("-").slice(0, 2).join("-") }],
          }),
          read: (reply) => {
            const fee = config(reply);
            const maker = negated(textOf(fee["makerU"]));
            const taker = negated(textOf(fee["takerU"]));
            return maker === null || taker === null ? null : { maker, taker };
          },
        },
      }),
  fee: (info) => {
    // negative when paid; in order frames the whole order's fee stands beside the fill's
    const amount = negated(textOf(info["fillFee"] ?? info["fee"]));
    const asset = textOf(info["fillFeeCcy"] ?? info["feeCcy"]);
    return amount === null || asset === null ? null : { asset, amount };
  },
  origin,
  endReason: (info) => CANCEL_SOURCES[textOf(info["cancelSource"]) ?? ""] ?? null,
  account,
  fundingPayment: (entry) => {
    const info = recordOf(entry["info"]);
    const [atMs, amount, asset] = [wholeOf(info["ts"]), textOf(info["balChg"] ?? info["pnl"]), textOf(info["ccy"])];
    if (atMs === null || amount === null || asset === null) return null;
    return { atMs, asset, amount, rate: null, mark: null, amountOfPosition: null };
  },
  accountKind: {
    call: CONFIG,
    read: (reply) => {
      const kind = KINDS[textOf(config(reply)["acctLv"]) ?? ""] ?? "unknown";
      const supported = kind === "futures" || kind === "multi-currency" || (kind === "spot" && market === "spot");
      const advice = `switch the account mode of OKX to "Futures" or "Multi-currency margin"`;
      return { kind, supported, advice, options: {} };
    },
  },
  positionMode:
    market === "spot"
      ? null
      : {
          call: CONFIG,
          read: (reply) => {
            const mode = textOf(config(reply)["posMode"]);
            return mode === "net_mode" ? true : mode === "long_short_mode" ? false : null;
          },
        },
  rights: {
    call: CONFIG,
    read: (reply) => {
      const said = config(reply);
      if (!isRecord(said) || typeof said["perm"] !== "string") {
        return { trade: null, withdraw: null, transfer: null, ipRestricted: null };
      }
      const rights = said["perm"].split(",");
      return {
        trade: rights.includes("trade"),
        withdraw: rights.includes("withdraw"),
        transfer: null,
        ipRestricted: typeof said["ip"] === "string" ? said["ip"] !== "" : null,
      };
    },
  },
  marginSettings:
    market === "spot"
      ? null
      : {
          // each order says which margin it uses, and ours say cross
          call: (_symbol, instId) => ({
            method: "privateGetAccountLeverageInfo",
            args: [{ instId, mgnMode: "cross" }],
          }),
          read: (reply, wireName) => {
            const found = recordsOf(recordOf(reply)["data"]).find((each) => each["instId"] === wireName);
            return { leverage: textOf(found?.["lever"]), marginMode: textOf(found?.["mgnMode"]) };
          },
        },
  // the whole account's timer, in seconds; 0 switches it off
  deadMan: {
    kind: "heartbeat",
    ttlMsMin: 10_000,
    ttlMsMax: 120_000,
    call: (_wireName, ttlMs) => ({
      method: "privatePostTradeCancelAllAfter",
      args: [{ timeOut: String(Math.ceil((ttlMs ?? 0) / 1000)) }],
    }),
  },
});

export const OKX_SWAP = okx("perpetual");
export const OKX_SPOT = okx("spot");
