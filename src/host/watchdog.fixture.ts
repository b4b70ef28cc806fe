// A process with a watchdog, for its test: does long work whose steps go on, turns, and then does what its argument
// says. Test code only.

import { startWatchdog } from "./watchdog.ts";

const [, , what, stuckFile = ""] = process.argv;
const watchdog = startWatchdog({ silentMs: 1_200, ...(stuckFile === "" ? {} : { stuckFile }) });
for (let seq = 1; seq <= 6; seq += 1) {
  watchdog.began("other", seq);
  spin(250);
  watchdog.ended();
}
setTimeout(() => {
  process.stdout.write("turned\n");
  if (what === "step") watchdog.began("poisoned", 4711);
  if (what !== "leave") spin(Number.POSITIVE_INFINITY);
  void watchdog.close();
}, 1_500);

/** Holds the thread up for so long. */
function spin(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}
