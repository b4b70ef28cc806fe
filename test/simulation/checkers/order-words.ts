// An order in the words checkers compare: what left, what was recorded and what arrived must read alike.

import type { NewOrder } from "../../../src/trading/order.ts";

export const flagsOf = ({ timeInForce, postOnly, reduceOnly }: NewOrder): string =>
  `${timeInForce}${postOnly ? " post-only" : ""}${reduceOnly ? " reduce-only" : ""}`;

export const bodyOf = (order: NewOrder): string =>
  `${order.symbol} ${order.side} ${order.quantity} at ${order.price} ${flagsOf(order)}`;
