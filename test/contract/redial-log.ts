// What a ccxt port's log says about its redials: the waits of each socket, in order.

import { type Log, openLog } from "../../src/observe/log.ts";
import type { Stage } from "./exchange-case.ts";

/** A log that nobody reads but for the waits before redials. */
export function redialLog(): { readonly log: Log; readonly redials: Stage["redials"] } {
  const waits = new Map<string, number[]>();
  const write = (line: string): void => {
    const { socket, redialMs }: Record<string, unknown> = JSON.parse(line);
    if (typeof socket !== "string" || typeof redialMs !== "number") return;
    waits.set(socket, [...(waits.get(socket) ?? []), redialMs]);
  };
  return { log: openLog({ process: "test", write }), redials: () => waits };
}
