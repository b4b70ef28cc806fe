// An order as the live-server tells it, for tests of the console's reasoning. Test code only.

import type { ConsoleOrder } from "../../src/live/messages.ts";

/** An open buy of a bot that its exchange has given no id yet, but for the changes. */
export const openOrder = (changes: Partial<ConsoleOrder>): ConsoleOrder => ({
  id: "",
  price: "2998.00",
  side: "BUY",
  status: "NEW",
  type: "LIMIT",
  symbol: "BTCUSDT",
  exchange: "x",
  clientOrder: "c1",
  bot: "b",
  qty: "0.010",
  filled: "0",
  slot: "1",
  foreign: false,
  unknown: false,
  reduceOnly: false,
  at: 1,
  ...changes,
});
