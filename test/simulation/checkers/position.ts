// Position = Σ fills (+ recorded adjustments) = the exchange's.

import type { Checker, Evidence } from "./checker.ts";

export function position({ tape, journal, report }: Evidence): Checker {
  const name = "position";
  return {
    name,
    atEnd({ exchangePosition, latched }) {
      if (tape.position + tape.byHand !== exchangePosition) {
        report(name, `the tape's fills sum to ${tape.position + tape.byHand}, the exchange shows ${exchangePosition}`);
      }
      const { ledger, divergence } = journal.shadow;
      if (ledger.position === exchangePosition) return;
      if (divergence !== null && tape.byHand !== 0) return;
      const parts = `own fills ${tape.position}, by hand ${tape.byHand}; ${latched ?? "not latched"}`;
      report(name, `the books say ${ledger.position}, the exchange ${exchangePosition} (${parts})`);
    },
  };
}
