// Ends the process when its loop does not turn any more (OPS-17): a bot in a loop without end holds all of them up, and
// nothing in this thread can notice. A second thread does, and writes down which event of which bot it was, so that one
// that does it again is put aside. Whoever started the process starts it again; bots recover as after any kill.

import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";

export interface WatchdogOptions {
  /** How long the loop may stand still, ms. */
  readonly silentMs: number;
  /** Where it is noted which step did not end; nowhere unless given. */
  readonly stuckFile?: string;
}

/** Whoever steps bots tells of each step: one that ends is a sign of life, however long a replay takes. */
export interface StepMarks {
  began(bot: string, seq: number): void;
  ended(): void;
}

export interface Watchdog extends StepMarks {
  close(): Promise<void>;
}

/** The event whose step did not end, and how often in a row a process was ended for it. */
export interface Stuck {
  readonly bot: string;
  readonly seq: number;
  readonly times: number;
}

/** Layout of what both threads see: beats of the loop, whose step is under way (0: none), and of which event. */
const BEATS = 0;
const BOT = 1;
const SEQ_BYTE = 8;

/** Begins to watch this thread. Its own thread keeps nobody from leaving. */
export function startWatchdog({ silentMs, stuckFile }: WatchdogOptions): Watchdog {
  const shared = new SharedArrayBuffer(16);
  const view = new Int32Array(shared);
  const seqs = new Float64Array(shared, SEQ_BYTE);
  const worker = new Worker(WATCH, { eval: true, workerData: { shared, silentMs, stuckFile }, stdin: false });
  worker.unref();
  const names = new Map<string, number>();
  const numberOf = (bot: string): number => {
    const known = names.get(bot);
    if (known !== undefined) return known;
    names.set(bot, names.size + 1);
    worker.postMessage(bot);
    return names.size;
  };
  const beat = setInterval(() => Atomics.add(view, BEATS, 1), Math.max(10, Math.floor(silentMs / 4)));
  beat.unref();
  return {
    began: (bot, seq) => {
      seqs[0] = seq;
      Atomics.store(view, BOT, numberOf(bot));
      Atomics.add(view, BEATS, 1);
    },
    ended: () => void Atomics.store(view, BOT, 0),
    close: async () => {
      clearInterval(beat);
      await worker.terminate();
    },
  };
}

/** What an earlier process was ended for, or null. */
export function readStuck(path: string): Stuck | null {
  try {
    const told: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof told !== "object" || told === null) return null;
    const { bot, seq, times } = told as Partial<Record<keyof Stuck, unknown>>;
    if (typeof bot !== "string" || typeof seq !== "number" || typeof times !== "number") return null;
    return { bot, seq, times };
  } catch {
    return null;
  }
}

/** The other thread: plain JavaScript, so that nothing has to be loaded when the machine is in trouble. */
const WATCH = `
const { parentPort, workerData } = require("node:worker_threads");
const { readFileSync, renameSync, writeFileSync, writeSync } = require("node:fs");
const { shared, silentMs, stuckFile } = workerData;
const view = new Int32Array(shared);
const seqs = new Float64Array(shared, ${SEQ_BYTE});
const names = [""];
parentPort.on("message", (bot) => names.push(bot));
parentPort.unref();
let seen = -1;
let sinceMs = performance.now();
function before(stuck) {
  try {
    const told = JSON.parse(readFileSync(stuckFile, "utf8"));
    return told.bot === stuck.bot && told.seq === stuck.seq ? told.times : 0;
  } catch {
    return 0;
  }
}
function note() {
  const bot = names[Atomics.load(view, ${BOT})];
  if (!bot) return "";
  const stuck = { bot, seq: seqs[0] };
  if (stuckFile) {
    writeFileSync(stuckFile + ".new", JSON.stringify({ ...stuck, times: before(stuck) + 1 }) + "\\n");
    renameSync(stuckFile + ".new", stuckFile);
  }
  return " (event " + stuck.seq + " of " + bot + ")";
}
setInterval(() => {
  const beats = Atomics.load(view, ${BEATS});
  if (beats !== seen) {
    seen = beats;
    sinceMs = performance.now();
    return;
  }
  if (performance.now() - sinceMs < silentMs) return;
  try {
    let what = "";
    try {
      what = note();
    } catch (error) {
      what = " (" + error + ")";
    }
    const ended = " ms" + what + ": it is ended, and recovers from its journals";
    const said = "the loop of this process has not turned for " + silentMs + ended;
    writeSync(2, JSON.stringify({ level: "fatal", code: "watchdog", msg: said }) + "\\n");
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
}, Math.max(10, Math.floor(silentMs / 4)));
`;
