// Gate's USDT perpetuals, and what spot has in common with them (column Gate of exchanges.md section 3). Futures
// count whole contracts whose sign is the side; our ids travel as `t-…`; an order without a fill is forgotten a
// minute after its end.

import type { InstrumentStatus } from "../../../market/instrument.ts";
import type { OrderStatus, RejectReason } from "../../../trading/order.ts";
import { decimalOf, flagOf, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { createArguments, createElement, movedUrl } from "./binance-shared.ts";
import { isNotZero, sumOf } from "./code-rows.ts";
import type { AccountRead, CcxtCall, ExchangeTable, FeeRead, FillOrigin } from "./exchange-table.ts";
import { GATE_CODES, GATE_FUTURES_LIMITS, GATE_STATUSES, gateClientId, gateElements, gateWord } from "./gate-words.ts";
import { STREAMS_GIVEN } from "./streams-given.ts";

const DAY_MS = 86_400_000;

const REASONS: Readonly<Record<string, RejectReason>> = {
  poc: "POST_ONLY_WOULD_TAKE",
  fok: "FILL_OR_KILL",
  stp: "SELF_TRADE",
  reduce_only: "REDUCE_ONLY_REJECTED",
  reduce_out: "REDUCE_ONLY_REJECTED",
  position_closed: "REDUCE_ONLY_REJECTED",
  trader_not_enough: "INSUFFICIENT_FUNDS",
};

/** `finished` of futures, `closed` and `cancelled` of spot, `event` of its stream; the rest that is left decides. */
function orderStatus(info: Raw): OrderStatus | null {
  const state = textOf(info["event"]) ?? textOf(info["status"]) ?? "";
  const left = textOf(info["left"]);
  switch (state) {
    case "open":
    case "put":
    case "update":
      return "open";
    case "finished":
    case "finish":
    case "closed":
    case "cancelled":
      if (left !== null && !isNotZero(left)) return "filled";
      return "canceled";
    default:
      return null;
  }
}

function origin(info: Raw, clientOrderId: string | null): FillOrigin {
  const text = textOf(info["text"]) ?? clientOrderId ?? "";
  if (text.startsWith("liq")) return "liquidation";
  return text.startsWith("auto_deleverag") ? "adl" : "order";
}

/** Positive when paid; fees taken in GT or in points stand beside one of nothing. */
function fee(info: Raw): FeeRead | null {
  const [gt, points] = [textOf(info["gt_fee"]), textOf(info["point_fee"])];
  if (gt !== null && isNotZero(gt)) return { asset: "GT", amount: gt };
  if (points !== null && isNotZero(points)) return { asset: "POINT", amount: points };
  const amount = decimalOf(info["fee"]);
  const asset = textOf(info["fee_currency"]) ?? textOf(info["contract"])?.split("_")[1] ?? null;
  return amount === null || asset === null ? null : { asset, amount };
}

function futuresAccount(reply: unknown, asset: string): AccountRead {
  const [said = recordOf(reply)] = recordsOf(reply);
  if (said["balances"] !== undefined) return unifiedAccount(said, asset);
  const total = textOf(said["total"]);
  return {
    total,
    available: textOf(said["available"]),
    equity: sumOf(total, textOf(said["unrealised_pnl"]) ?? "0"),
    maintenanceMargin: textOf(said["cross_maintenance_margin"]) ?? textOf(said["maintenance_margin"]),
  };
}

/** Sums of a unified account are in dollars, a coin's in the coin. */
function unifiedAccount(said: Raw, asset: string): AccountRead {
  const own = recordOf(recordOf(said["balances"])[asset]);
  return {
    total: textOf(own["margin_balance"]) ?? textOf(own["equity"]) ?? "0",
    available: textOf(own["available"]) ?? "0",
    equity: textOf(said["unified_account_total_equity"]),
    maintenanceMargin: textOf(said["total_maintenance_margin"]),
  };
}

export const prefixed = (clientOrderId: string): string => `t-${clientOrderId}`;
/** Whole contracts, which is what the exchange counts. */
const contracts = (side: "buy" | "sell", amount: string): number =>
  Number.parseInt(side === "sell" ? `-${amount}` : amount, 10);
const ACCOUNT: CcxtCall = { method: "privateAccountGetDetail", args: [] };

/** What both markets have in common. */
export const GATE = {
  name: "gate",
  ccxtId: "gate",
  demo: "sandbox",
  moved: (url, to) => movedUrl(url, to),
  amend: true,
  lookupByClientId: true,
  lookupLagMs: 2000,
  expiry: { form: "moment-header", name: "x-gate-exptime" },
  placeBatchMax: 10,
  batchInOrder: true,
  place: (order) => ({ method: "createOrder", args: createArguments(order) }),
  placeBatch: (orders) => ({ method: "createOrders", args: [orders.map(createElement)] }),
  cancel: (symbol, id) => ({ method: "cancelOrder", args: [prefixed(id), symbol] }),
  batchElements: gateElements,
  cancelEverything: (symbol) => ({ method: "cancelAllOrders", args: [symbol] }),
  lookups: (symbol, clientOrderId) => [{ method: "fetchOrder", args: [undefined, symbol, { clientOrderId }] }],
  word: gateWord,
  codes: GATE_CODES,
  statuses: GATE_STATUSES,
  classes: {},
  rateStatuses: [429],
  banStatuses: [],
  fundingIntervals: null,
  clientId: (info) => gateClientId(info["text"]),
  orderStatus,
  historyPageMax: 100,
  fee,
  origin,
  endReason: (info) => REASONS[textOf(info["finish_as"]) ?? ""] ?? null,
  accountKind: {
    call: ACCOUNT,
    read: (reply) => {
      const unified = textOf(recordOf(recordOf(reply)["key"])["mode"]) === "2";
      const kind = unified ? "unified" : "classic";
      return { kind, supported: true, advice: "", options: { unifiedAccount: unified } };
    },
  },
  rights: {
    call: { method: "privateAccountGetMainKeys", args: [] },
    read: (reply) => {
      const [key = recordOf(reply)] = recordsOf(reply);
      const rights = recordsOf(key["perms"]);
      const told = rights.length > 0;
      const may = (name: string): boolean => {
        return rights.some((each) => each["name"] === name && flagOf(each["read_only"]) !== true);
      };
      const addresses = key["ip_whitelist"];
      return {
        trade: told ? may("futures") || may("spot") || may("unified") : null,
        // its list does not name the right to withdraw
        withdraw: may("withdraw") ? true : null,
        transfer: told ? may("wallet") : null,
        ipRestricted: Array.isArray(addresses) ? addresses.length > 0 : null,
      };
    },
  },
} satisfies Partial<ExchangeTable>;

export const GATE_SWAP: ExchangeTable = {
  ...GATE,
  market: "perpetual",
  options: {
    fetchMarkets: { types: ["swap"] },
    swap: { fetchMarkets: { settlementCurrencies: ["usdt"] } },
    defaultType: "swap",
    unifiedAccount: false,
  },
  streams: STREAMS_GIVEN.perpetual,
  reduceOnly: true,
  // an order cancelled without a fill is found for 60 s
  lookupReachMs: 60_000,
  // a list's reply does not say which text an element was cancelled by
  cancelBatchMax: 1,
  cancelBatch: (symbol, ids) => ({ method: "cancelOrders", args: [ids.map(prefixed), symbol, { settle: "usdt" }] }),
  // the size of a sell is below zero, which is what the side is for
  amendCall: ({ side, clientOrderId, price, amount }) => ({
    // ccxt's editOrder adds names the exchange does not know; this is the request itself
    method: "privateFuturesPutSettleOrdersOrderId",
    args: [{ settle: "usdt", order_id: prefixed(clientOrderId), size: contracts(side, amount), price }],
  }),
  limits: GATE_FUTURES_LIMITS,
  status: (info): InstrumentStatus => {
    const state = textOf(info["status"]);
    if (flagOf(info["in_delisting"]) === true || state === "delisting" || state === "delisted") return "delisting";
    return state === null || state === "trading" ? "trading" : "halted";
  },
  openOrdersMax: (info) => wholeOf(info["orders_limit"]),
  minNotionalOnReduceOnly: false,
  inexpressible: (info) => {
    if (flagOf(info["enable_decimal"]) === true) return "it counts fractions of contracts, which ccxt cuts off";
    return isNotZero(textOf(info["quanto_multiplier"])) ? null : "its contract is not worth a number of coins";
  },
  fundingIntervalMs: (info) => {
    const seconds = wholeOf(info["funding_interval"]);
    return seconds === null || seconds <= 0 ? null : seconds * 1000;
  },
  fills: {
    pageMax: 100,
    afterId: () => null,
    spanMsMax: 90 * DAY_MS,
    first: null,
    older: ({ records, read }) => (records.length === 0 ? null : { offset: read }),
  },
  openOrdersPages: { pageMax: 100, after: ({ records, read }) => (records.length === 0 ? null : { offset: read }) },
  account: futuresAccount,
  fundingPayment: (entry) => {
    const info = recordOf(entry["info"]);
    const [seconds, amount] = [textOf(info["time"]), textOf(info["change"])];
    const atMs = seconds === null ? null : wholeOf(`${seconds.split(".")[0]}000`);
    if (atMs === null || amount === null) return null;
    const asset = textOf(entry["code"]) ?? "USDT";
    return { atMs, asset, amount, rate: null, mark: null, amountOfPosition: null };
  },
  positionMode: {
    call: { method: "privateFuturesGetSettleAccounts", args: [{ settle: "usdt" }] },
    read: (reply) => {
      const mode = textOf(recordOf(reply)["position_mode"]);
      if (mode !== null) return mode === "single";
      const dual = flagOf(recordOf(reply)["in_dual_mode"]);
      return dual === null ? null : !dual;
    },
  },
  marginSettings: {
    call: (_symbol, contract) => ({
      method: "privateFuturesGetSettlePositionsContract",
      args: [{ settle: "usdt", contract }],
    }),
    // a leverage of 0 means cross margin, whose own limit stands beside it
    read: (reply) => {
      const said = recordOf(reply);
      const leverage = textOf(said["leverage"]);
      if (leverage === null) return { leverage: null, marginMode: null };
      if (isNotZero(leverage)) return { leverage, marginMode: "isolated" };
      return { leverage: textOf(said["cross_leverage_limit"]), marginMode: "cross" };
    },
  },
  deadMan: {
    kind: "heartbeat",
    ttlMsMin: 5000,
    ttlMsMax: 600_000,
    call: (contract, ttlMs) => ({
      method: "privateFuturesPostSettleCountdownCancelAll",
      args: [{ settle: "usdt", timeout: Math.ceil((ttlMs ?? 0) / 1000), contract }],
    }),
  },
};
