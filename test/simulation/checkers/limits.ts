// Limits on the exchange's side: at each acceptance the worst case over own position and own open orders stays
// within the limits that were in force when the order was decided. Reducing orders may pass a limit that was
// tightened since.

import { unitMoney } from "../../../src/market/instrument.ts";
import type { Checker, Evidence } from "./checker.ts";

export function limits({ tape, journal, report }: Evidence): Checker {
  const name = "limits";

  /** Worst |position| by own fills and open orders; `without` leaves one order out. */
  const worst = (without: string | null): number => {
    let long = tape.position;
    let short = tape.position;
    let reduceBuys = 0;
    let reduceSells = 0;
    for (const order of tape.orders.values()) {
      if (!order.open || order.clientOrderId === without) continue;
      const left = order.quantity - order.filled;
      if (order.reduceOnly) {
        if (order.side === "buy") reduceBuys += left;
        else reduceSells += left;
      } else if (order.side === "buy") long += left;
      else short -= left;
    }
    if (tape.position < 0) long += Math.min(-tape.position, reduceBuys);
    if (tape.position > 0) short -= Math.min(tape.position, reduceSells);
    return Math.max(Math.abs(long), Math.abs(short));
  };

  return {
    name,
    onTape(entry) {
      // what an owner traded by hand and the operator accepted is in our books, and not told apart on the tape
      if (entry.kind !== "accepted" || !tape.isOwn(entry.clientOrderId) || tape.byHand !== 0) return;
      const { instrument } = journal.shadow;
      const placed = journal.places.get(entry.clientOrderId);
      const inForce = placed?.limits ?? null;
      if (inForce === null || instrument === null || placed === undefined) return;
      const unit = unitMoney(instrument);
      const value = BigInt(entry.price) * BigInt(entry.quantity) * unit;
      if (value > inForce.orderNotionalMax)
        report(name, `${entry.clientOrderId} is worth ${value}, allowed ${inForce.orderNotionalMax}`);
      const open = tape.openOrders().length;
      if (open > inForce.openOrdersMax) report(name, `${open} orders are open, allowed ${inForce.openOrdersMax}`);
      const after = worst(null);
      if (after <= worst(entry.clientOrderId)) return;
      if (inForce.positionQuantityMax !== null && after > inForce.positionQuantityMax) {
        report(name, `worst case ${after} lots with ${entry.clientOrderId}, allowed ${inForce.positionQuantityMax}`);
      }
      const mark = BigInt(placed.mark ?? entry.price * 1000);
      const notional = (BigInt(after) * mark * unit) / 1000n;
      if (notional > inForce.positionNotionalMax)
        report(
          name,
          `worst case worth ${notional} with ${entry.clientOrderId}, allowed ${inForce.positionNotionalMax}`,
        );
    },
  };
}
