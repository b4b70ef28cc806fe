// Every place was approved, and what arrives is what was approved.

import type { Checker, Evidence } from "./checker.ts";
import { bodyOf, flagsOf } from "./order-words.ts";

/** Every place the journal records is one that the production engine, risk included, decides from the same events. */
export function approvedOnly({ journal, tape, report }: Evidence): Checker {
  const name = "approved-only";
  return {
    name,
    onEffect(record, effect) {
      if (effect.kind !== "place") return;
      const decided = journal.expected.find(
        (each) => each.effect.kind === "place" && each.effect.clientOrderId === effect.clientOrderId,
      );
      if (decided?.effect.kind !== "place") {
        report(name, `risk approved no order ${effect.clientOrderId} at event ${record.seq}`);
      } else if (bodyOf(decided.effect.order) !== bodyOf(effect.order)) {
        report(name, `recorded is ${bodyOf(effect.order)}, approved was ${bodyOf(decided.effect.order)}`);
      }
    },
    onTape(entry) {
      if (entry.kind !== "request" || entry.request !== "place" || !tape.isOwn(entry.clientOrderId)) return;
      const placed = journal.places.get(entry.clientOrderId);
      if (placed === undefined) return;
      const { order } = placed;
      const flags = flagsOf(order);
      if (entry.price === order.price && entry.quantity === order.quantity && entry.flags === flags) return;
      report(
        name,
        `${entry.clientOrderId} arrived as ${entry.quantity} at ${entry.price} ${entry.flags}, not as ${bodyOf(order)}`,
      );
    },
  };
}
