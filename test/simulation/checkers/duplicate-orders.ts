// One exchange order per client id; one recorded place per own order.

import type { Checker, Evidence } from "./checker.ts";

export function duplicateOrders({ tape, journal, report }: Evidence): Checker {
  const name = "duplicate-orders";
  const accepted = new Set<string>();
  let placed = new Set<string>();
  return {
    name,
    onTape(entry) {
      if (entry.kind !== "accepted" || !tape.isOwn(entry.clientOrderId)) return;
      if (accepted.has(entry.clientOrderId)) report(name, `the exchange accepted ${entry.clientOrderId} twice`);
      accepted.add(entry.clientOrderId);
    },
    onEffect(_record, effect) {
      if (effect.kind !== "place") return;
      if (placed.has(effect.clientOrderId)) report(name, `${effect.clientOrderId} was decided twice`);
      placed.add(effect.clientOrderId);
    },
    onCut() {
      placed = new Set();
    },
    atEnd() {
      for (const id of accepted) {
        if (!journal.places.has(id)) report(name, `the exchange has ${id}, no recorded decision does`);
      }
    },
  };
}
