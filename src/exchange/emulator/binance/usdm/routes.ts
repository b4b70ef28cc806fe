// The REST routes of the emulated USDⓈ-M market as data (EMU-13): method, path, weight, security, handler.

import { ok } from "../../../../base/result.ts";
import type { Parameters } from "../wire/parameters.ts";
import { type Answer, accountOf, type Call, type Route } from "../wire/routes.ts";
import type { AccountReads } from "./account-reads.ts";
import type { UsdmCore } from "./core.ts";
import type { DeadMan } from "./dead-man.ts";
import type { MarketReads } from "./market-reads.ts";
import type { OrderReads } from "./order-reads.ts";
import type { Trading } from "./trading.ts";
import type { UserStreams } from "./user-streams.ts";

export interface UsdmParts {
  readonly core: UsdmCore;
  readonly market: MarketReads;
  readonly trading: Trading;
  readonly orders: OrderReads;
  readonly accounts: AccountReads;
  readonly users: UserStreams;
  readonly deadMan: DeadMan;
}

export function usdmRoutes(parts: UsdmParts): readonly Route[] {
  return [...publicRoutes(parts), ...accountRoutes(parts), ...tradeRoutes(parts), ...streamRoutes(parts)];
}

/** Every parameter some route knows, for `strictParameters`. */
export const USDM_PARAMETERS: ReadonlySet<string> = new Set(
  `symbol side positionSide type timeInForce quantity reduceOnly price newClientOrderId stopPrice closePosition
  activationPrice callbackRate workingType priceProtect newOrderRespType priceMatch selfTradePreventionMode goodTillDate
  batchOrders orderId origClientOrderId orderIdList orderidlist origClientOrderIdList origclientorderidlist modifyId
  countdownTime incomeType startTime endTime limit page fromId interval pair contractType leverage marginType
  dualSidePosition multiAssetsMargin autoCloseType listenKey apiKey recvWindow timestamp signature`.split(/\s+/),
);

type Handle = (call: Call) => Answer;

const open = (path: string, weight: Route["weight"], handle: Handle): Route => ({
  method: "GET",
  path,
  weight,
  security: "none",
  kind: "read",
  handle,
});

const read = (path: string, weight: Route["weight"], handle: Handle): Route => ({
  ...open(path, weight, handle),
  security: "signed",
});

const trade = (
  route: `${Route["method"]} /${string}`,
  { kind, weight }: Pick<Route, "kind" | "weight">,
  handle: Handle,
): Route => {
  const [method, path] = route.split(" ") as [Route["method"], string];
  return { method, path, weight, security: "trade", kind, handle };
};

function publicRoutes({ core, market }: UsdmParts): Route[] {
  return [
    open("/fapi/v1/ping", 1, () => ok({})),
    open("/fapi/v1/time", 1, ({ account }) => ok({ serverTime: core.world.timeFor(account) })),
    open("/fapi/v1/exchangeInfo", 1, () => market.exchangeInfo()),
    open("/fapi/v1/depth", depthWeight, (call) => market.depth(call)),
    open("/fapi/v1/trades", 5, (call) => market.trades(call)),
    open("/fapi/v1/aggTrades", 20, (call) => market.aggTrades(call)),
    open("/fapi/v1/klines", klineWeight, (call) => market.klines(call)),
    open("/fapi/v1/ticker/bookTicker", perSymbol(2, 5), (call) => market.bookTicker(call)),
    open("/fapi/v1/ticker/24hr", perSymbol(1, 40), (call) => market.day(call)),
    open("/fapi/v1/ticker/price", perSymbol(1, 2), (call) => market.price(call)),
    open("/fapi/v2/ticker/price", perSymbol(1, 2), (call) => market.price(call)),
    open("/fapi/v1/premiumIndex", perSymbol(1, 10), (call) => market.premiumIndex(call)),
    open("/fapi/v1/fundingRate", 1, (call) => market.fundingRate(call)),
    open("/fapi/v1/fundingInfo", 0, () => market.fundingInfo()),
    open("/fapi/v1/openInterest", 1, (call) => market.openInterest(call)),
    open("/sapi/v1/system/status", 1, () => ok({ status: 0, msg: "normal" })),
  ];
}

function accountRoutes({ core, accounts, orders }: UsdmParts): Route[] {
  return [
    read("/fapi/v3/account", 5, (call) => accounts.account(call, 3)),
    read("/fapi/v2/account", 5, (call) => accounts.account(call, 2)),
    read("/fapi/v3/balance", 5, (call) => accounts.balance(call)),
    read("/fapi/v2/balance", 5, (call) => accounts.balance(call)),
    read("/fapi/v3/positionRisk", 5, (call) => accounts.positionRisk(call, 3)),
    read("/fapi/v2/positionRisk", 5, (call) => accounts.positionRisk(call, 2)),
    read("/fapi/v1/leverageBracket", 1, (call) => accounts.leverageBracket(call)),
    read("/fapi/v2/leverageBracket", 1, (call) => accounts.leverageBracket(call)),
    read("/fapi/v1/commissionRate", 20, (call) => accounts.commissionRate(call)),
    read("/fapi/v1/positionSide/dual", 30, (call) => accounts.dualSide(call)),
    read("/fapi/v1/multiAssetsMargin", 30, () => ok({ multiAssetsMargin: false })),
    read("/fapi/v1/symbolConfig", 5, (call) => accounts.symbolConfig(call)),
    read("/fapi/v1/accountConfig", 5, (call) => accounts.accountConfig(call)),
    read("/fapi/v1/rateLimit/order", 1, () => ok(orderLimits(core))),
    read("/fapi/v1/income", 30, (call) => orders.income(call)),
    read("/fapi/v1/forceOrders", perSymbol(20, 50), (call) => orders.forceOrders(call)),
    read("/sapi/v1/account/apiRestrictions", 1, (call) => accounts.restrictions(call)),
    read("/sapi/v1/capital/config/getall", 10, () => ok([])),
    { ...open("/sapi/v1/margin/allPairs", 1, () => ok([])), security: "key" },
    trade("POST /fapi/v1/positionSide/dual", { kind: "read", weight: 1 }, (call) => accounts.setDualSide(call)),
    trade("POST /fapi/v1/leverage", { kind: "read", weight: 1 }, (call) => accounts.setLeverage(call)),
    trade("POST /fapi/v1/marginType", { kind: "read", weight: 1 }, (call) => accounts.setMarginType(call)),
  ];
}

