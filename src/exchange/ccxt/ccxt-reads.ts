// What the port and its streams ask of the exchange by REST. Promises end in a result and never reject.

import type { ClientOrderId } from "../../trading/client-order-id.ts";
import type { AccountResult, FillsResult, LookupResult, OpenOrdersResult } from "../port.ts";
import type { BookResult } from "../public-market.ts";
import type { Priority } from "./call.ts";

/** Reads by REST, each with the priority of EXCH-26. They retry inside their deadline (EXCH-40). */
export interface CcxtReads {
  lookup(symbol: string, clientOrderId: ClientOrderId, priority: Priority): Promise<LookupResult>;
  /** Complete, or unavailable. */
  openOrders(symbol: string, priority: Priority): Promise<OpenOrdersResult>;
  /** Complete from `since` on, oldest first, or unavailable. */
  fills(
    symbol: string,
    since: { readonly sinceMs: number; readonly cursor: string | null },
    priority: Priority,
  ): Promise<FillsResult>;
  account(symbol: string, priority: Priority): Promise<AccountResult>;
  book(symbol: string, depth: number, priority: Priority): Promise<BookResult>;
  /** The client order id of an order known only by the exchange's id; null: not known here. */
  clientOrderIdOf(exchangeOrderId: string): string | null;
  /** Remembers both ids of an order, so that fills which carry only one find it. */
  remember(exchangeOrderId: string, clientOrderId: string): void;
}
