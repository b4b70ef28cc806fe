// Bitget, USDT perpetuals and spot, of classic accounts (V2) and of unified ones (V3) (column Bitget of exchanges.md
// section 3). A cancel without a list would cancel everything on the symbol: an empty list is never sent.

import { assert } from "../../../base/assert.ts";
import type { InstrumentStatus } from "../../../market/instrument.ts";
import type { RejectReason } from "../../../trading/order.ts";
import { type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import { createArguments, createElement, movedUrl } from "./binance-shared.ts";
import { bitgetAccount, bitgetFee, bitgetRights, unifiedAccount, unifiedFee, unifiedRights } from "./bitget-account.ts";
import { BITGET_CODES, BITGET_LIMITS, BITGET_STATUSES, bitgetElements, bitgetWord } from "./bitget-words.ts";
import { withHost } from "./code-rows.ts";
import type { AccountKind, CcxtCall, ExchangeTable, FillOrigin, PageRead } from "./exchange-table.ts";
import { STREAMS_GIVEN } from "./streams-given.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FUTURES = "USDT-FUTURES";

type Market = "spot" | "perpetual";

const STATUSES: Readonly<Record<string, InstrumentStatus>> = {
  normal: "trading",
  online: "trading",
  gray: "trading",
  listed: "halted",
  maintain: "halted",
  halt: "halted",
  offline: "delisting",
  off: "delisting",
  limit_open: "cancel-only",
  restrictedAPI: "halted",
};

/** Words of the side name a liquidation or a deleveraging. */
function origin(info: Raw): FillOrigin {
  const word = `${textOf(info["tradeSide"]) ?? ""} ${textOf(info["enterPointSource"]) ?? ""}`.toLowerCase();
  if (word.includes("adl")) return "adl";
  return word.startsWith("burst") || word.startsWith("reduce_") || word.includes("liquidat") ? "liquidation" : "order";
}

function endReason(info: Raw): RejectReason | null {
  const word = textOf(info["cancelReason"])?.toLowerCase() ?? "";
  if (word.includes("stp")) return "SELF_TRADE";
  return word.includes("post_only") || word.includes("postonly") ? "POST_ONLY_WOULD_TAKE" : null;
}

const olderThan =
  (...fields: readonly string[]) =>
  ({ records }: PageRead): Raw | null => {
    const ids = records.flatMap((record) => {
      const info = recordOf(record["info"]);
      return fields.flatMap((field) => textOf(info[field]) ?? []).slice(0, 1);
    });
    const [least] = ids.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    return least === undefined ? null : { idLessThan: least };
  };

const cursor = ({ body, records }: PageRead): Raw | null => {
  const told = textOf(recordOf(recordOf(body)["data"])["cursor"]);
  return told === null || records.length === 0 ? null : { cursor: told };
};

/** A page's list continues where it ended; classic and unified accounts say so differently. */
const paged = (unified: boolean, market: Market): Pick<ExchangeTable, "fills" | "openOrdersPages"> => ({
  fills: {
    pageMax: 100,
    afterId: () => null,
    spanMsMax: (unified ? 30 : market === "spot" ? 90 : 7) * DAY_MS,
    first: null,
    older: unified ? cursor : olderThan("tradeId"),
    ...(unified ? { always: { category: market === "spot" ? "SPOT" : FUTURES } } : {}),
  },
  openOrdersPages: { pageMax: 100, after: unified ? cursor : olderThan("orderId") },
});

const UNIFIED_ADVICE = "name the unified account's own table: exchange: ccxt with ccxtId: bitgetuta";

const kindOf = (unified: boolean) => (): AccountKind => ({
  kind: unified ? "unified" : "classic",
  supported: true,
  advice: "",
  options: { uta: unified },
});

/** Each API says of the other kind of account that it is of the other kind. */
const kindRefused =
  (unified: boolean) =>
  ({ code }: { readonly code: string }): AccountKind | null => {
    if (!unified && code === "40085") {
      return { kind: "unified", supported: false, advice: UNIFIED_ADVICE, options: {} };
    }
    if (unified && code === "40084") {
      return { kind: "classic", supported: false, advice: "name it as exchange: bitget", options: {} };
    }
    return null;
  };

const byId = (method: string, symbol: string, clientOrderId: string): CcxtCall => ({
  method,
  args: [undefined, symbol, { clientOrderId }],
});

/** By our ids, in the list's own shape: ccxt's `cancelOrders` knows ids of the exchange only. */
function cancelBatch(market: Market, symbol: string, clientOrderIds: readonly string[]): CcxtCall {
  assert(clientOrderIds.length > 0, "a list of cancels of Bitget is never empty: that would cancel everything");
  const list = clientOrderIds.map((clientOid) => ({ clientOid }));
  return {
    method: "cancelOrders",
    args: [[], symbol, market === "spot" ? { orderList: list } : { orderIdList: list }],
  };
}

const SETTINGS: CcxtCall = { method: "privateUtaGetV3AccountSettings", args: [] };
const settings = (reply: unknown): Raw => recordOf(recordOf(reply)["data"]);

const CLASSIC_MARGIN: ExchangeTable["marginSettings"] = {
  call: (_symbol, symbol) => ({
    method: "privateMixGetV2MixAccountAccount",
    args: [{ symbol, productType: FUTURES, marginCoin: "USDT" }],
  }),
  read: (reply) => {
    const said = settings(reply);
    const cross = textOf(said["marginMode"]) === "crossed";
    const isolated = textOf(said["isolatedLongLever"]);
    return {
      leverage: cross ? textOf(said["crossedMarginLeverage"]) : isolated,
      marginMode: cross ? "cross" : textOf(said["marginMode"]),
      oneWay: textOf(said["posMode"]) === "one_way_mode",
    };
  },
};

const UNIFIED_MARGIN: ExchangeTable["marginSettings"] = {
  call: () => SETTINGS,
  read: (reply, wireName) => {
    const list = recordsOf(settings(reply)["symbolConfigList"] ?? settings(reply)["symbolConfig"]);
    const found = list.find((each) => each["symbol"] === wireName && each["category"] === FUTURES);
    const mode = textOf(found?.["marginMode"]);
    return { leverage: textOf(found?.["leverage"]), marginMode: mode === "crossed" ? "cross" : mode };
  },
};

const bitget = (market: Market, unified: boolean): ExchangeTable => ({
  name: "bitget",
  ccxtId: "bitget",
  market,
  options: {
    fetchMarkets: { types: [market === "spot" ? "spot" : "swap"] },
    defaultType: market === "spot" ? "spot" : "swap",
    defaultSubType: "linear",
    // ccxt's own look takes any failure for a classic account
    uta: unified,
  },
  demo: "sandbox",
  moved: (url, to) => movedUrl(withHost(url), to),
  streams: STREAMS_GIVEN[market],
  // a classic account's amended order gets another id (EXCH-17)
  amend: unified,
  reduceOnly: market === "perpetual",
  lookupByClientId: true,
  // nobody says how long; a day is what was never seen to fail
  lookupReachMs: DAY_MS,
  lookupLagMs: 2000,
  expiry: { form: "none" },
  placeBatchMax: unified ? 20 : 50,
  cancelBatchMax: unified ? 1 : 50,
  batchInOrder: false,
  place: (order) => ({ method: "createOrder", args: createArguments(order) }),
  placeBatch: (orders) => ({ method: "createOrders", args: [orders.map(createElement)] }),
  cancel: (symbol, id) => byId("cancelOrder", symbol, id),
  cancelBatch: (symbol, ids) => cancelBatch(market, symbol, ids),
  batchElements: bitgetElements,
  cancelEverything: (symbol) => ({ method: "cancelAllOrders", args: [symbol] }),
  amendCall: ({ symbol, side, clientOrderId, price, amount }) =>
    unified
      ? { method: "editOrder", args: [undefined, symbol, "limit", side, amount, price, { clientOrderId }] }
      : null,
  lookups: (symbol, id) => [byId("fetchOrder", symbol, id)],
  word: bitgetWord,
  codes: BITGET_CODES,
  statuses: BITGET_STATUSES,
  classes: { OrderNotFound: { means: "not-open" } },
  rateStatuses: [429],
  banStatuses: [],
  limits: BITGET_LIMITS,
  status: (info) => STATUSES[textOf(info["symbolStatus"] ?? info["status"]) ?? ""] ?? "halted",
  openOrdersMax: (info) => wholeOf(info["maxSymbolOrderNum"] ?? info["orderQuantity"]),
  minNotionalOnReduceOnly: true,
  inexpressible: () => null,
  fundingIntervalMs: (info) => {
    const hours = wholeOf(info["fundInterval"]);
    return hours === null || hours <= 0 ? null : hours * HOUR_MS;
  },
  fundingIntervals: null,
  ...paged(unified, market),
  clientId: (info) => (typeof info["clientOid"] === "string" ? info["clientOid"] : null),
  // frames tell the last fill in `baseVolume` and the sum beside it
  filled: (info) => textOf(info["accBaseVolume"]),
  historyPageMax: 100,
  accountFrom: "body",
  fee: unified ? unifiedFee : bitgetFee,
  origin,
  endReason,
  account: unified ? unifiedAccount : bitgetAccount,
  fundingPayment: (entry) => {
    const info = recordOf(entry["info"]);
    const [atMs, amount, asset] = [wholeOf(info["cTime"] ?? info["ts"]), textOf(info["amount"]), textOf(info["coin"])];
    if (atMs === null || amount === null || asset === null) return null;
    return { atMs, asset, amount, rate: null, mark: null, amountOfPosition: null };
  },
  accountKind: {
    call: unified ? SETTINGS : { method: "privateMixGetV2MixAccountAccounts", args: [{ productType: FUTURES }] },
    read: kindOf(unified),
    refused: kindRefused(unified),
  },
  positionMode:
    market === "spot" || !unified
      ? null
      : {
          call: SETTINGS,
          read: (reply) => {
            const mode = textOf(settings(reply)["holdMode"]);
            return mode === null ? null : mode === "one_way_mode";
          },
        },
  rights: unified ? unifiedRights() : bitgetRights(market),
  marginSettings: market === "spot" ? null : unified ? UNIFIED_MARGIN : CLASSIC_MARGIN,
  // for unified accounts, on application
  deadMan: unified
    ? {
        kind: "heartbeat",
        ttlMsMin: 5000,
        ttlMsMax: 60_000,
        call: (_wireName, ttlMs) => ({
          method: "privateUtaPostV3TradeCountdownCancelAll",
          args: [{ countdown: String(Math.ceil((ttlMs ?? 0) / 1000)) }],
        }),
      }
    : null,
});

export const BITGET_SWAP = bitget("perpetual", false);
export const BITGET_SPOT = bitget("spot", false);
export const BITGET_UNIFIED_SWAP = bitget("perpetual", true);
export const BITGET_UNIFIED_SPOT = bitget("spot", true);
