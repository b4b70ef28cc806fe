// What only real starts and kills can break: no place leaves before `recovered` (DUR-48), every place is recorded
// before it leaves, and the epoch of each run is higher than the one before.

import type { Checker, Evidence } from "../simulation/checkers/checker.ts";

export function starts(evidence: Evidence): Checker {
  const name = "starts";
  const { tape, journal } = evidence;
  const report = (text: string): void => evidence.report(name, text);
  let recovering = false;
  let epoch = 0;
  return {
    name,
    onEvent(record, event) {
      if (event.kind === "recovered") recovering = false;
      if (event.kind !== "run-started") return;
      recovering = true;
      if (event.epoch <= epoch || event.epoch !== record.epoch) {
        report(`epoch ${event.epoch} (recorded as ${record.epoch}) started after ${epoch}`);
      }
      epoch = event.epoch;
    },
    onTape(entry) {
      if (entry.kind !== "request" || entry.request !== "place" || !tape.isOwn(entry.clientOrderId)) return;
      if (!journal.places.has(entry.clientOrderId)) {
        report(
          `${entry.clientOrderId} was asked for at ${entry.atUs / 1000} ms, before its decision was recorded; ` +
            `the journal stands at ${journal.shadow.nowMs} ms`,
        );
      }
      // what the killed process sent may still be under way when the next one starts; it was sent before that
      if (recovering && entry.sentUs > journal.shadow.nowMs * 1000) {
        report(`${entry.clientOrderId} left before the bot had recovered`);
      }
    },
    onCut() {
      recovering = false;
      epoch = 0;
    },
  };
}
