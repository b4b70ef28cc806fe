// Never two epochs acting at once.

import type { Checker, Evidence } from "./checker.ts";

export function fence({ report }: Evidence): Checker {
  const name = "fence";
  let newest = 0;
  return {
    name,
    onEvent(record) {
      if (record.epoch < newest) report(name, `epoch ${record.epoch} wrote after epoch ${newest}`);
      newest = Math.max(newest, record.epoch);
    },
    onSent(sent, epoch) {
      // a cancel that was recorded before the take-over may be repeated until the next append says FENCED; to refuse
      // it is the connector's fence (DUR-53)
      if (sent.kind === "place" && epoch < newest)
        report(name, `epoch ${epoch} sent ${sent.kind} ${sent.clientOrderId} after epoch ${newest}`);
    },
    onCut() {
      newest = 0;
    },
  };
}
