// Every place that leaves has a committed, synced record with the same body.

import type { Checker, Evidence } from "./checker.ts";
import { bodyOf } from "./order-words.ts";

export function journalBeforeSend({ journal, durablePosition, report }: Evidence): Checker {
  const name = "journal-before-send";
  return {
    name,
    onSent(sent) {
      if (sent.kind !== "place") return;
      const placed = journal.places.get(sent.clientOrderId);
      if (placed === undefined) report(name, `${sent.clientOrderId} left before its decision was recorded`);
      else if (placed.position > durablePosition()) report(name, `${sent.clientOrderId} left before the disk had it`);
      else if (bodyOf(placed.order) !== bodyOf(sent.order)) {
        report(name, `${sent.clientOrderId} left as ${bodyOf(sent.order)}, recorded is ${bodyOf(placed.order)}`);
      }
    },
  };
}
