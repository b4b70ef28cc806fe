// The methods of Binance spot's WebSocket API (EMU-20): the same handlers as REST, and those of a socket's own session.

import { ok } from "../../../../base/result.ts";
import type { WireTraits } from "../../protocol.ts";
import type { EmulatedAccount } from "../../world.ts";
import type { Parameters } from "../wire/parameters.ts";
import { type Answer, accountOf, type Call } from "../wire/routes.ts";
import type { Security } from "../wire/security.ts";
import type { AccountReads } from "./account-reads.ts";
import type { MarketReads } from "./market-reads.ts";
import type { SpotDesk } from "./order-desk.ts";

/** What a session does for its methods. */
export interface SessionDoor {
  logOn(account: EmulatedAccount): Answer;
  standing(): Answer;
  logOut(): Answer;
  /** `ofSession`: the stream ends when the session does. */
  subscribe(account: EmulatedAccount, ofSession: boolean): Answer;
  unsubscribe(parameters: Parameters): Answer;
  activeSubscriptions(): Answer;
}

export type SessionMethod = "logOn" | "status" | "logOut" | "follow" | "followSigned" | "unsubscribe" | "list";

export const METHOD_SESSION: { readonly [name in SessionMethod]: (door: SessionDoor, call: Call) => Answer } = {
  logOn: (door, call) => door.logOn(accountOf(call)),
  status: (door) => door.standing(),
  logOut: (door) => door.logOut(),
  follow: (door, call) => door.subscribe(accountOf(call), true),
  followSigned: (door, call) => door.subscribe(accountOf(call), false),
  unsubscribe: (door, call) => door.unsubscribe(call.parameters),
  list: (door) => door.activeSubscriptions(),
};

export interface ApiMethod {
  readonly weight: number;
  readonly security: Security;
  readonly kind: WireTraits["kind"];
  /** Orders it counts as. */
  readonly orders: number;
  /** What the socket itself does; null: the handler answers. */
  readonly session: SessionMethod | null;
  readonly handle: (call: Call) => Answer;
}

export interface MethodParts {
  readonly market: MarketReads;
  readonly account: AccountReads;
  readonly desk: SpotDesk;
}

const read = (weight: number, handle: (call: Call) => Answer, security: Security = "none"): ApiMethod => ({
  weight,
  security,
  kind: "read",
  orders: 0,
  session: null,
  handle,
});

const nothing = (): Answer => ok({});

const session = (method: SessionMethod, security: Security, kind: ApiMethod["kind"] = "stream"): ApiMethod => ({
  ...read(2, nothing, security),
  kind,
  session: method,
});

export function apiMethods({ market, account, desk }: MethodParts): ReadonlyMap<string, ApiMethod> {
  const trade = (
    kind: "place" | "cancel" | "amend" | "read",
    orders: number,
    handle: (call: Call) => Answer,
  ): ApiMethod => ({
    ...read(1, handle, "trade"),
    kind,
    orders,
  });
  return new Map(
    Object.entries({
      ping: read(1, nothing),
      time: read(1, market.time),
      exchangeInfo: read(20, market.exchangeInfo),
      depth: read(5, market.depth),
      "trades.recent": read(25, market.trades),
      "trades.aggregate": read(4, market.aggregateTrades),
      klines: read(2, market.candles),
      avgPrice: read(2, market.averagePrice),
      "ticker.book": read(2, market.bookTicker),
      "ticker.price": read(2, market.priceTicker),
      "ticker.24hr": read(2, market.dayTicker),
      "session.logon": session("logOn", "signed", "login"),
      "session.status": session("status", "none", "read"),
      "session.logout": session("logOut", "none", "login"),
      "session.subscriptions": session("list", "none", "read"),
      "userDataStream.subscribe": session("follow", "signed"),
      "userDataStream.subscribe.signature": session("followSigned", "signed"),
      "userDataStream.unsubscribe": session("unsubscribe", "none"),
      "order.place": trade("place", 1, (call) => desk.place(call)),
      "order.test": trade("read", 0, (call) => desk.test(call)),
      "order.cancel": trade("cancel", 0, (call) => desk.cancel(call)),
      "order.cancelReplace": trade("place", 1, (call) => desk.cancelReplace(call)),
      "order.amend.keepPriority": trade("amend", 0, (call) => desk.amendKeepPriority(call)),
      "order.status": read(4, account.order, "signed"),
      "openOrders.status": read(6, account.openOrders, "signed"),
      "openOrders.cancelAll": trade("cancel", 0, (call) => desk.cancelAll(call)),
      allOrders: read(20, account.allOrders, "signed"),
      myTrades: read(20, account.ownTrades, "signed"),
      "account.status": read(20, account.status, "signed"),
      "account.commission": read(20, account.commission, "signed"),
      "account.rateLimits.orders": read(40, account.orderCounts, "signed"),
    }),
  );
}
