// Limits on the exchange's side: at each acceptance the worst case over own position and own open orders stays
// within the limits that were in force when the order was decided. Reducing orders may pass a limit that was
// tightened since, and what the exchange closed by force, or an owner by hand, before anybody could know is not held
// against the bot.

import { unitMoney } from "../../../src/market/instrument.ts";
import type { Checker, Evidence } from "./checker.ts";

export function limits({ tape, journal, report }: Evidence): Checker {
  const name = "limits";

  /** Fills by force on the tape, and those of them that are booked, with the event that did it. */
  const forced = new Set<string>();
  const booked = new Map<string, number>();
  /** How many there had been when an order was decided; those that were not booked by then it could not know. */
  const knewOf = new Map<string, number>();

  const knewAll = (id: string): boolean => knewOf.get(id) === forced.size;

  /** Worst |position| by own fills, what the books took without one, and open orders; `without` leaves one out. */
  const worst = (adjusted: number, without: string | null): number => {
    const position = tape.position + adjusted;
    let long = position;
    let short = position;
    let reduceBuys = 0;
    let reduceSells = 0;
    for (const order of tape.openOrders()) {
      if (order.clientOrderId === without) continue;
      const left = order.quantity - order.filled;
      if (order.reduceOnly) {
        if (order.side === "buy") reduceBuys += left;
        else reduceSells += left;
      } else if (order.side === "buy") long += left;
      else short -= left;
    }
    if (position < 0) long += Math.min(-position, reduceBuys);
    if (position > 0) short -= Math.min(position, reduceSells);
    return Math.max(Math.abs(long), Math.abs(short));
  };

  /** The worst case that an order leads to; 0 where it makes none worse. */
  const raisedTo = (adjusted: number, id: string): number => {
    const after = worst(adjusted, null);
    return after > worst(adjusted, id) ? after : 0;
  };

  return {
    name,
    onEvent({ seq }, event) {
      if (event.kind === "fill" && event.origin !== "order") booked.set(`${event.tradeId}|${event.side}`, seq);
    },
    onEffect({ seq }, effect) {
      if (effect.kind !== "place" || knewOf.has(effect.clientOrderId)) return;
      // a turn has many events: what came after the one that decided this order was not known to it
      const knew = [...forced].every((fill) => (booked.get(fill) ?? Number.POSITIVE_INFINITY) <= seq);
      knewOf.set(effect.clientOrderId, knew ? forced.size : -1);
    },
    onTape(entry) {
      if (entry.kind === "fill" && entry.origin !== "order" && tape.fills.has(`${entry.tradeId}|${entry.side}`))
        forced.add(`${entry.tradeId}|${entry.side}`);
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
      if (!knewAll(entry.clientOrderId)) return;
      // by the exchange's view of the position and by that of the books: within one of them nobody is to blame
      const after = Math.min(...[0, placed.adjusted].map((adjusted) => raisedTo(adjusted, entry.clientOrderId)));
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
    onCut() {
      booked.clear();
    },
  };
}
