// The whole journal replays to the same effects and hash.

import { clientOrderIdOf, effectBody } from "../../../src/journal/codec.ts";
import type { Checker, Evidence } from "./checker.ts";

/** Every recorded effect is the one the production engine decides from the recorded events, byte for byte. */
export function replay({ journal, report }: Evidence): Checker {
  const name = "replay";
  return {
    name,
    onEvent(record, event) {
      const [left] = journal.expected;
      if (left === undefined || left.seq === record.seq || event.kind !== "run-started") return;
      report(name, `${left.effect.kind} ${left.seq}.${left.index} is decided, but was never recorded`);
      journal.expected.length = 0;
    },
    onEffect(record, effect) {
      const now = journal.expected.shift();
      const same =
        now !== undefined &&
        now.seq === record.seq &&
        now.index === record.index &&
        now.effect.kind === effect.kind &&
        clientOrderIdOf(now.effect) === record.clientOrderId &&
        effectBody(now.effect) === record.body;
      if (same) return;
      const decided =
        now === undefined ? "nothing" : `${now.seq}.${now.index} ${now.effect.kind} ${effectBody(now.effect)}`;
      report(name, `recorded is ${record.seq}.${record.index} ${effect.kind} ${record.body}; decided is ${decided}`);
      journal.expected.length = 0;
    },
    atEnd(ending) {
      const wrong = ending.verify();
      if (wrong !== null) report(name, wrong);
    },
  };
}
