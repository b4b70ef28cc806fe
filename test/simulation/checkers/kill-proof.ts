// The kill switch's report is true on the tape.

import type { Checker, Evidence } from "./checker.ts";

/** What the exchange did so shortly before may still be on its way. */
const ON_THE_WIRE_US = 2_000_000;

export function killProof({ tape, journal, nowMs, report }: Evidence): Checker {
  const name = "kill-proof";

  const isUnheard = (nowUs: number): boolean => {
    for (const [key, { atUs }] of tape.fills)
      if (atUs > nowUs - ON_THE_WIRE_US && !journal.booked.has(key)) return true;
    return false;
  };
  return {
    name,
    onEffect(record, effect) {
      if (effect.kind !== "alert" || effect.code !== "kill-proved") return;
      const { flatAfterMs, positionLots } = effect.facts;
      const lots = tape.position + tape.byHand;
      // what an owner traded and nobody accepted yet is not the bot's: its books are right without it
      const isOurs = tape.wasTradedByHand && tape.position + journal.adjusted === positionLots;
      const isJudged = flatAfterMs !== null && tape.byHand === 0 && !isOurs && !isUnheard(nowMs() * 1000);
      if (isJudged && lots !== positionLots)
        report(name, `the kill is flat at event ${record.seq}, ${positionLots} lots left, the exchange has ${lots}`);
      const open = tape.openOrders();
      if (open.length === 0) return;
      report(
        name,
        `the kill was proved at event ${record.seq}, while ${open[0]?.clientOrderId} is open on the exchange`,
      );
    },
  };
}
