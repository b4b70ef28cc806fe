// Ends the process when its loop does not turn any more (OPS-17): a bot in a loop without end holds all of them up, and
// nothing in this thread can notice. A second thread does. Whoever started the process starts it again; every bot
// recovers from its journal as after any kill.

import { Worker } from "node:worker_threads";

export interface WatchdogOptions {
  /** How long the loop may stand still, ms. */
  readonly silentMs: number;
}

export interface Watchdog {
  /** Work that may take long is about to begin (a journal replayed): nobody waits until the function is called. */
  rest(): () => void;
  close(): Promise<void>;
}

/** Layout of what both threads see: beats of the loop, and how many rest. */
const BEATS = 0;
const RESTING = 1;

/** Begins to watch this thread. Its own thread keeps nobody from leaving. */
export function startWatchdog({ silentMs }: WatchdogOptions): Watchdog {
  const shared = new SharedArrayBuffer(8);
  const view = new Int32Array(shared);
  const worker = new Worker(WATCH, { eval: true, workerData: { shared, silentMs }, stdin: false });
  worker.unref();
  const beat = setInterval(() => Atomics.add(view, BEATS, 1), Math.max(10, Math.floor(silentMs / 4)));
  beat.unref();
  return {
    rest: () => {
      Atomics.add(view, RESTING, 1);
      let over = false;
      return () => {
        if (over) return;
        over = true;
        Atomics.add(view, BEATS, 1);
        Atomics.sub(view, RESTING, 1);
      };
    },
    close: async () => {
      clearInterval(beat);
      await worker.terminate();
    },
  };
}

/** The other thread: plain JavaScript, so that nothing has to be loaded when the machine is in trouble. */
const WATCH = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const view = new Int32Array(workerData.shared);
const { silentMs } = workerData;
let seen = -1;
let sinceMs = performance.now();
setInterval(() => {
  const beats = Atomics.load(view, ${BEATS});
  if (beats !== seen || Atomics.load(view, ${RESTING}) > 0) {
    seen = beats;
    sinceMs = performance.now();
    return;
  }
  if (performance.now() - sinceMs < silentMs) return;
  try {
    const ended = " ms: it is ended, and recovers from its journals";
    const said = "the loop of this process has not turned for " + silentMs + ended;
    writeSync(2, JSON.stringify({ level: "fatal", code: "watchdog", msg: said }) + "\\n");
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
}, Math.max(10, Math.floor(silentMs / 4)));
`;
