// The calls that go on speaking.

import type { CallContext } from "nice-grpc-common";
import { checkExchange, type Part, type ServiceParts } from "./service-parts.ts";

export function streamCalls({
  core,
  subscriptions,
}: ServiceParts): Part<
  | "subscribePrice"
  | "subscribeBook"
  | "subscribeTrades"
  | "subscribeKlines"
  | "subscribeFundingRate"
  | "subscribeOrders"
  | "subscribeAccount"
  | "subscribePositions"
  | "subscribeFeeds"
> {
  const checked = <R extends { readonly exchange: string }, A>(
    open: (request: R, signal: AbortSignal) => AsyncIterable<A>,
  ) => {
    return (request: R, { signal }: CallContext): AsyncIterable<A> => {
      checkExchange(core, request);
      return open(request, signal);
    };
  };
  return {
    subscribePrice: checked((request, signal) => subscriptions.price(request, signal)),
    subscribeBook: checked((request, signal) => subscriptions.book(request, signal)),
    subscribeTrades: checked((request, signal) => subscriptions.trades(request, signal)),
    subscribeKlines: checked((request, signal) => subscriptions.candles(request, signal)),
    subscribeFundingRate: checked((request, signal) => subscriptions.funding(request, signal)),
    subscribeOrders: checked((request, signal) => subscriptions.orders(request, signal)),
    subscribeAccount: checked((request, signal) => subscriptions.account(request, signal)),
    subscribePositions: checked((request, signal) => subscriptions.positions(request, signal)),
    subscribeFeeds: checked((request, signal) => subscriptions.feeds(request, signal)),
  };
}
