// The processes of `opensqt up` from start to stop: started in the order they need each other, kept alive, stopped in
// the reverse order. It knows nothing of what they do.

import { present } from "../../../base/assert.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { CommandError } from "../output.ts";
import { type ChildEnd, type ChildEvents, type ChildPlan, PORT_TAKEN, SupervisedChild } from "./child.ts";
import type { AfterDeath } from "./restart-rule.ts";
import type { Voice } from "./voice.ts";

/** In the order they need each other; the emulator only where orders go through one. */
const PROCESS_NAMES = ["emulator", "connector", "market-maker", "live-server"] as const;
export type ProcessName = (typeof PROCESS_NAMES)[number];
export type ProcessPlans = Readonly<Record<Exclude<ProcessName, "emulator">, ChildPlan>> & {
  readonly emulator?: ChildPlan;
};

export interface SupervisorOptions {
  readonly plans: ProcessPlans;
  readonly voice: Voice;
  /** Takes every line of a child's stderr, with its newline. */
  readonly keep: (name: ProcessName, line: string) => void;
  /** Path of the log a person is sent to. */
  readonly logOf: (name: ProcessName) => string;
  /** A process came or went: its pid is another one. */
  readonly onChange: () => void;
}

/** How it ended: the exit code of the whole. */
export interface SupervisorEnd {
  readonly exitCode: number;
}

/** Of a process that shows and does not trade, an end is reported and nothing more. */
const VIEW: ProcessName = "live-server";

export class Supervisor {
  private readonly options: SupervisorOptions;
  private readonly children: ReadonlyMap<ProcessName, SupervisedChild>;
  private readonly waiters = new Map<ProcessName, () => void>();
  private readonly fatal = Promise.withResolvers<number>();
  private fatalCode: number | null = null;
  private lostPort = false;
  private stopping: Promise<SupervisorEnd> | null = null;

  constructor(options: SupervisorOptions) {
    this.options = options;
    const children = new Map<ProcessName, SupervisedChild>();
    for (const name of PROCESS_NAMES) {
      const plan = options.plans[name];
      if (plan !== undefined) children.set(name, new SupervisedChild(plan, this.events(name)));
    }
    this.children = children;
  }

  /** Resolves with the exit code when a process that trades has ended for good. */
  get ended(): Promise<number> {
    return this.fatal.promise;
  }

  /** A process found its port taken between the choice and its start: another choice would do. */
  get portLost(): boolean {
    return this.lostPort;
  }

  pid(name: ProcessName): number | null {
    return this.children.get(name)?.pid ?? null;
  }

  /**
   * Starts the exchange's side, then the others; resolves when all are ready. Errors: CommandError with what a child
   * said.
   */
  async start(): Promise<void> {
    if (this.children.has("emulator")) await this.startOne("emulator");
    await this.startOne("connector");
    await Promise.all([this.startOne("market-maker"), this.startOne("live-server")]);
  }

  /** In order, each awaited. Calling again waits for the same end. */
  stop(): Promise<SupervisorEnd> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  /** Ends all of them now. */
  kill(): void {
    for (const child of this.children.values()) child.kill();
  }

  private startOne(name: ProcessName): Promise<void> {
    const { voice } = this.options;
    voice.say(name, "starting");
    const child = present(this.children.get(name), name);
    return new Promise((resolve, reject) => {
      this.waiters.set(name, resolve);
      void this.fatal.promise.then((code) => {
        const text = `${name === VIEW ? "the system" : name} did not start; see above and ${this.options.logOf(name)}`;
        reject(new CommandError(code, text));
      });
      child.start();
      this.options.onChange();
    });
  }

  private events(name: ProcessName): ChildEvents {
    const { voice, keep, logOf, onChange } = this.options;
    return {
      line: (line) => {
        keep(name, `${line.raw}\n`);
        voice.line(name, line);
      },
      waiting: (text) => voice.say(name, `waiting for ${text}`),
      ready: (tookMs) => {
        voice.say(name, `ready in ${(tookMs / 1000).toFixed(1)} s`);
        this.waiters.get(name)?.();
        this.waiters.delete(name);
        onChange();
      },
      died: (end, after) => {
        voice.died(name, { ...end, log: logOf(name) }, after);
        onChange();
        this.judge(name, end, after);
      },
    };
  }

  /** A process that trades and may not be started again ends the whole; so does one that never came up. */
  private judge(name: ProcessName, end: ChildEnd, after: AfterDeath): void {
    const starting = this.waiters.has(name);
    if (starting && end.code === EXIT_CODES.refused && PORT_TAKEN.test(end.lastWords)) this.lostPort = true;
    if (after.kind === "final" && (name !== VIEW || starting)) this.fail(after.exitCode);
    else if (after.kind === "again" && after.keepsDying && starting) this.fail(EXIT_CODES.unreachable);
  }

  private fail(exitCode: number): void {
    this.fatalCode ??= exitCode;
    this.fatal.resolve(exitCode);
  }

  private async stopAll(): Promise<SupervisorEnd> {
    const { voice } = this.options;
    let exitCode = this.fatalCode ?? EXIT_CODES.done;
    for (const [name, child] of [...this.children].reverse()) {
      const running = child.pid !== null;
      if (running) voice.say(name, "stopping");
      const { code, signal, killed } = await child.stop();
      if (!running) continue;
      if (killed) voice.must(name, "did not stop in its time and was killed");
      // one that was told before it could listen is ended by the signal itself
      const own = signal === "SIGTERM" ? EXIT_CODES.done : (code ?? EXIT_CODES.unexpected);
      if (name !== VIEW && exitCode === EXIT_CODES.done) exitCode = own;
    }
    return { exitCode };
  }
}
