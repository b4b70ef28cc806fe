// After the healing nothing is unknown or pending, both sides agree, and the bot quotes again or says why not.

import { strategyView } from "../../../src/engine/view.ts";
import type { Checker, Evidence } from "./checker.ts";

export function liveness({ tape, journal, report }: Evidence): Checker {
  const name = "liveness";
  return {
    name,
    atEnd({ latched }) {
      const { shadow } = journal;
      const ours = [...shadow.orders.values()];
      for (const order of ours) {
        if (order.place !== "acknowledged") report(name, `${order.clientOrderId} is ${order.place} after the healing`);
      }
      const theirs = tape.openOrders();
      const known = new Set(ours.map(({ clientOrderId }) => clientOrderId as string));
      for (const { clientOrderId } of theirs) {
        if (!known.has(clientOrderId)) report(name, `${clientOrderId} is open on the exchange, not in the books`);
      }
      const there = new Set(theirs.map(({ clientOrderId }) => clientOrderId));
      for (const id of known) if (!there.has(id)) report(name, `${id} is open in the books, not on the exchange`);
      for (const { key, clientOrderId: id } of strategyView(shadow)?.ladder ?? [])
        if (id !== null && !known.has(id)) report(name, `${key} waits for ${id}, which is no order any more`);
      if (latched === null && theirs.length === 0) report(name, "nothing is wrong, and nothing is quoted");
    },
  };
}
