// After healing the tape and the journal hold the same fills, each once, to the last digit of the fee.

import type { FillEvent } from "../../../src/trading/event.ts";
import type { Checker, Evidence } from "./checker.ts";

export function lostFills({ tape, report }: Evidence): Checker {
  const name = "lost-fills";
  let booked = new Map<string, FillEvent>();
  return {
    name,
    onEvent(_record, event) {
      if (event.kind !== "fill") return;
      const key = `${event.tradeId}|${event.side}`;
      if (!tape.isOwn(event.clientOrderId) && event.origin === "order") return;
      if (booked.has(key)) report(name, `fill ${key} stands in the journal twice`);
      booked.set(key, event);
    },
    onCut() {
      booked = new Map();
    },
    atEnd() {
      for (const [key, fill] of tape.fills) {
        const found = booked.get(key);
        if (found === undefined) report(name, `fill ${key} of ${fill.clientOrderId} is not in the journal`);
        else if (found.quantity !== fill.quantity || found.price !== fill.price || String(found.fee) !== fill.fee) {
          const ours = `${found.quantity} at ${found.price}, fee ${found.fee}`;
          report(
            name,
            `fill ${key}: booked is ${ours}; the tape has ${fill.quantity} at ${fill.price}, fee ${fill.fee}`,
          );
        }
      }
      for (const key of booked.keys()) if (!tape.fills.has(key)) report(name, `fill ${key} is on no tape`);
    },
  };
}
