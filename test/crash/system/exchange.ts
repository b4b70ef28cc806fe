// The emulator's process, held from outside: asked for the truth, told to let the market walk or rest.

import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { NODE_COMPILE_CACHE, NotInTime } from "../victim.ts";
import type { Asked, EmulatorStart, Heard, SystemTruth } from "./emulator-process.ts";

const ENTRY = {
  emulated: join(import.meta.dirname, "emulator-process.ts"),
  simulated: join(import.meta.dirname, "simulated-process.ts"),
};

export class EmulatedExchange {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly waiting: ((heard: Heard) => void)[] = [];

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
    child.on("message", (message) => this.waiting.shift()?.(message as Heard));
  }

  /** Errors: NotInTime when it ended instead. */
  static async start(start: EmulatorStart): Promise<EmulatedExchange> {
    const entry = start.protocol === "simulated" ? ENTRY.simulated : ENTRY.emulated;
    const child = spawn(process.execPath, [entry, JSON.stringify(start)], {
      cwd: dirname(start.record),
      env: { ...process.env, NODE_COMPILE_CACHE },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", (message) => {
        const heard = message as Heard;
        if ("ready" in heard) resolve(heard.ready);
      });
      child.once("exit", () => reject(new NotInTime("the emulator ended while it started")));
    });
    return new EmulatedExchange(child, port);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async truth(): Promise<SystemTruth> {
    const heard = await this.ask({ ask: "truth" });
    if (!("truth" in heard)) throw new NotInTime("the emulator told something else than the truth");
    const { cashChange, coins } = heard.truth;
    return { ...heard.truth, cashChange: BigInt(cashChange), coins: coins === null ? null : BigInt(coins) };
  }

  async market(resting: boolean): Promise<void> {
    await this.ask({ ask: resting ? "rest" : "go" });
  }

  /** Answers and events get lost, or no more (EMU-42). */
  async weather(isFoul: boolean): Promise<void> {
    await this.ask({ ask: isFoul ? "foul" : "fair" });
  }

  /** Every WebSocket breaks. */
  async cut(): Promise<void> {
    await this.ask({ ask: "cut" });
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await gone;
  }

  private ask(asked: Asked): Promise<Heard> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.send(asked, () => {});
    });
  }
}
