// A real process of the bot, held from outside: started, told, heard, killed by its own id, waited for.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { BotOptions, Passage, Said, Standing, Told } from "./bot-process.ts";
import { machineMs } from "./machine-clock.ts";

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Errors of the tests that wait: what was awaited, and what the process said last. */
export class NotInTime extends Error {
  override readonly name = "NotInTime";
}

/** Processes are started by the hundred: compiled code is kept, and a start costs half. */
export const NODE_COMPILE_CACHE =
  process.env["NODE_COMPILE_CACHE"] ?? join(import.meta.dirname, "../../node_modules/.cache/compile");

/** Polls until `check` gives something, the longer it takes the slower; `what` is said when it does not in time. */
export async function until<T>(
  what: string,
  limitMs: number,
  check: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const began = machineMs();
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    const waited = machineMs() - began;
    if (waited > limitMs) throw new NotInTime(`${what}: not within ${limitMs} ms`);
    await nextLook(Math.min(LOOK_MS_MAX, LOOK_MS + waited * LOOK_SHARE));
  }
}

const LOOK_MS = 5;
const LOOK_MS_MAX = 50;
/** A time that is measured by looking is at most so much too long. */
const LOOK_SHARE = 0.04;

const nextLook = (pauseMs: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, pauseMs));

/** A process that lives answers at once; a busy machine may not let it. */
const ANSWER_MS = 60_000;

/** Nothing for so long, as it is drawn from the seed of a run: when to kill at random. */
export async function pass(ms: number): Promise<void> {
  const end = machineMs() + ms;
  await until("time passes", ms + 10_000, () => (machineMs() >= end ? true : undefined));
}

export class Victim {
  readonly exit: Promise<Exit>;
  readonly said: Said[] = [];
  /** What it wrote to its error stream. */
  errors = "";
  ended: Exit | null = null;
  /** From the start of the process to `recovered`. */
  recoveredMs: number | null = null;
  private answers = 0;
  private answer: Standing | null = null;
  private readonly child: ChildProcess;
  private readonly startedMs = machineMs();

  constructor(options: BotOptions) {
    const file = join(import.meta.dirname, "bot-process.ts");
    const env = { ...process.env, NODE_COMPILE_CACHE };
    this.child = spawn(process.execPath, [file, JSON.stringify(options)], { env, stdio: ["pipe", "pipe", "pipe"] });
    const { stdout, stderr, stdin } = this.child;
    if (stdout !== null) createInterface({ input: stdout }).on("line", (line) => this.hear(line));
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    // a process that is killed leaves a broken pipe
    stdin?.on("error", () => {});
    this.exit = new Promise((resolve) => {
      this.child.on("close", (code, signal) => {
        this.ended = { code, signal };
        resolve(this.ended);
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  tell(told: Told): void {
    this.child.stdin?.write(`${JSON.stringify(told)}\n`);
  }

  die(at: Passage): void {
    this.tell({ die: at });
  }

  /** False when the process is gone. */
  signal(signal: NodeJS.Signals): boolean {
    return this.ended === null && this.child.kill(signal);
  }

  async kill(): Promise<Exit> {
    this.signal("SIGKILL");
    return await this.exit;
  }

  /** Resolves when `recovered` was stepped. Errors: NotInTime with its last words. */
  async recovered(limitMs: number): Promise<number> {
    return await until(`recovered (${this.lastWords()})`, limitMs, () => {
      if (this.recoveredMs === null && this.ended !== null) {
        throw new NotInTime(
          `the process ended (${JSON.stringify(this.ended)}) instead of recovering: ${this.lastWords()}`,
        );
      }
      return this.recoveredMs ?? undefined;
    });
  }

  /** Waits for the end of the process, which `why` should bring. Errors: NotInTime. */
  async gone(why: string, limitMs: number): Promise<Exit> {
    try {
      return await until("end", limitMs, () => this.ended ?? undefined);
    } catch {
      throw new NotInTime(`${why}: the process still runs after ${limitMs} ms: ${this.lastWords()}`);
    }
  }

  /** How it stands now. Errors: NotInTime. */
  async standing(): Promise<Standing> {
    const { answers } = this;
    this.tell({ say: "standing" });
    return await until("an answer of the process", ANSWER_MS, () => {
      if (this.ended !== null) throw new NotInTime(`the process ended instead of answering: ${this.lastWords()}`);
      return this.answers > answers && this.answer !== null ? this.answer : undefined;
    });
  }

  lastWords(): string {
    return `${this.errors.trim()} ${this.said
      .slice(-5)
      .map((said) => JSON.stringify(said).slice(0, 300))
      .join(" ")}`;
  }

  private hear(line: string): void {
    const said = JSON.parse(line) as Said;
    if (said.kind === "recovered" && this.recoveredMs === null) this.recoveredMs = machineMs() - this.startedMs;
    if (said.kind === "standing") {
      this.answers += 1;
      this.answer = said;
      return;
    }
    this.said.push(said);
    if (this.said.length > 200) this.said.splice(0, 100);
  }
}
