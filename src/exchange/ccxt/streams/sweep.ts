// One complete read of what an instrument's orders and fills are now, told as ordinary events where the stream did
// not tell it (EXCH-44): open orders, fills since the newest one read so less an overlap, and a look-up of each order
// that is gone.

import { foreignOrderId } from "../../../trading/client-order-id.ts";
import type { FillEvent, OrderEvent } from "../../../trading/event.ts";
import type { Unstamped } from "../../port.ts";
import type { Priority } from "../call.ts";
import type { CcxtReads } from "../ccxt-reads.ts";
import type { FillMemory, OrderMemory } from "./fill-memory.ts";

export interface SweepParts {
  readonly reads: CcxtReads;
  readonly fills: FillMemory;
  readonly orders: OrderMemory;
  readonly overlapMs: number;
  readonly exchangeNowMs: () => number;
  /** True: it was not told before. */
  tellOrder(order: Unstamped<OrderEvent>): boolean;
  tellFill(fill: Unstamped<FillEvent>): boolean;
  /** Client ids of acknowledged orders nobody heard of: what became of them is looked up. */
  unheard(symbol: string): readonly string[];
  /** It was read. */
  settled(clientOrderId: string): void;
}

/** What a complete read found that the stream had not told; or why there is none. */
export type Sweep =
  | {
      readonly result: "complete";
      readonly orders: readonly Unstamped<OrderEvent>[];
      readonly fills: readonly Unstamped<FillEvent>[];
    }
  | { readonly result: "unavailable"; readonly text: string };

/** A complete read leaves out no fill that is older than this, however late the exchange books and our clock runs. */
const QUIET_MS = 600_000;

/** `sinceMs`: exchange time before which fills are nobody's business here. Never rejects. */
export async function sweep(
  parts: SweepParts,
  of: { readonly symbol: string; readonly sinceMs: number },
  priority: Priority,
): Promise<Sweep> {
  const { reads, fills, orders, overlapMs } = parts;
  const { symbol } = of;
  const mark = orders.mark;
  const unheard = parts.unheard(symbol);
  const open = await reads.openOrders(symbol, priority);
  if (open.result !== "ok") return open;
  const newOrders = open.orders.filter((order) => {
    reads.remember(order.exchangeOrderId, order.clientOrderId);
    return parts.tellOrder(order);
  });
  const readTo = fills.readToMs(symbol);
  const sinceMs = readTo === null ? of.sinceMs : Math.max(of.sinceMs, readTo - overlapMs);
  const askedAtMs = parts.exchangeNowMs();
  const found = await reads.fills(symbol, { sinceMs, cursor: null }, priority);
  if (found.result !== "ok") return found;
  const newFills = found.fills.filter((fill) => parts.tellFill(fill));
  for (const fill of found.fills) fills.wasRead(fill);
  // where nothing is traded for weeks, each read would go back for weeks
  fills.wasRead({ symbol, exchangeAtMs: askedAtMs - QUIET_MS });
  const listed = new Set(open.orders.map((order) => order.exchangeOrderId));
  const gone = orders.openAt(symbol, mark).filter((order) => !listed.has(order.exchangeOrderId));
  // fills of orders that came and went while nobody listened
  const strange = newFills.filter((fill) => orders.get(symbol, fill.exchangeOrderId) === null);
  const ids = new Set([...gone, ...strange].flatMap(({ clientOrderId }) => clientOrderId ?? []));
  for (const id of unheard) ids.add(foreignOrderId(id));
  // an order of somebody else's may have no id of its own: there is nothing to look up
  ids.delete(foreignOrderId(""));
  for (const { clientOrderId } of open.orders) {
    ids.delete(clientOrderId);
    parts.settled(clientOrderId);
  }
  for (const clientOrderId of ids) {
    const answer = await reads.lookup(symbol, clientOrderId, priority);
    if (answer.result === "unavailable") return answer;
    parts.settled(clientOrderId);
    // absent: nothing is known of it but that it was open once; whoever sent it settles it (DUR-45)
    if (answer.result === "found" && parts.tellOrder(answer.order)) newOrders.push(answer.order);
  }
  return { result: "complete", orders: newOrders, fills: newFills };
}
