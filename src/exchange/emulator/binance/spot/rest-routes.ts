// The REST paths of Binance spot with their weights (EMU-19), and the answers of the wallet API that clients of the
// spot market ask for. Weights: developers.binance.com, spot API.

import { fail, ok } from "../../../../base/result.ts";
import type { ListenKeys } from "../wire/listen-keys.ts";
import type { Parameters } from "../wire/parameters.ts";
import { refusal, refusals } from "../wire/refusals.ts";
import { type Answer, accountOf, type Call, type Route } from "../wire/routes.ts";
import type { AccountReads } from "./account-reads.ts";
import type { MarketReads } from "./market-reads.ts";
import type { SpotDesk } from "./order-desk.ts";

export interface RouteParts {
  readonly market: MarketReads;
  readonly account: AccountReads;
  readonly desk: SpotDesk;
  /** Null: the exchange of today, which has no listen keys on spot any more. */
  readonly keys: ListenKeys | null;
}

/** Every parameter some route knows, for `strictParameters` (EMU-11). */
export const SPOT_PARAMETERS: ReadonlySet<string> = new Set(
  `symbol symbols side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId strategyType stopPrice
  trailingDelta icebergQty newOrderRespType selfTradePreventionMode computeCommissionRates orderId origClientOrderId
  cancelRestrictions cancelReplaceMode cancelNewClientOrderId cancelOrigClientOrderId cancelOrderId
  orderRateLimitExceededMode newQty startTime endTime limit fromId interval timeZone permissions showPermissionSets
  symbolStatus omitZeroBalances listenKey apiKey recvWindow timestamp signature`.split(/\s+/),
);

type Handler = (call: Call) => Answer;
type Weight = Route["weight"];

const get = (path: string, weight: Weight, handle: Handler): Route => ({
  method: "GET",
  path,
  weight,
  security: "none",
  kind: "read",
  handle,
});

const own = (path: string, weight: Weight, handle: Handler): Route => ({
  ...get(path, weight, handle),
  security: "signed",
});

const nothing: Handler = () => ok([]);
const empty: Handler = () => ok({});

/** 2 for one instrument, more for all of them. */
const perSymbol =
  (one: number, all: number) =>
  (parameters: Parameters): number =>
    parameters.text("symbol") === null ? all : one;

function depthWeight(parameters: Parameters): number {
  const limit = parameters.integer("limit");
  const levels = limit.ok ? (limit.value ?? 100) : 100;
  if (levels <= 100) return 5;
  if (levels <= 500) return 25;
  return levels <= 1_000 ? 50 : 250;
}

export function spotRoutes(parts: RouteParts): readonly Route[] {
  return [...marketRoutes(parts), ...orderRoutes(parts), ...accountRoutes(parts), ...keyRoutes(parts)];
}

function marketRoutes({ market }: RouteParts): readonly Route[] {
  return [
    get("/api/v3/ping", 1, empty),
    get("/api/v3/time", 1, market.time),
    get("/api/v3/exchangeInfo", 20, market.exchangeInfo),
    get("/api/v3/depth", depthWeight, market.depth),
    get("/api/v3/trades", 25, market.trades),
    get("/api/v3/historicalTrades", 25, market.trades),
    get("/api/v3/aggTrades", 4, market.aggregateTrades),
    get("/api/v3/klines", 2, market.candles),
    get("/api/v3/avgPrice", 2, market.averagePrice),
    get("/api/v3/ticker/bookTicker", perSymbol(2, 4), market.bookTicker),
    get("/api/v3/ticker/price", perSymbol(2, 4), market.priceTicker),
    get("/api/v3/ticker/24hr", perSymbol(2, 80), market.dayTicker),
  ];
}

function orderRoutes({ account, desk }: RouteParts): readonly Route[] {
  const path = "/api/v3/order";
  const trade = { security: "trade", weight: 1 } as const;
  const one = () => 1;
  return [
    { ...trade, method: "POST", path, kind: "place", orders: one, handle: (call) => desk.place(call) },
    { ...trade, method: "POST", path: `${path}/test`, kind: "read", handle: (call) => desk.test(call) },
    {
      ...trade,
      method: "POST",
      path: `${path}/cancelReplace`,
      kind: "place",
      orders: one,
      handle: (call) => desk.cancelReplace(call),
    },
    {
      ...trade,
      weight: 4,
      method: "PUT",
      path: `${path}/amend/keepPriority`,
      kind: "amend",
      handle: (call) => desk.amendKeepPriority(call),
    },
    { ...trade, method: "DELETE", path, kind: "cancel", handle: (call) => desk.cancel(call) },
    { ...trade, method: "DELETE", path: "/api/v3/openOrders", kind: "cancel", handle: (call) => desk.cancelAll(call) },
    own(path, 4, account.order),
    own("/api/v3/openOrders", perSymbol(6, 80), account.openOrders),
    own("/api/v3/allOrders", 20, account.allOrders),
    own("/api/v3/myTrades", (parameters) => (parameters.text("orderId") === null ? 20 : 5), account.ownTrades),
  ];
}

function accountRoutes({ account }: RouteParts): readonly Route[] {
  return [
    own("/api/v3/account", 20, account.status),
    own("/api/v3/account/commission", 20, account.commission),
    own("/api/v3/rateLimit/order", 40, account.orderCounts),
    own("/sapi/v1/asset/tradeFee", 1, account.tradeFees),
    own("/sapi/v1/capital/config/getall", 10, account.coins),
    own("/sapi/v1/account/apiRestrictions", 1, account.restrictions),
    { ...own("/sapi/v1/margin/allPairs", 1, nothing), security: "key" },
    own("/sapi/v1/margin/isolated/allPairs", 10, nothing),
  ];
}

/** The retired user stream of REST: gone, or kept for clients that are as old. */
function keyRoutes({ keys }: RouteParts): readonly Route[] {
  const base = { path: "/api/v3/userDataStream", weight: 2, security: "key", kind: "stream" } as const;
  const gone: Handler = () => fail(refusal(-1000, "This endpoint has been retired; use the WebSocket API.", 410));
  if (keys === null) {
    return (["POST", "PUT", "DELETE"] as const).map((method) => ({ ...base, method, handle: gone }));
  }
  const named =
    (act: (key: string) => boolean): Handler =>
    (call) => {
      const key = call.parameters.required("listenKey");
      if (!key.ok) return key;
      return keys.find(key.value)?.account === accountOf(call).name && act(key.value)
        ? ok({})
        : fail(refusals.listenKey());
    };
  const renew = (key: string): boolean => {
    const found = keys.find(key);
    if (found !== null) keys.renew(found);
    return found !== null;
  };
  const end = (key: string): boolean => {
    const found = keys.find(key);
    if (found !== null) keys.end(found, false);
    return found !== null;
  };
  return [
    { ...base, method: "POST", handle: (call) => ok({ listenKey: keys.start(accountOf(call).name).key }) },
    { ...base, method: "PUT", handle: named(renew) },
    { ...base, method: "DELETE", handle: named(end) },
  ];
}
