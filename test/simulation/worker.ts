// One core of `make sim`: runs the seeds it is handed, one after the other, and tells each verdict. Nothing is shared,
// so what a seed does is the same whichever worker runs it.

import { parentPort } from "node:worker_threads";
import { runSeed } from "./seed-run.ts";

parentPort?.on("message", (seed: number) => parentPort?.postMessage(runSeed(seed)));
