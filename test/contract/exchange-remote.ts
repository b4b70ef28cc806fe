// The simulated exchange behind a connector on 127.0.0.1, and remote ports to it over real gRPC.

import { type Connector, type ConnectorOptions, openConnector } from "../../src/exchange/connector/connector.ts";
import { RemotePort } from "../../src/exchange/remote.ts";
import { openRemoteConnection, type RemoteConnection } from "../../src/exchange/remote-connection.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import type { Role } from "../../src/rpc/caller.ts";
import { openRpcClient, type RpcClient } from "../../src/rpc/client.ts";
import { ExchangeServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { RpcHealth } from "../../src/rpc/health.ts";
import { newApiKey, type RpcClientEntry, sha256Of } from "../../src/rpc/keyring.ts";
import { SILENT_RPC_LOG } from "../../src/rpc/observer.ts";
import { type RpcServer, startRpcServer } from "../../src/rpc/server.ts";
import { ACCOUNT, SYMBOL, type World } from "./exchange-stage.ts";

const NAMES: Readonly<Record<Role, string>> = { reader: "view", trader: "engine", operator: "desk" };
/** A test asks more than an engine does. */
const RATE = { perSecond: 100_000, burst: 100_000 };

type StageOptions = Partial<ConnectorOptions> & {
  readonly bots?: readonly string[] | null;
  readonly bind?: string;
};

/** A connector over the world, with one key of each role. */
export class RemoteStage {
  readonly connector: Connector;
  readonly server: RpcServer;
  readonly health: RpcHealth;
  readonly keys: Readonly<Record<Role, string>>;
  private readonly closers: (() => Promise<void> | void)[] = [];

  private constructor(parts: {
    connector: Connector;
    server: RpcServer;
    health: RpcHealth;
    keys: Readonly<Record<Role, string>>;
  }) {
    this.connector = parts.connector;
    this.server = parts.server;
    this.health = parts.health;
    this.keys = parts.keys;
  }

  static open(world: World, options: StageOptions = {}): Promise<RemoteStage> {
    const keys = { reader: newApiKey(), trader: newApiKey(), operator: newApiKey() };
    return RemoteStage.reopen(world, keys, options);
  }

  /** Another life of a connector: its clients know the same keys. */
  static reopen(world: World, keys: Readonly<Record<Role, string>>, options: StageOptions = {}): Promise<RemoteStage> {
    const port = options.port ?? new SimulatedPort(world.driver, { account: ACCOUNT, marks: true, trades: true });
    return RemoteStage.over({ port, symbols: [SYMBOL], clock: world.clock }, keys, options);
  }

  /** A connector over any port. */
  static async over(
    exchange: Pick<ConnectorOptions, "port" | "symbols" | "clock">,
    keys: Readonly<Record<Role, string>> = { reader: newApiKey(), trader: newApiKey(), operator: newApiKey() },
    options: StageOptions = {},
  ): Promise<RemoteStage> {
    const entries = (["reader", "trader", "operator"] as const).map((role): RpcClientEntry => {
      const bots = role === "trader" ? (options.bots ?? null) : null;
      return { name: NAMES[role], role, keySha256: sha256Of(keys[role]), san: null, bots };
    });
    const health = new RpcHealth([ExchangeServiceDefinition.fullName]);
    const connector = await openConnector({
      ...exchange,
      ratePpm: 1_000_000,
      machine: MONOTONIC_CLOCK,
      release: "test",
      health,
      bookIntervalMs: 10,
      ...options,
    });
    const server = await startRpcServer({
      bind: options.bind ?? "127.0.0.1:0",
      keys: entries,
      services: [connector.service],
      health,
      log: SILENT_RPC_LOG,
      rate: RATE,
    });
    return new RemoteStage({ connector, server, health, keys });
  }

  dial(role: Role): RpcClient {
    const client = openRpcClient({ address: this.server.address, key: this.keys[role] });
    this.closers.push(() => client.close());
    return client;
  }

  exchange(role: Role) {
    return this.dial(role).client(ExchangeServiceDefinition);
  }

  async connect(role: Role = "trader"): Promise<RemoteConnection> {
    const connection = await openRemoteConnection({
      address: this.server.address,
      key: this.keys[role],
      machine: MONOTONIC_CLOCK,
    });
    this.closers.push(() => connection.close());
    return connection;
  }

  async port(botId = "bot", epoch = 1, role: Role = "trader"): Promise<RemotePort> {
    const port = new RemotePort(await this.connect(role), { botId, epoch: () => epoch, tag: "" });
    this.closers.unshift(() => port.closed());
    return port;
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
    await this.server.stop();
    this.connector.close();
  }
}
