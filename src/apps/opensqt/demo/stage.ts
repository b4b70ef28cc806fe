// The system a demonstration plays on: `opensqt up` as a child in a folder of its own, asked over gRPC like any other.
// Whatever happens, `close` leaves no process.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openRpcClient, type RpcClient } from "../../../rpc/client.ts";
import { BotServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { PositionServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/position.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Interrupt } from "../interrupt.ts";
import { CommandError } from "../output.ts";
import { isAlive, type RunFile, readRunFile } from "../run-file.ts";

export interface StageOptions {
  readonly folder: string;
  /** Text of the configuration of `up`. */
  readonly config: string;
  readonly interrupt: Interrupt;
}

const LOOK_MS = 100;
/** Of a stop in order; then everything is ended by force. */
const STOP_MS = 20_000;
const READY_MS = 2_000;

/** Ctrl-C came while something was awaited. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly code = "INTERRUPTED";
}

export class Stage {
  readonly dataDir: string;
  private readonly child: ChildProcess;
  private readonly interrupt: Interrupt;
  private readonly clients = new Map<string, RpcClient>();
  private said = "";

  constructor({ folder, config, interrupt }: StageOptions) {
    this.dataDir = join(folder, "data");
    this.interrupt = interrupt;
    const file = join(folder, "demo.yaml");
    writeFileSync(file, config);
    const words = ["up", "--config", file, "--data-dir", this.dataDir, "--quiet"];
    const { OPENSQT_CONFIG: _file, OPENSQT_CONFIG_YAML: _text, ...environment } = process.env;
    // a group of its own: Ctrl-C reaches this process, which stops the others in order
    this.child = spawn(process.execPath, [process.argv[1] ?? "", ...words], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const keep = (text: string): void => {
      this.said = `${this.said}${text}`.slice(-2_000);
    };
    this.child.stdout?.setEncoding("utf8").on("data", keep);
    this.child.stderr?.setEncoding("utf8").on("data", keep);
  }

  get run(): RunFile {
    const run = readRunFile(this.dataDir);
    if (run === null) throw new CommandError(EXIT_CODES.unreachable, `the system has ended: ${this.said.trim()}`);
    return run;
  }

  get engine() {
    const client = this.open(this.run.marketMaker.grpc);
    return { bots: client.client(BotServiceDefinition), positions: client.client(PositionServiceDefinition) };
  }

  get exchange() {
    return this.open(this.run.connector.grpc).client(ExchangeServiceDefinition);
  }

  /** Every process says that it can do its work. */
  async ready(): Promise<boolean> {
    const { connector, marketMaker, liveServer } = this.run;
    for (const { http } of [connector, marketMaker, liveServer]) {
      const { status } = await fetch(`${http}/ready`, { signal: AbortSignal.timeout(READY_MS) });
      if (status !== 200) return false;
    }
    return true;
  }

  /** Looks until it is so. False when it was not within `ms`. Throws Interrupted, or CommandError when all ended. */
  async until(ms: number, look: () => Promise<boolean>): Promise<boolean> {
    const untilMs = performance.now() + ms;
    while (performance.now() < untilMs) {
      if (this.interrupt.signal !== null) throw new Interrupted();
      if (this.child.exitCode !== null) {
        throw new CommandError(EXIT_CODES.unreachable, `the system ended by itself: ${this.said.trim()}`);
      }
      // what does not answer yet is asked again
      if (await look().catch(() => false)) return true;
      await wait(LOOK_MS);
    }
    return false;
  }

  /** Stops in order; by force what has not ended then. True when it ended by itself, with exit code 0. */
  async close(): Promise<boolean> {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
    const run = readRunFile(this.dataDir);
    if (this.child.exitCode === null) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await Promise.race([ended, wait(STOP_MS, null, { ref: false })]);
    }
    const inOrder = this.child.exitCode === 0;
    this.child.kill("SIGKILL");
    for (const pid of [run?.marketMaker.pid, run?.liveServer.pid, run?.connector.pid]) {
      if (pid !== undefined && pid !== null && isAlive(pid) && !inOrder) process.kill(pid, "SIGKILL");
    }
    return inOrder;
  }

  private open(address: string): RpcClient {
    const known = this.clients.get(address);
    if (known !== undefined) return known;
    const client = openRpcClient({ address, key: this.run.operatorKey });
    this.clients.set(address, client);
    return client;
  }
}
