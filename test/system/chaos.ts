// A market-maker and a connector as real processes, with a proxy between them and a die that hurts them. Everything a
// seed decides is drawn from it; what the machine's speed adds, it adds.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Prng } from "../../src/base/prng.ts";
import { openRpcClient, type RpcClient, type RpcClientOf } from "../../src/rpc/client.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { PositionServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/position.ts";
import { BotPhase } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { type Running, startOpensqt } from "../cli/command-line.ts";
import { FaultyWire } from "./faulty-wire.ts";
import { until } from "./system.ts";

export const BOTS = [
  { id: "btc", symbol: "BTC/USDT:USDT" },
  { id: "eth", symbol: "ETH/USDT:USDT" },
] as const;

const KEY = "chaos".padEnd(43, "0");
const LIFE_MS = 3_600_000;

const connectorConfig = (seed: number): string => `
simulated:
  balance: "20000"
  seed: ${seed}
  speed: 5
  latency: "constant:5,40,40"
  instruments:
    - { symbol: "BTC/USDT:USDT", startPrice: "60000" }
    - { symbol: "ETH/USDT:USDT", startPrice: "3000" }
store: { folder: ./exchange }
http: { port: 0 }
grpc:
  bind: "unix:./connector.sock"
  requestsPerSecondMax: 100000
  requestsBurst: 100000
  clients:
    - { name: all, role: operator, key: "${KEY}" }
`;

const engineConfig = (address: string): string => `
store: { sqlite: ./store }
exchange: remote
connector: { address: "${address}", key: "${KEY}" }
deadMan: { timeoutMs: 60000 }
http: { port: 0 }
bots:
${BOTS.map(
  ({ id, symbol }) => `  - id: ${id}
    strategy: grid
    instrument: "${symbol}"
    cancelOnExit: all
    grid: { mode: neutral, spacing: geometric, spacingBps: "5", orderQuote: "130", entryLevels: 6, exitLevels: 6, heldSlotsMax: 30, openOrdersMax: 40 }
`,
).join("")}
grpc:
  bind: "unix:./engine.sock"
  requestsPerSecondMax: 100000
  requestsBurst: 100000
  clients:
    - { name: all, role: operator, key: "${KEY}" }
`;

export class Chaos {
  readonly folder: string;
  readonly proxy: FaultyWire;
  connector: Running;
  engine: Running;
  /** What ended processes said. */
  private readonly past: string[] = [];
  private readonly clients: RpcClient[];

  private constructor(folder: string, parts: { proxy: FaultyWire; connector: Running; engine: Running }) {
    this.folder = folder;
    this.proxy = parts.proxy;
    this.connector = parts.connector;
    this.engine = parts.engine;
    this.clients = ["connector", "engine"].map((name) =>
      openRpcClient({ address: `unix:${join(folder, `${name}.sock`)}`, key: KEY }),
    );
  }

  static async start(seed: number): Promise<Chaos> {
    const folder = mkdtempSync(join(tmpdir(), "opensqt-chaos-"));
    mkdirSync(join(folder, "store"));
    const proxy = await FaultyWire.start(join(folder, "connector.sock"));
    writeFileSync(join(folder, "connector.yaml"), connectorConfig(seed));
    writeFileSync(join(folder, "market-maker.yaml"), engineConfig(proxy.address));
    const connector = startIn(folder, "connector");
    await connector.seen(/"code":"listens"/);
    return new Chaos(folder, { proxy, connector, engine: startIn(folder, "market-maker") });
  }

  get exchange(): RpcClientOf<ExchangeServiceDefinition> {
    return this.client(0).client(ExchangeServiceDefinition);
  }

  get positions(): RpcClientOf<PositionServiceDefinition> {
    return this.client(1).client(PositionServiceDefinition);
  }

  get bots(): RpcClientOf<BotServiceDefinition> {
    return this.client(1).client(BotServiceDefinition);
  }

  /** SIGKILL, and a new life `afterMs` later. */
  async killConnector(afterMs: number): Promise<void> {
    await this.killed(this.connector);
    await wait(afterMs);
    this.connector = startIn(this.folder, "connector");
  }

  async killEngine(afterMs: number): Promise<void> {
    await this.killed(this.engine);
    await wait(afterMs);
    this.engine = startIn(this.folder, "market-maker");
  }

  /** Everything the market-makers have logged. */
  engineSaid(): string {
    return this.past.join("\n") + this.engine.said();
  }

  connectorSaid(): string {
    return this.connector.said();
  }

