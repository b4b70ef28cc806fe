// Own orders never meet. What the owner rests by hand at the same moment is no order of the bot's.

import type { Checker, Evidence } from "./checker.ts";

export function noSelfTrade({ tape, report }: Evidence): Checker {
  const name = "no-self-trade";

  /** An order of the owner's stands where this one would meet it. */
  const metByHand = (id: string): boolean => {
    const own = tape.orders.get(id);
    if (own === undefined) return false;
    const meets = (price: number): boolean => (own.side === "buy" ? price <= own.price : price >= own.price);
    for (const other of tape.foreign.values())
      if (other.open && other.side !== own.side && meets(other.price)) return true;
    return false;
  };

  return {
    name,
    onTape(entry) {
      const prevented = entry.kind === "ended" && entry.why === "self-trade prevention";
      if (prevented && tape.isOwn(entry.clientOrderId) && !metByHand(entry.clientOrderId)) {
        report(name, `${entry.clientOrderId} met another order of ours`);
      }
      if (entry.kind === "fill" && tape.isOwn(entry.clientOrderId) && entry.counterparty === entry.account) {
        report(name, `${entry.clientOrderId} traded with ourselves`);
      }
    },
  };
}
