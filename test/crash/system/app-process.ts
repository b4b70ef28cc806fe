// A process of OpenSQT as the command line runs it, with one addition: it dies, or takes others with it, where it is
// told to. Where to die comes from the environment for the start, later over the channel of its parent.

import { setCrashPoint } from "../../../src/base/crash-point.ts";
import { DEATH, type Death, type Told } from "./death.ts";

const tell = (told: Told["told"]): void => void process.send?.({ told } satisfies Told);

function arm({ point, nth, pids, after }: Death): void {
  let left = nth;
  let counts = after === undefined;
  setCrashPoint((name) => {
    if (name === after) counts = true;
    if (name !== point || !counts) return;
    left -= 1;
    if (left !== 0) return;
    tell("passed");
    for (const pid of pids) process.kill(pid === 0 ? process.pid : pid, "SIGKILL");
  });
}

const given = process.env[DEATH];
delete process.env[DEATH];
if (given !== undefined) arm(JSON.parse(given) as Death);
// nobody is left behind when the test itself is killed
process.on("disconnect", () => process.exit(1));
process.on("message", (message) => {
  arm(message as Death);
  tell("armed");
});
process.channel?.unref();
await import("../../../src/apps/opensqt/main.ts");
