// One process that `opensqt up` keeps alive: started, asked whether it is ready, started again when it dies, and
// stopped with time to do it in order. It lives in a group of its own, so that Ctrl-C reaches it only through its
// supervisor, and it ends when its supervisor is gone.

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { HTTP_LISTENS } from "../../../observe/http.ts";
import { parsed } from "../../../observe/log-ring.ts";
import { SUPERVISED } from "../../process/stop-signal.ts";
import { type AfterDeath, afterDeath, type Death } from "./restart-rule.ts";

export interface ChildPlan {
  /** "connector". */
  readonly name: string;
  /** Program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** Base of its HTTP listener, "http://127.0.0.1:8083". */
  readonly url: string;
  /** What it waits for is told only after so long: a start of the usual length needs no story. */
  readonly patienceMs: number;
  /** Longest time a stop may take before the process is killed. */
  readonly stopMsMax: number;
}

/** One line of the child's stderr: parsed where it is a line of its log. */
export interface ChildLine {
  readonly raw: string;
  readonly level: string;
  readonly code: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface ChildEvents {
  line(line: ChildLine): void;
  /** What it waits for before it is ready; told when it changes. */
  waiting(text: string): void;
  ready(tookMs: number): void;
  /** It ended unasked. */
  died(end: ChildEnd, after: AfterDeath): void;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last thing it said that was no line of its log: a refusal is written so. "" where it said nothing. */
  readonly lastWords: string;
}

const ASK_MS = 100;
const ASK_TIMEOUT_MS = 2_000;
const LAST_WORDS_MAX = 4_000;
/** How a process words that its port is somebody else's. */
export const PORT_TAKEN = /\bis in use by\b|EADDRINUSE/;
const SILENT = { ready: false, text: "" };

export class SupervisedChild {
  readonly plan: ChildPlan;
  private readonly events: ChildEvents;
  private readonly deaths: Death[] = [];
  private readonly ending = new AbortController();
  private process: ChildProcess | null = null;
  private exited: Promise<ChildEnd> = Promise.resolve({ code: 0, signal: null, lastWords: "" });
  private life: Promise<void> = Promise.resolve();
  private isReady = false;
  private wasReady = false;
  /** It said itself that it listens: until then somebody else may answer on its port. */
  private listens = false;

  constructor(plan: ChildPlan, events: ChildEvents) {
    this.plan = plan;
    this.events = events;
  }

  get pid(): number | null {
    return this.process?.pid ?? null;
  }

  get ready(): boolean {
    return this.isReady;
  }

  /** Starts it, and keeps it started until `stop`. */
  start(): void {
    this.life = this.live();
  }

  /** SIGTERM, and SIGKILL when its time is up. Resolves when the process is gone. */
  async stop(): Promise<ChildEnd & { readonly killed: boolean }> {
    this.ending.abort();
    const { process: child } = this;
    let killed = false;
    if (child !== null) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => {
        killed = true;
        child.kill("SIGKILL");
      }, this.plan.stopMsMax);
      await this.exited;
      clearTimeout(timer);
    }
    await this.life;
    return { ...(await this.exited), killed };
  }

  /** Ends it now. */
  kill(): void {
    this.ending.abort();
    this.process?.kill("SIGKILL");
  }

  private async live(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      this.isReady = false;
      this.spawn();
      const gone = new AbortController();
      const watching = this.untilReady(AbortSignal.any([signal, gone.signal]));
      const end = await this.exited;
      gone.abort();
      await watching;
      this.process = null;
      this.isReady = false;
      if (signal.aborted) return;
      // it had the port before it died: whoever took it meanwhile may give it back
      const lent = this.wasReady && PORT_TAKEN.test(end.lastWords);
      this.deaths.push({ atMs: performance.now(), code: lent ? null : end.code });
      const after = afterDeath(this.deaths);
      this.events.died(end, after);
      if (after.kind === "final") return;
      await wait(after.waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private spawn(): void {
    const [program, ...words] = this.plan.command;
    const child = spawn(program, words, {
      detached: true,
      stdio: ["pipe", "ignore", "pipe"],
      env: { ...this.plan.environment, [SUPERVISED]: "1" },
    });
    // it died before it read: its end is told by "close"
    child.stdin?.on("error", () => undefined);
    this.listens = false;
    let lastWords = "";
    readLines(child, (raw) => {
      const line = lineOf(raw);
      if (line.code === HTTP_LISTENS) this.listens = true;
      if (line.level === "") lastWords = `${lastWords}${raw}\n`.slice(-LAST_WORDS_MAX);
      this.events.line(line);
    });
    this.exited = new Promise((resolve) => {
      child.once("error", (error) => resolve({ code: 1, signal: null, lastWords: error.message }));
      child.once("close", (code, signal) => resolve({ code, signal, lastWords: lastWords.trim() }));
    });
    this.process = child;
  }

  private async untilReady(signal: AbortSignal): Promise<void> {
    const fromMs = performance.now();
    let said = "";
    while (!signal.aborted) {
      const { ready, text } = this.listens ? await askReady(this.plan.url, signal) : SILENT;
      if (signal.aborted) return;
      if (ready) {
        this.isReady = true;
        this.wasReady = true;
        this.events.ready(Math.round(performance.now() - fromMs));
        return;
      }
      const late = performance.now() - fromMs >= this.plan.patienceMs;
      if (late && text !== "" && text !== said) this.events.waiting(text);
      if (late) said = text;
      await wait(ASK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** What `/ready` says: what is awaited, or "" while nobody answers yet. */
async function askReady(url: string, signal: AbortSignal): Promise<{ readonly ready: boolean; readonly text: string }> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
    const response = await fetch(`${url}/ready`, { signal: limit });
    const body = (await response.json()) as { waiting?: readonly { name: string; text: string }[] };
    const text = (body.waiting ?? []).map((check) => `${check.name}: ${check.text}`).join("; ");
    return { ready: response.status === 200, text };
  } catch {
    return { ready: false, text: "" };
  }
}

function readLines(child: ChildProcess, take: (line: string) => void): void {
  let rest = "";
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (chunk: string) => {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
  child.stderr?.on("end", () => {
    if (rest !== "") take(rest);
  });
}

function lineOf(raw: string): ChildLine {
  const line = parsed(raw, 0);
  if (line === null) return { raw, level: "", code: "", text: raw, fields: {} };
  return { raw, level: line.level, code: line.code, text: line.text, fields: line.fields };
}
