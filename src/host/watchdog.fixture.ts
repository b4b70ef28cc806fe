// A process with a watchdog, for its test: rests, turns, and then does what its argument says. Test code only.

import { startWatchdog } from "./watchdog.ts";

const watchdog = startWatchdog({ silentMs: 400 });
const resume = watchdog.rest();
spin(900);
resume();
setTimeout(() => {
  process.stdout.write("turned\n");
  if (process.argv[2] === "loop") spin(Number.POSITIVE_INFINITY);
  void watchdog.close();
}, 500);

/** Holds the thread up for so long. */
function spin(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}