function tradeRoutes({ trading, orders, deadMan }: UsdmParts): Route[] {
  const one = { orders: () => 1 };
  const each = { orders: listed };
  return [
    {
      ...trade("POST /fapi/v1/order", { kind: "place", weight: 0 }, (call) =>
        trading.place(call.parameters, asking(call)),
      ),
      ...one,
    },
    trade("POST /fapi/v1/order/test", { kind: "read", weight: 0 }, (call) =>
      trading.test(call.parameters, asking(call)),
    ),
    {
      ...trade("POST /fapi/v1/batchOrders", { kind: "place", weight: 5 }, (call) =>
        trading.placeBatch(call.parameters, asking(call)),
      ),
      ...each,
    },
    {
      ...trade("PUT /fapi/v1/order", { kind: "amend", weight: 1 }, (call) =>
        trading.amend(call.parameters, asking(call)),
      ),
      ...one,
    },
    {
      ...trade("PUT /fapi/v1/batchOrders", { kind: "amend", weight: 5 }, (call) =>
        trading.amendBatch(call.parameters, asking(call)),
      ),
      ...each,
    },
    trade("DELETE /fapi/v1/order", { kind: "cancel", weight: 1 }, (call) =>
      trading.cancel(call.parameters, asking(call)),
    ),
    trade("DELETE /fapi/v1/batchOrders", { kind: "cancel", weight: 1 }, (call) =>
      trading.cancelBatch(call.parameters, asking(call)),
    ),
    trade("DELETE /fapi/v1/allOpenOrders", { kind: "cancel", weight: 1 }, (call) =>
      trading.cancelAll(call.parameters, asking(call)),
    ),
    trade("POST /fapi/v1/countdownCancelAll", { kind: "cancel", weight: 10 }, (call) => deadMan.set(call)),
    read("/fapi/v1/order", 1, (call) => orders.order(call)),
    read("/fapi/v1/openOrder", 1, (call) => orders.openOrder(call)),
    read("/fapi/v1/openOrders", perSymbol(1, 40), (call) => orders.openOrders(call)),
    read("/fapi/v1/allOrders", 5, (call) => orders.allOrders(call)),
    read("/fapi/v1/userTrades", 5, (call) => orders.userTrades(call)),
  ];
}

function streamRoutes({ users, core }: UsdmParts): Route[] {
  const key = (method: Route["method"], handle: Handle): Route => ({
    method,
    path: "/fapi/v1/listenKey",
    weight: 1,
    security: "key",
    kind: "login",
    handle,
  });
  return [
    key("POST", (call) => {
      const account = accountOf(call);
      // from now on the account is told what happens to it, also before its first order
      core.desk(account);
      return ok({ listenKey: users.start(account) });
    }),
    key("PUT", (call) => users.renew(call.parameters, accountOf(call))),
    key("DELETE", (call) => users.stop(call.parameters, accountOf(call))),
  ];
}

const asking = (call: Call): { account: ReturnType<typeof accountOf>; traits: Call["traits"] } => ({
  account: accountOf(call),
  traits: call.traits,
});

const perSymbol =
  (one: number, all: number) =>
  (parameters: Parameters): number =>
    parameters.text("symbol") === null ? all : one;

function depthWeight(parameters: Parameters): number {
  const limit = numberOf(parameters, "limit", 500);
  if (limit <= 50) return 2;
  if (limit <= 100) return 5;
  return limit <= 500 ? 10 : 20;
}

function klineWeight(parameters: Parameters): number {
  const limit = numberOf(parameters, "limit", 500);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
}

function numberOf(parameters: Parameters, name: string, unless: number): number {
  const value = parameters.integer(name);
  return value.ok ? (value.value ?? unless) : unless;
}

/** Orders of a batch, as far as its list can be read. */
function listed(parameters: Parameters): number {
  const list = parameters.list("batchOrders");
  return list.ok ? (list.value?.length ?? 0) : 0;
}

function orderLimits({ limits }: UsdmCore): unknown[] {
  const { ordersPer10S, ordersPerMinute } = limits.options;
  const limit = { rateLimitType: "ORDERS" };
  return [
    { ...limit, interval: "SECOND", intervalNum: 10, limit: ordersPer10S },
    { ...limit, interval: "MINUTE", intervalNum: 1, limit: ordersPerMinute },
  ];
}