  /** Both bots have orders out, and `fills` grew: all is well. */
  async trading(): Promise<void> {
    for (const { id, symbol } of BOTS) {
      await until(`${id} has orders on the exchange`, async () => {
        return (await this.exchange.getOpenOrders({ symbol })).orders.length >= 4;
      });
    }
    await until("the market-maker answers", async () => {
      const { bots } = await this.bots.listBots({});
      return bots.length === BOTS.length && bots.every(({ phase }) => phase === BotPhase.RUNNING);
    });
    const before = await this.fills();
    await until("a fill more", async () => (await this.fills()) > before);
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    for (const running of [this.engine, this.connector]) {
      running.kill("SIGTERM");
      const { code, err } = await running.ended;
      assert.equal(code, 0, err.slice(-2_000));
    }
  }

  async close(keep = false): Promise<void> {
    for (const client of this.clients) client.close();
    for (const running of [this.engine, this.connector]) running.kill("SIGKILL");
    await Promise.all([this.engine.ended, this.connector.ended]);
    await this.proxy.close();
    if (!keep) {
      rmSync(this.folder, { recursive: true, force: true });
      return;
    }
    writeFileSync(join(this.folder, "engine.log"), this.engineSaid());
    writeFileSync(join(this.folder, "connector.log"), this.connectorSaid());
  }

  private async killed(running: Running): Promise<void> {
    running.kill("SIGKILL");
    await running.ended;
    if (running === this.engine) this.past.push(running.said());
  }

  private client(n: number): RpcClient {
    const client = this.clients[n];
    assert.ok(client !== undefined);
    return client;
  }

  private async fills(): Promise<number> {
    let count = 0;
    for (const { symbol } of BOTS) count += (await this.exchange.getFills({ symbol })).fills.length;
    return count;
  }
}

const startIn = (folder: string, name: string): Running =>
  startOpensqt([name, "--config", `${name}.yaml`], { cwd: folder, timeoutMs: LIFE_MS });

/** One episode: something breaks, for a while; afterwards the network is well. Returns what it was, for people. */
export async function episode(chaos: Chaos, dice: Prng, longMs: number): Promise<string> {
  const { proxy } = chaos;
  const between = (low: number, high: number): number => low + Math.floor(dice.float() * (high - low));
  const whileMs = between(50, longMs);
  const held = async (what: string, begin: () => void): Promise<string> => {
    begin();
    await wait(whileMs);
    // held back bytes arrive late, or never
    const lost = dice.float() < 0.4;
    if (lost) proxy.cut();
    proxy.heal();
    return `${what} for ${whileMs} ms${lost ? ", then cut" : ""}`;
  };
  const kinds: (() => Promise<string>)[] = [
    async () => {
      const times = between(1, 30);
      const pauseMs = between(5, 400);
      for (let n = 0; n < times; n += 1) {
        proxy.cut();
        await wait(between(0, pauseMs));
      }
      return `cut ${times} times within ${pauseMs} ms of each other`;
    },
    () => held("refused", () => proxy.refuse()),
    () => held("stalled both ways", () => proxy.stall(["up", "down"])),
    () => held("stalled requests", () => proxy.stall(["up"])),
    () => held("stalled answers", () => proxy.stall(["down"])),
    () => held("slow requests", () => proxy.delay("up", between(20, 1_500))),
    () => held("slow answers", () => proxy.delay("down", between(20, 1_500))),
    async () => {
      const afterMs = between(0, 500);
      await chaos.killConnector(afterMs);
      return `connector killed, started ${afterMs} ms later`;
    },
    async () => {
      const afterMs = between(0, 500);
      await chaos.killEngine(afterMs);
      return `market-maker killed, started ${afterMs} ms later`;
    },
    async () => {
      // answers are on their way to nobody when the connector dies
      const direction = dice.float() < 0.5 ? "up" : "down";
      proxy.stall([direction]);
      await wait(between(20, 600));
      await chaos.killConnector(between(0, 300));
      proxy.heal();
      return `${direction} stalled and connector killed`;
    },
    async () => {
      const direction = dice.float() < 0.5 ? "up" : "down";
      proxy.stall([direction]);
      await wait(between(20, 600));
      await chaos.killEngine(0);
      proxy.heal();
      return `${direction} stalled and market-maker killed`;
    },
    async () => {
      await Promise.all([chaos.killEngine(between(0, 200)), chaos.killConnector(between(0, 200))]);
      return "both killed";
    },
  ];
  const chosen = kinds[between(0, kinds.length)];
  assert.ok(chosen !== undefined);
  return chosen();
}
