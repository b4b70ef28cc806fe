// Bybit, linear perpetuals and spot of a unified account (column Bybit of exchanges.md section 3). Orders are
// acknowledged before they are matched; ids are never free again; cancels need the name `orderLinkId`.

import type { InstrumentStatus } from "../../../market/instrument.ts";
import type { RejectReason } from "../../../trading/order.ts";
import { flagOf, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { createArguments, createElement, movedUrl } from "./binance-shared.ts";
import { BYBIT_CODES, BYBIT_STATUSES, bybitElements, bybitLimits, bybitWord, minutesMs } from "./bybit-words.ts";
import { negated, withHost } from "./code-rows.ts";
import type { AccountKind, AccountRead, ExchangeTable, FillOrigin, PageRead } from "./exchange-table.ts";
import { STREAMS_GIVEN } from "./streams-given.ts";

const DAY_MS = 86_400_000;

const STATUSES: Readonly<Record<string, InstrumentStatus>> = {
  Trading: "trading",
  PreLaunch: "halted",
  Settling: "cancel-only",
  Delivering: "delisting",
  Closed: "delisting",
};

const REASONS: Readonly<Record<string, RejectReason>> = {
  EC_PostOnlyWillTakeLiquidity: "POST_ONLY_WOULD_TAKE",
  EC_NoImmediateQtyToFill: "FILL_OR_KILL",
  EC_NoEnoughQtyToFill: "FILL_OR_KILL",
  EC_PerCancelRequest: "OTHER",
  EC_MarketPriceOutOfRange: "PRICE_OUT_OF_BAND",
  EC_ReachMaxTradeNum: "TOO_MANY_ORDERS",
  EC_OrigClOrdIDDoesNotExist: "OTHER",
};

/** The person who cancelled is no reason of the exchange. */
function endReason(info: Raw): RejectReason | null {
  const reason = textOf(info["rejectReason"]) ?? "";
  if (textOf(info["cancelType"]) === "CancelByUser" || reason === "EC_PerCancelRequest") return null;
  if (/SmpMatch|SelfMatch/i.test(textOf(info["cancelType"]) ?? "")) return "SELF_TRADE";
  if (/ReduceOnly/.test(textOf(info["cancelType"]) ?? "")) return "REDUCE_ONLY_REJECTED";
  return REASONS[reason] ?? null;
}

const FILLS: readonly unknown[] = ["Trade", "AdlTrade", "BustTrade", "Settle", "Delivery"];

function origin(info: Raw): FillOrigin {
  if (info["execType"] === "BustTrade" || /Liq/.test(textOf(info["createType"]) ?? "")) return "liquidation";
  return info["execType"] === "AdlTrade" || /Adl/i.test(textOf(info["createType"]) ?? "") ? "adl" : "order";
}

/** ccxt puts the list's cursor into its first raw record. */
function cursor({ records }: PageRead): Raw | null {
  const told = records
    .map((record) => textOf(recordOf(record["info"])["nextPageCursor"]))
    .find((each) => each !== null);
  return told === undefined ? null : { cursor: told };
}

/** One wallet for everything: its sums are in dollars, a coin's in the coin. */
function account(reply: unknown, asset: string): AccountRead {
  const [wallet = recordOf(null)] = recordsOf(recordOf(recordOf(reply)["result"])["list"]);
  const own = recordsOf(wallet["coin"]).find((each) => each["coin"] === asset);
  return {
    total: textOf(own?.["walletBalance"]) ?? "0",
    available: textOf(wallet["totalAvailableBalance"]),
    equity: textOf(wallet["totalMarginBalance"]),
    maintenanceMargin: textOf(wallet["totalMaintenanceMargin"]),
  };
}

const UNIFIED = { enableUnifiedMargin: false, enableUnifiedAccount: true, unifiedMarginStatus: 6 };

/** `account/info`: 5 and 6 are the second unified account, 3 and 4 the first. */
function kindOf(reply: unknown): AccountKind {
  const said = recordOf(recordOf(reply)["result"]);
  const status = wholeOf(said["unifiedMarginStatus"]);
  const mode = textOf(said["marginMode"]);
  if (status === null || status < 3) {
    const advice = "upgrade it to the Unified Trading Account";
    return { kind: status === null ? "unknown" : "classic", supported: false, advice, options: {} };
  }
  const options = { ...UNIFIED, unifiedMarginStatus: status };
  const supported = mode === "REGULAR_MARGIN";
  const kind = supported ? "unified" : `unified, ${mode?.toLowerCase().replace("_", " ") ?? "of unknown margin"}`;
  return { kind, supported, advice: "switch its margin mode to Cross Margin", options };
}

const bybit = (market: "spot" | "perpetual"): ExchangeTable => ({
  name: "bybit",
  ccxtId: "bybit",
  market,
  options: {
    fetchMarkets: { types: [market === "spot" ? "spot" : "linear"] },
    defaultType: market === "spot" ? "spot" : "swap",
    recvWindow: 5000,
    ...UNIFIED,
  },
  demo: "demo-trading",
  // ccxt takes a socket for spot only where its address holds `spot`
  moved: (url, to) => movedUrl(withHost(url), to),
  streams: STREAMS_GIVEN[market],
  amend: true,
  reduceOnly: market === "perpetual",
  lookupByClientId: true,
  // what was cancelled without a fill leaves the history after a day
  lookupReachMs: DAY_MS,
  lookupLagMs: 2000,
  expiry: { form: "window-option", name: "recvWindow" },
  placeBatchMax: market === "spot" ? 10 : 20,
  cancelBatchMax: market === "spot" ? 10 : 20,
  batchInOrder: true,
  place: (order) => ({ method: "createOrder", args: createArguments(order) }),
  placeBatch: (orders) => ({ method: "createOrders", args: [orders.map(createElement)] }),
  cancel: (symbol, orderLinkId) => ({ method: "cancelOrder", args: [undefined, symbol, { orderLinkId }] }),
  cancelBatch: (symbol, clientOrderIds) => ({ method: "cancelOrders", args: [[], symbol, { clientOrderIds }] }),
  batchElements: bybitElements,
  cancelEverything: (symbol) => ({ method: "cancelAllOrders", args: [symbol] }),
  amendCall: ({ symbol, side, clientOrderId: orderLinkId, price, amount }) => ({
    method: "editOrder",
    args: [undefined, symbol, "limit", side, amount, price, { orderLinkId }],
  }),
  // ccxt's fetchOrder cannot; the open list knows the last closed ones too, until a restart empties it
  lookups: (symbol, orderLinkId) =>
    ["fetchOpenOrders", "fetchCanceledAndClosedOrders"].map((method) => ({
      method,
      args: [symbol, undefined, undefined, { orderLinkId }],
    })),
  word: bybitWord,
  codes: BYBIT_CODES,
  statuses: BYBIT_STATUSES,
  classes: {},
  rateStatuses: [429],
  banStatuses: [403],
  limits: bybitLimits(market === "spot" ? 20 : 10),
  status: (info) => STATUSES[textOf(info["status"]) ?? ""] ?? "halted",
  openOrdersMax: () => (market === "spot" ? null : 500),
  minNotionalOnReduceOnly: market === "spot",
  inexpressible: (info) => {
    const type = textOf(info["contractType"]);
    return market === "spot" || type === "LinearPerpetual" ? null : `it is a ${type ?? "contract of no known kind"}`;
  },
  fundingIntervalMs: (info) => minutesMs(info["fundingInterval"]),
  fundingIntervals: null,
  fills: {
    pageMax: 100,
    afterId: () => null,
    spanMsMax: 7 * DAY_MS,
    first: null,
    older: cursor,
    // ccxt asks for ordinary trades only, and liquidations would be left out
    always: { execType: undefined },
    isFill: (info) => FILLS.includes(info["execType"]),
  },
  openOrdersPages: { pageMax: 50, after: cursor },
  // with a list of several ccxt refuses; without one it gives them all
  positions: (symbols) =>
    symbols.length === 1
      ? { method: "fetchPositions", args: [symbols] }
      : { method: "fetchPositions", args: [undefined, { subType: "linear" }] },
  clientId: (info) => (typeof info["orderLinkId"] === "string" ? info["orderLinkId"] : null),
  historyPageMax: 100,
  fee: (info, record) => {
    const amount = textOf(info["execFee"]);
    const asset = textOf(info["feeCurrency"] ?? info["feeCoin"]) ?? textOf(recordOf(record["fee"])["currency"]);
    return amount === null || asset === null ? null : { asset, amount };
  },
  origin,
  endReason,
  account,
  fundingPayment: (entry) => {
    const info = recordOf(entry["info"]);
    // the fee of a settlement is what was paid
    const [atMs, amount] = [wholeOf(info["execTime"]), negated(textOf(info["execFee"]))];
    if (atMs === null || amount === null) return null;
    const asset = textOf(info["feeCurrency"]) ?? textOf(entry["code"]) ?? "USDT";
    return { atMs, asset, amount, rate: textOf(info["feeRate"]), mark: null, amountOfPosition: null };
  },
  accountKind: { call: { method: "privateGetV5AccountInfo", args: [] }, read: kindOf },
  // each instrument has a mode of its own: see marginSettings
  positionMode: null,
  rights: {
    call: { method: "privateGetV5UserQueryApi", args: [] },
    read: (reply) => {
      const said = recordOf(recordOf(reply)["result"]);
      const of = recordOf(said["permissions"]);
      const holds = (group: string, right: string): boolean | null => {
        const list = of[group];
        return Array.isArray(list) ? list.includes(right) : null;
      };
      const may = market === "spot" ? holds("Spot", "SpotTrade") : holds("ContractTrade", "Order");
      const readOnly = textOf(said["readOnly"]);
      const addresses = said["ips"];
      return {
        trade: readOnly === "1" || flagOf(said["readOnly"]) === true ? false : may,
        withdraw: holds("Wallet", "Withdraw"),
        transfer: holds("Wallet", "AccountTransfer"),
        ipRestricted: Array.isArray(addresses) ? addresses.length > 0 && !addresses.includes("*") : null,
      };
    },
  },
  marginSettings:
    market === "spot"
      ? null
      : {
          call: (_symbol, symbol) => ({
            method: "privateGetV5PositionList",
            args: [{ category: "linear", symbol }],
          }),
          read: (reply, wireName) => {
            const list = recordsOf(recordOf(recordOf(reply)["result"])["list"]);
            const [found] = list.filter((each) => each["symbol"] === wireName);
            const oneWay = list.every((each) => textOf(each["positionIdx"]) === "0");
            // an account of another margin mode was refused by its kind
            const marginMode = found === undefined ? null : textOf(found["tradeMode"]) === "1" ? "isolated" : "cross";
            return { leverage: textOf(found?.["leverage"]), marginMode, oneWay };
          },
        },
  // only for institutions, and only with a topic that refuses everybody else's subscription
  deadMan: null,
});

export const BYBIT_LINEAR = bybit("perpetual");
export const BYBIT_SPOT = bybit("spot");
