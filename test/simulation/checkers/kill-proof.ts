// The kill switch's report is true on the tape.

import type { Checker, Evidence } from "./checker.ts";

export function killProof({ tape, report }: Evidence): Checker {
  const name = "kill-proof";
  return {
    name,
    onEffect(record, effect) {
      if (effect.kind !== "alert" || effect.code !== "kill-proved") return;
      const open = tape.openOrders();
      if (open.length === 0) return;
      report(
        name,
        `the kill was proved at event ${record.seq}, while ${open[0]?.clientOrderId} is open on the exchange`,
      );
    },
  };
}
