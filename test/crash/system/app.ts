// One process of the system, held from outside: started, told where to die, killed by its own id, waited for.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { machineMs } from "../machine-clock.ts";
import { type Exit, NODE_COMPILE_CACHE, NotInTime, until } from "../victim.ts";
import { DEATH, type Death, type Told } from "./death.ts";

export interface AppStart {
  /** Words of the command line: "market-maker", "--config", a file. */
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly death?: Death | null;
  /** Most open files; as many as the system allows when absent. */
  readonly files?: number;
}

const ENTRY = join(import.meta.dirname, "app-process.ts");
/** Of what it said, the end that is kept. */
const SAID_MAX = 200_000;
/** A process that lives hears at once; a busy machine may not let it. */
const ARMED_MS = 60_000;

export class App {
  readonly startedMs = machineMs();
  ended: Exit | null = null;
  /** The point it was armed for was passed, whoever died there. */
  passed = false;
  readonly exit: Promise<Exit>;
  private armed = false;
  private readonly child: ChildProcess;
  private text = "";

  constructor({ words, folder, environment = {}, death = null, files }: AppStart) {
    const env = {
      ...process.env,
      NODE_COMPILE_CACHE,
      ...environment,
      ...(death === null ? {} : { [DEATH]: JSON.stringify(death) }),
    };
    const argv = [process.execPath, ENTRY, ...words];
    const limited = files === undefined ? argv : ["/bin/sh", "-c", `ulimit -n ${files}; exec "$@"`, "sh", ...argv];
    const [program = "", ...rest] = limited;
    this.child = spawn(program, rest, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.text = (this.text + text).slice(-SAID_MAX);
      });
    }
    this.child.on("message", (told) => {
      if ((told as Told).told === "armed") this.armed = true;
      else this.passed = true;
    });
    // a channel to a process that was killed
    this.child.on("error", () => {});
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

  get said(): string {
    return this.text;
  }

  /** Armed when it resolves: what is asked next cannot overtake it. A process that ended is not waited for. */
  async die(death: Death): Promise<void> {
    this.passed = false;
    this.armed = false;
    if (this.child.connected) this.child.send(death, () => {});
    await until("armed", ARMED_MS, () => this.armed || this.passed || this.ended !== null || undefined);
  }

  signal(signal: NodeJS.Signals): boolean {
    return this.ended === null && this.child.kill(signal);
  }

  async kill(): Promise<Exit> {
    this.signal("SIGKILL");
    return await this.exit;
  }

  /** Errors: NotInTime, with what it said last. */
  async gone(why: string, limitMs: number): Promise<Exit> {
    return await until(why, limitMs, () => this.ended ?? undefined).catch((error: unknown) => {
      throw new NotInTime(`${String(error)}\n${this.lastWords()}`);
    });
  }

  /** Waits until its output matches. Errors: NotInTime; it ended. */
  async seen(pattern: RegExp, limitMs: number): Promise<void> {
    await until(String(pattern), limitMs, () => {
      if (pattern.test(this.text)) return true;
      if (this.ended !== null) throw new NotInTime(`ended (${JSON.stringify(this.ended)}) without ${pattern}`);
      return undefined;
    }).catch((error: unknown) => {
      throw new NotInTime(`${String(error)}\n${this.lastWords()}`);
    });
  }

  lastWords(): string {
    return this.text.slice(-1_500);
  }
}
