// Plays what-ifs beside the engine (DUR-70): each in a process of its own at low priority, with bounded memory
// and time, which reads the journal and nothing else. Closing ends them all.

import { type ChildProcess, fork } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { WhatIfAsk, WhatIfEnd, WhatIfRun, WhatIfRunner } from "../../host/api/bot-what-if.ts";
import { GetWhatIfResponse } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { JobAsk, JobWord } from "./what-if-words.ts";

const ENTRY = fileURLToPath(new URL("./what-if-process.ts", import.meta.url));
const HEAP_MIB_MAX = 1_024;
const TIME_MS_MAX = 15 * 60_000;
const LAST_WORDS_MAX = 2_000;
const INSTEAD = "give a shorter range, or run opensqt what-if in the terminal, which has no such limit";

export interface WhatIfChildren extends WhatIfRunner {
  /** Ends what runs; resolves when no process of it is left. */
  close(): Promise<void>;
  /** Process ids of what runs. */
  readonly pids: readonly number[];
}

interface Limits {
  readonly timeMsMax?: number;
  readonly heapMibMax?: number;
  /** How far it steps back for others, as `nice` counts. */
  readonly niceness?: number;
}

export function whatIfChildren(limits: Limits = {}): WhatIfChildren {
  const bounds = {
    timeMsMax: TIME_MS_MAX,
    heapMibMax: HEAP_MIB_MAX,
    niceness: constants.priority.PRIORITY_BELOW_NORMAL,
    ...limits,
  };
  const running = new Map<WhatIfRun, ChildProcess>();
  let closed = false;
  return {
    run: (ask, onProgress) => {
      if (closed) return { end: Promise.resolve({ kind: "cancelled" }), cancel: () => undefined };
      const { child, run } = begin(ask, { ...bounds, onProgress });
      running.set(run, child);
      void run.end.then(() => running.delete(run));
      return run;
    },
    close: async () => {
      closed = true;
      for (const run of running.keys()) run.cancel();
      await Promise.all([...running.keys()].map(({ end }) => end));
    },
    get pids() {
      return [...running.values()].flatMap(({ pid }) => pid ?? []);
    },
  };
}

interface Bounds extends Required<Limits> {
  readonly onProgress: (bps: number) => void;
}

function begin(
  { journal, config, fromMs, toMs }: WhatIfAsk,
  { onProgress, timeMsMax, heapMibMax, niceness }: Bounds,
): { readonly child: ChildProcess; readonly run: WhatIfRun } {
  const child = fork(ENTRY, [], {
    execArgv: [`--max-old-space-size=${heapMibMax}`],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: environment(),
  });
  yieldTo(child, niceness);
  let word: Exclude<JobWord, { readonly kind: "progress" }> | null = null;
  let ended: WhatIfEnd | null = null;
  let lastWords = "";
  const stop = (why: WhatIfEnd): void => {
    ended ??= why;
    child.kill("SIGKILL");
  };
  const late = setTimeout(() => {
    const text = `it took longer than ${Math.round(timeMsMax / 1000)} s: ${INSTEAD}`;
    stop({ kind: "failed", text });
  }, timeMsMax);
  child.on("message", (said: JobWord) => {
    if (said.kind === "progress") onProgress(said.bps);
    else word = said;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = `${lastWords}${text}`.slice(-LAST_WORDS_MAX);
  });
  const { promise: end, resolve } = Promise.withResolvers<WhatIfEnd>();
  const finish = (how: string): void => {
    clearTimeout(late);
    resolve(ended ?? endOf(word, outOfMemory(lastWords) ? `it needed more than ${heapMibMax} MiB: ${INSTEAD}` : how));
  };
  // more than one may come, and one that nobody hears would end the engine
  child.on("error", (error) => {
    if (child.pid === undefined) finish(`its process could not be started: ${error.message}`);
  });
  // after the last of what it said
  child.once("close", (code, signal) => finish(`its process ended (${signal ?? code}); ${lastLine(lastWords)}`));
  const ask: JobAsk = { journal, config, fromMs, toMs };
  child.send(ask, () => undefined); // one that is gone already is told by its end
  return { child, run: { end, cancel: () => stop({ kind: "cancelled" }) } };
}

/** Nothing else of the engine's environment is its business: keys stand there. */
function environment(): Record<string, string> {
  const names = ["NODE_COMPILE_CACHE", "NODE_EXTRA_CA_CERTS"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** The engine first: a machine that is busy lets this wait. */
function yieldTo({ pid }: ChildProcess, niceness: number): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, niceness);
  } catch {
    // it is gone already, which its end tells
  }
}

function endOf(word: Exclude<JobWord, { readonly kind: "progress" }> | null, how: string): WhatIfEnd {
  if (word === null) return { kind: "failed", text: how };
  if (word.kind === "failed") return word;
  return { kind: "done", answer: GetWhatIfResponse.fromJSON(word.answer) };
}

const outOfMemory = (lastWords: string): boolean => /heap out of memory|heap limit/i.test(lastWords);

const lastLine = (text: string): string => text.trim().split("\n").at(-1) || "it said nothing; start it again";
