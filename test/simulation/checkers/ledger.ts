// Postings balance per asset, and tie to the exchange's cash.

import type { Posting } from "../../../src/trading/ledger.ts";
import type { Checker, Ending, Evidence } from "./checker.ts";

/** Reads all postings of the journal. */
export type ReadPostings = () => Iterable<{ readonly posting: Posting }>;

export function ledger({ journal, report }: Evidence, postings: ReadPostings): Checker {
  const name = "ledger";
  return {
    name,
    atEnd(ending) {
      const sums = new Map<string, bigint>();
      let cash = 0n;
      let seen = 0;
      for (const { posting } of postings()) {
        seen += 1;
        const key = `${posting.cause}|${posting.causeId}|${posting.asset}`;
        sums.set(key, (sums.get(key) ?? 0n) + posting.amount);
        const real = posting.cause === "fill" || posting.cause === "funding";
        if (real && posting.account === "cash") cash += posting.amount;
      }
      for (const [key, sum] of sums) if (sum !== 0n) report(name, `the postings of ${key} sum to ${sum}`);
      tie(cash, ending, seen);
    },
  };

  function tie(cash: bigint, { cashChange, cashByHand }: Ending, seen: number): void {
    if (cash + cashByHand === cashChange) return;
    const fills = journal.shadow.ledger.fills;
    report(name, `${seen} postings (${fills} fills) move ${cash} of cash, the exchange ${cashChange - cashByHand}`);
  }
}
