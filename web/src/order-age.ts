// How long an order has rested: as its slot tells it, counted on by the page's own clock, and at least as long as the page
// has known it. Market time, which may run faster than ours, plays no part (UI-04).

import { useMemo } from "react";
import type { ConsoleOrder } from "../../src/live/messages.ts";
import { useChosen } from "./chosen.ts";
import { orderKey } from "./picture/picture.ts";
import { useNow, usePicture } from "./picture/use.ts";

type Aged = Pick<ConsoleOrder, "exchange" | "id" | "clientOrder">;

/** Ms since the order was placed, as far as anybody here knows; null where nobody does. */
export function useOrderAge(): (order: Aged) => number | null {
  const { botId } = useChosen();
  const slots = usePicture((picture) => picture.slots.get(botId));
  const heard = usePicture((picture) => picture.receipts.get(`slots/${botId}`));
  const seen = usePicture((picture) => picture.seenOrders);
  const now = useNow();
  const since = Math.max(0, now - (heard ?? now));
  // by id: a ladder may have a thousand levels, and each asks
  const told = useMemo(() => {
    const placed = slots?.slots.flatMap(({ order }) => order ?? []) ?? [];
    return new Map(placed.map(({ id, age }) => [id, age]));
  }, [slots]);
  return (order) => {
    const age = told.get(order.clientOrder || order.id);
    const known = seen.get(orderKey(order));
    const ages = [
      ...(age === undefined ? [] : [age + since]),
      ...(known === undefined ? [] : [Math.max(0, now - known)]),
    ];
    return ages.length === 0 ? null : Math.max(...ages);
  };
}
