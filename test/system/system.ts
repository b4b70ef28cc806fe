// The whole system as `make run` starts it: `opensqt up` in a folder of the test's own, its processes by their run
// file, and clients to both servers. Waits are for conditions; what never comes ends by the test's own time-out.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type RunFile, readRunFile } from "../../src/apps/opensqt/run-file.ts";
import { openRpcClient, type RpcClient, type RpcClientOf } from "../../src/rpc/client.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { PositionServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/position.ts";
import { type Running, startOpensqt } from "../cli/command-line.ts";

export type ProcessName = "connector" | "marketMaker" | "liveServer";

const LOOK_MS = 50;
const PATIENCE_MS = 180_000;
/** A system may live this long before it is ended for the test's sake. */
const LIFE_MS = 300_000;

export interface SystemOptions {
  /** Text of the configuration file of `up`. */
  readonly config: string;
  readonly words?: readonly string[];
  /** More of the connector's section, as `key: value` in one line. */
  readonly connector?: string;
  /** The same of the market-maker's section. */
  readonly marketMaker?: string;
  /** It is ended after so long; five minutes unless given. */
  readonly lifeMs?: number;
}

/** A running system. `close` ends it however it stands and removes its folder. */
export class System {
  readonly folder: string;
  readonly up: Running;
  private clients: RpcClient[] = [];

  private constructor(folder: string, up: Running) {
    this.folder = folder;
    this.up = up;
  }

  /** Starts `opensqt up` and waits until it says where the console is. */
  static async start({
    config,
    words = [],
    connector = "",
    marketMaker = "",
    lifeMs = LIFE_MS,
  }: SystemOptions): Promise<System> {
    const folder = mkdtempSync(join(tmpdir(), "opensqt-system-"));
    const file = join(folder, "opensqt.yaml");
    writeFileSync(file, `${config}${ownPorts(connector, marketMaker)}`);
    const up = startOpensqt(["up", "--config", file, "--data-dir", join(folder, "data"), ...words], {
      timeoutMs: lifeMs,
    });
    const system = new System(folder, up);
    await up.seen(/Console {2}http/).catch(async (error: unknown) => {
      await system.close();
      throw error;
    });
    return system;
  }

  get run(): RunFile {
    const run = readRunFile(join(this.folder, "data"));
    assert.ok(run !== null, "run.json is there while the system runs");
    return run;
  }

  pid(name: ProcessName): number | null {
    return this.run[name].pid;
  }

  /** SIGKILL; resolves when another one of that name is ready. */
  async killed(name: ProcessName): Promise<void> {
    const before = this.pid(name);
    assert.ok(before !== null);
    process.kill(before, "SIGKILL");
    await until(`${name} is back`, async () => {
      const run = readRunFile(join(this.folder, "data"));
      return run !== null && run[name].pid !== null && run[name].pid !== before && (await isReady(run[name].http));
    });
  }

  /** Every process says that it can do its work. */
  async ready(): Promise<void> {
    for (const name of ["connector", "marketMaker", "liveServer"] as const) {
      await until(`${name} is ready`, () => isReady(this.run[name].http));
    }
  }

  get exchange(): RpcClientOf<ExchangeServiceDefinition> {
    return this.open(this.run.connector.grpc).client(ExchangeServiceDefinition);
  }

  get positions(): RpcClientOf<PositionServiceDefinition> {
    return this.open(this.run.marketMaker.grpc).client(PositionServiceDefinition);
  }

  get bots(): RpcClientOf<BotServiceDefinition> {
    return this.open(this.run.marketMaker.grpc).client(BotServiceDefinition);
  }

  /** Folders of the bots' journals. */
  journals(): string[] {
    const data = join(this.folder, "data");
    return (
      readdirSync(data, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith("journal.db"))
        .map((path) => join(data, path, ".."))
        // the account's is not a bot's
        .filter((path) => basename(dirname(path)) === "bots")
        .sort()
    );
  }

  logOf(process: string): string {
    const path = join(this.folder, "data", "logs", `${process}.log`);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  async stop(): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
    this.closeClients();
    this.up.kill("SIGINT");
    return this.up.ended;
  }

  async close(): Promise<void> {
    this.closeClients();
    this.up.kill("SIGKILL");
    await this.up.ended;
    const run = readRunFile(join(this.folder, "data"));
    for (const pid of [run?.marketMaker.pid, run?.liveServer.pid, run?.connector.pid, run?.emulator?.pid]) {
      if (pid !== null && pid !== undefined) await gone(pid);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private closeClients(): void {
    for (const client of this.clients) client.close();
    this.clients = [];
  }

  private open(address: string): RpcClient {
    const known = this.clients.find((client) => client.address === address);
    if (known !== undefined) return known;
    const client = openRpcClient({ address, key: this.run.operatorKey });
    this.clients.push(client);
    return client;
  }
}

let started = 0;

/** Ports that no other system of these tests begins with: a port must still be free when its owner returns. */
function ownPorts(connector: string, marketMaker: string): string {
  const first = 20_000 + (process.pid % 1_000) * 20 + (started++ % 4) * 5;
  return `
connector: { grpc: { bind: "127.0.0.1:${first}" }, http: { port: ${first + 1} }${connector && `, ${connector}`} }
market-maker: { grpc: { bind: "127.0.0.1:${first + 2}" }, http: { port: ${first + 3} }${marketMaker && `, ${marketMaker}`} }
live-server: { http: { port: ${first + 4} } }
`;
}

/** Ends what has lost its supervisor, so that the folder can go. */
async function gone(pid: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    await wait(100);
  }
}

async function isReady(http: string): Promise<boolean> {
  try {
    return (await fetch(`${http}/ready`, { signal: AbortSignal.timeout(2_000) })).status === 200;
  } catch {
    return false;
  }
}

/** Looks again and again; the error says what was waited for, and what the last look ran into. */
export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  let trouble: unknown = null;
  while (performance.now() < endMs) {
    try {
      if (await look()) return;
      trouble = null;
    } catch (error) {
      trouble = error;
    }
    await wait(LOOK_MS);
  }
  throw new Error(`waited in vain: ${what}`, { cause: trouble });
}
