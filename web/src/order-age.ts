// How long an order has rested: as its slot tells it, counted on by the page's own clock, and at least as long as the page
// has known it. Market time, which may run faster than ours, plays no part (UI-04).

import type { ConsoleOrder } from "../../src/live/messages.ts";
import { useChosen } from "./chosen.ts";
import { useNow, usePicture } from "./picture/use.ts";

type Aged = Pick<ConsoleOrder, "id" | "clientOrder">;

/** Ms since the order was placed, as far as anybody here knows; null where nobody does. */
export function useOrderAge(): (order: Aged) => number | null {
  const { botId } = useChosen();
  const slots = usePicture((picture) => picture.slots.get(botId));
  const heard = usePicture((picture) => picture.receipts.get(`slots/${botId}`)) ?? 0;
  const seen = usePicture((picture) => picture.seenOrders);
  const orders = usePicture((picture) => picture.orders);
  const now = useNow();
  const since = Math.max(0, now - heard);
  return ({ id, clientOrder }) => {
    const name = clientOrder || id;
    const slot = slots?.slots.find((each) => each.order !== null && each.order.id === name);
    const key = orders.has(id) ? id : [...orders.values()].find((order) => order.clientOrder === name)?.id;
    const known = key === undefined ? undefined : seen.get(key);
    const ages = [
      ...(slot?.order == null ? [] : [slot.order.age + since]),
      ...(known === undefined ? [] : [Math.max(0, now - known)]),
    ];
    return ages.length === 0 ? null : Math.max(...ages);
  };
}
