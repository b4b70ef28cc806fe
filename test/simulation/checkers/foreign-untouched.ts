// No effect on another's order.

import type { Checker, Evidence } from "./checker.ts";

export function foreignUntouched({ tape, report }: Evidence): Checker {
  const name = "foreign-untouched";
  return {
    name,
    onSent(sent) {
      if (!tape.isOwn(sent.clientOrderId))
        report(name, `a ${sent.kind} of ${sent.clientOrderId}, which is not the bot's`);
    },
  };
}
