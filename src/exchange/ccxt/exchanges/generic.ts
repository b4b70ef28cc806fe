// Any other exchange ccxt knows (EXCH-61): the same code with what can be proven. No list of refusals, so no reply
// means rejected; no dead-man timer; without ids that were seen to be looked up, market data only.

import { ceilDiv } from "../../../base/integer.ts";
import { flagOf, listOf, type Raw, recordOf, textOf } from "../raw.ts";
import { afterTradeId, movedUrl } from "./binance-shared.ts";
import type { CcxtCall, ExchangeTable, LimitTable, Meaning, WireOrder } from "./exchange-table.ts";

/** What `doctor --active` saw work on this exchange; ccxt's own word of it counts for nothing. */
export interface Proven {
  readonly lookupByClientId: boolean;
  readonly streams: ExchangeTable["streams"];
}

const NOTHING_PROVEN: Proven = { lookupByClientId: false, streams: [] };
const POSITION_MODE: ExchangeTable["positionMode"] = {
  call: { method: "fetchPositionMode", args: [] },
  read: (reply) => {
    const hedged = flagOf(recordOf(reply)["hedged"]);
    return hedged === null ? null : !hedged;
  },
};
/** Exchanges whose `fetchMyTrades` of ccxt takes Binance's `fromId`. */
const FROM_ID: ReadonlySet<string> = new Set(["binanceus", "binanceusdm", "binancecoinm"]);
const NOT_OPEN: Meaning = { means: "not-open" };
const UNCHANGED: Meaning = { means: "unchanged" };
const WINDOW_MS = 10_000;

/** ccxt's own pace as one bucket; its size is told when the instance is there. */
const LIMITS: LimitTable = {
  buckets: [{ name: "ccxt", limit: 50, windowMs: WINDOW_MS }],
  costs: ({ cost }) => [{ bucket: "ccxt", cost: Math.max(1, Math.ceil(cost)) }],
  used: () => [],
  told: () => [],
};

/** Requests in the window at ccxt's `rateLimit`, milliseconds a request. */
export const genericRules = (rateLimitMs: number): LimitTable["buckets"] => [
  { name: "ccxt", limit: Math.max(1, ceilDiv(WINDOW_MS, Math.max(1, Math.ceil(rateLimitMs)))), windowMs: WINDOW_MS },
];

const place = ({ symbol, side, amount, price, clientOrderId, ...rest }: WireOrder): CcxtCall => ({
  method: "createOrder",
  args: [
    symbol,
    "limit",
    side,
    amount,
    price,
    {
      clientOrderId,
      // beside a time in force ccxt forgets post-only on some exchanges
      ...(rest.postOnly ? { postOnly: true } : { timeInForce: rest.timeInForce }),
      ...(rest.reduceOnly ? { reduceOnly: true } : {}),
    },
  ],
});

const cancel = (symbol: string, clientOrderId: string): CcxtCall => ({
  method: "cancelOrder",
  args: [undefined, symbol, { clientOrderId }],
});

export function genericTable(
  ccxtId: string,
  market: "spot" | "perpetual",
  proven: Proven = NOTHING_PROVEN,
): ExchangeTable {
  return {
    name: ccxtId,
    ccxtId,
    market,
    options: { defaultType: market === "spot" ? "spot" : "swap" },
    demo: "sandbox",
    moved: (url, to) => movedUrl(url, to),
    streams: proven.streams,
    amend: false,
    reduceOnly: market === "perpetual",
    lookupByClientId: proven.lookupByClientId,
    lookupReachMs: null,
    lookupLagMs: 2000,
    expiry: { form: "none" },
    placeBatchMax: 1,
    cancelBatchMax: 1,
    batchInOrder: false,
    place,
    placeBatch: ([order]) => (order === undefined ? { method: "createOrders", args: [[]] } : place(order)),
    cancel,
    cancelBatch: (symbol, [id]) => cancel(symbol, id ?? ""),
    batchElements: () => null,
    cancelEverything: () => null,
    amendCall: () => null,
    lookups: (symbol, clientOrderId) => [{ method: "fetchOrder", args: [undefined, symbol, { clientOrderId }] }],
    word: wordOf,
    codes: [],
    statuses: [200, 400, 404],
    classes: { OrderNotFound: NOT_OPEN, NoChange: UNCHANGED, MarginModeAlreadySet: UNCHANGED },
    rateStatuses: [429],
    banStatuses: [418],
    limits: LIMITS,
    status: (info) => (flagOf(info["active"]) === false ? "halted" : "trading"),
    openOrdersMax: () => null,
    minNotionalOnReduceOnly: true,
    inexpressible: () => null,
    fundingIntervalMs: () => null,
    fundingIntervals: { call: { method: "fetchFundingIntervals", args: [] }, absentMs: 28_800_000 },
    // by times alone, unless ccxt names a parameter that continues after a trade
    fills: {
      pageMax: 100,
      afterId: FROM_ID.has(ccxtId) ? afterTradeId : () => null,
      spanMsMax: null,
      first: null,
    },
    openOrdersPages: null,
    fee: (_info, record) => {
      const fee = recordOf(record["fee"]);
      const amount = textOf(fee["cost"]);
      const asset = textOf(fee["currency"]);
      return amount === null || asset === null ? null : { asset, amount };
    },
    origin: () => "order",
    endReason: () => null,
    account: () => ({ equity: null, maintenanceMargin: null, available: null, total: null }),
    fundingPayment: () => null,
    accountKind: null,
    positionMode: market === "spot" ? null : POSITION_MODE,
    rights: null,
    marginSettings: null,
    deadMan: null,
  };
}

/** Codes and texts as most exchanges name them: for people only, since no code of theirs is listed. */
function wordOf(body: unknown): { readonly code: string; readonly text: string } | null {
  const said: Raw = recordOf(Array.isArray(body) ? listOf(body)[0] : body);
  const code = textOf(said["code"] ?? said["retCode"] ?? said["label"] ?? said["error"]);
  const text = textOf(said["msg"] ?? said["message"] ?? said["retMsg"] ?? said["error"]);
  return code === null || text === null ? null : { code, text };
}
