// The production engine with three faults somebody may command, each written in the journal like any command: a step
// that throws, one that never ends, and one that does not end the first time. Test code only.

import { existsSync, writeFileSync } from "node:fs";
import type { Engine } from "../../context.ts";
import { productionEngine } from "../../engine.ts";

const ONCE = "once ";

export const engine: Engine = {
  ...productionEngine,
  step: (state, event) => {
    if (event.kind === "command") fault(event.reason);
    return productionEngine.step(state, event);
  },
};

/** `throw`, `loop`, or `once FILE`: until the file is there. */
function fault(reason: string): void {
  if (reason === "throw") throw new Error("sabotage");
  if (reason === "loop") for (;;);
  if (!reason.startsWith(ONCE)) return;
  const file = reason.slice(ONCE.length);
  if (existsSync(file)) return;
  writeFileSync(file, "");
  for (;;);
}
