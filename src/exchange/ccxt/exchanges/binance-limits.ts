// What Binance counts (EXCH-25): weight per IP and minute, orders per account and 10 s, minute or day. Weights are
// those of its documents; what is not listed counts as a heavy read, so that the budget errs on the safe side.

import { listOf, type Raw, recordOf, recordsOf, textOf, wholeOf } from "../raw.ts";
import type { BucketCost, BucketRule, BucketUse, LimitTable, RequestAbout } from "./exchange-table.ts";

type Weight = number | ((params: Raw) => number);

const bySymbol =
  (one: number, all: number): Weight =>
  (params) =>
    params["symbol"] === undefined ? all : one;

/** The first bound that holds the request's limit; the last weight beyond them. */
const byLimit =
  (normal: number, ...steps: readonly (readonly [bound: number, weight: number])[]): Weight =>
  (params) => {
    const limit = wholeOf(params["limit"]) ?? normal;
    return (steps.find(([bound]) => limit <= bound) ?? steps.at(-1) ?? [0, 1])[1];
  };

const USDM_WEIGHTS: Readonly<Record<string, Weight>> = {
  "GET ping": 1,
  "GET time": 1,
  "GET exchangeInfo": 1,
  "GET depth": byLimit(500, [50, 2], [100, 5], [500, 10], [1000, 20]),
  "GET klines": byLimit(500, [99, 1], [499, 2], [1000, 5], [1500, 10]),
  "GET trades": 5,
  "GET aggTrades": 20,
  "GET premiumIndex": bySymbol(1, 10),
  "GET fundingRate": 1,
  "GET fundingInfo": 1,
  "GET openInterest": 1,
  "GET ticker/24hr": bySymbol(1, 40),
  "GET ticker/bookTicker": bySymbol(2, 5),
  "POST order": 0,
  "PUT order": 0,
  "DELETE order": 1,
  "GET order": 1,
  "POST batchOrders": 5,
  "DELETE batchOrders": 1,
  "DELETE allOpenOrders": 1,
  "POST countdownCancelAll": 10,
  "GET openOrder": 1,
  "GET openOrders": bySymbol(1, 40),
  "GET allOrders": 5,
  "GET userTrades": 5,
  "GET account": 5,
  "GET balance": 5,
  "GET positionRisk": 5,
  "GET leverageBracket": 1,
  "GET commissionRate": 20,
  "GET positionSide/dual": 30,
  "GET multiAssetsMargin": 30,
  "GET symbolConfig": 5,
  "GET accountConfig": 5,
  "GET income": 30,
  "POST leverage": 1,
  "POST marginType": 1,
  "POST listenKey": 1,
  "PUT listenKey": 1,
  "DELETE listenKey": 1,
};

const SPOT_WEIGHTS: Readonly<Record<string, Weight>> = {
  "GET ping": 1,
  "GET time": 1,
  "GET exchangeInfo": 20,
  "GET depth": byLimit(100, [100, 5], [500, 25], [1000, 50], [5000, 250]),
  "GET klines": 2,
  "GET trades": 25,
  "GET aggTrades": 4,
  "GET ticker/24hr": bySymbol(2, 80),
  "GET ticker/bookTicker": bySymbol(2, 4),
  "POST order": 1,
  "DELETE order": 1,
  "GET order": 4,
  "GET openOrders": bySymbol(6, 80),
  "DELETE openOrders": 1,
  "GET allOrders": 20,
  "GET myTrades": (params) => (params["orderId"] === undefined ? 20 : 5),
  "GET account": 20,
  "GET account/commission": 20,
  "GET rateLimit/order": 40,
};

const UNLISTED_WEIGHT = 20;
const ORDER_BUCKETS = ["orders-10s", "orders-1m", "orders-1d"];

const SAPI: BucketRule = { name: "sapi-weight-1m", limit: 12_000, windowMs: 60_000 };

export const USDM_LIMITS: LimitTable = limits(USDM_WEIGHTS, [
  { name: "weight-1m", limit: 2400, windowMs: 60_000 },
  { name: "orders-10s", limit: 300, windowMs: 10_000 },
  { name: "orders-1m", limit: 1200, windowMs: 60_000 },
]);

export const SPOT_LIMITS: LimitTable = limits(SPOT_WEIGHTS, [
  { name: "weight-1m", limit: 6000, windowMs: 60_000 },
  { name: "orders-10s", limit: 100, windowMs: 10_000 },
  { name: "orders-1d", limit: 200_000, windowMs: 86_400_000 },
]);

function limits(weights: Readonly<Record<string, Weight>>, buckets: readonly BucketRule[]): LimitTable {
  return { buckets: [...buckets, SAPI], costs: (about) => costsOf(weights, about), used: usedOf, told: toldBy };
}

function costsOf(weights: Readonly<Record<string, Weight>>, about: RequestAbout): readonly BucketCost[] {
  if (about.api.startsWith("sapi")) return [{ bucket: SAPI.name, cost: 1 }];
  const route = `${about.method} ${about.path}`;
  const weight = weights[route] ?? UNLISTED_WEIGHT;
  const cost = typeof weight === "number" ? weight : weight(about.params);
  const orders = ordersOf(route, about.params);
  const counted = orders === 0 ? [] : ORDER_BUCKETS.map((bucket) => ({ bucket, cost: orders }));
  return cost === 0 ? counted : [{ bucket: "weight-1m", cost }, ...counted];
}

/** New and amended orders of one request; cancels are not counted. */
function ordersOf(route: string, params: Raw): number {
  if (route === "POST order" || route === "PUT order") return 1;
  return route === "POST batchOrders" || route === "PUT batchOrders" ? listOf(params["batchOrders"]).length : 0;
}

const USED = /^x-(sapi-used-ip-weight|mbx-used-weight|mbx-order-count)-(\d+[smhd])$/;

function usedOf(headers: Readonly<Record<string, string>>): readonly BucketUse[] {
  const uses: BucketUse[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const match = USED.exec(name);
    const used = wholeOf(value);
    if (match === null || used === null) continue;
    const kind = match[1] === "mbx-used-weight" ? "weight" : match[1] === "mbx-order-count" ? "orders" : "sapi-weight";
    uses.push({ bucket: `${kind}-${match[2]}`, used });
  }
  return uses;
}

const KINDS: Readonly<Record<string, string>> = { REQUEST_WEIGHT: "weight", ORDERS: "orders" };
const UNITS: Readonly<Record<string, readonly [letter: string, ms: number]>> = {
  SECOND: ["s", 1000],
  MINUTE: ["m", 60_000],
  HOUR: ["h", 3_600_000],
  DAY: ["d", 86_400_000],
};

/** `exchangeInfo.rateLimits`. */
function toldBy(reply: unknown): readonly BucketRule[] {
  return recordsOf(recordOf(reply)["rateLimits"]).flatMap((each) => {
    const kind = KINDS[textOf(each["rateLimitType"]) ?? ""];
    const unit = UNITS[textOf(each["interval"]) ?? ""];
    const count = wholeOf(each["intervalNum"]);
    const limit = wholeOf(each["limit"]);
    if (kind === undefined || unit === undefined || count === null || limit === null || limit <= 0) return [];
    return [{ name: `${kind}-${count}${unit[0]}`, limit, windowMs: count * unit[1] }];
  });
}
