// Own orders never meet.

import type { Checker, Evidence } from "./checker.ts";

export function noSelfTrade({ tape, report }: Evidence): Checker {
  const name = "no-self-trade";
  return {
    name,
    onTape(entry) {
      if (entry.kind === "ended" && entry.why === "self-trade prevention" && tape.isOwn(entry.clientOrderId)) {
        report(name, `${entry.clientOrderId} met another order of ours`);
      }
      if (entry.kind === "fill" && tape.isOwn(entry.clientOrderId) && entry.counterparty === entry.account) {
        report(name, `${entry.clientOrderId} traded with ourselves`);
      }
    },
  };
}
