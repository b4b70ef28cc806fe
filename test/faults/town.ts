// A whole town in one process: an emulated market of Binance on a machine's clock with prices that walk, the
// ccxt port over real HTTP and WebSockets, a connector over gRPC, and the grid with its SQLite journal behind it.
// Test code only.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../../src/base/assert.ts";
import { PacedClock } from "../../src/base/paced-clock.ts";
import { addStrategy } from "../../src/engine/strategies.ts";
import { type CcxtPort, type CcxtPortOptions, openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { DEMO_ACCOUNT } from "../../src/exchange/emulator/accounts.ts";
import { type Emulator, FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { readFault } from "../../src/exchange/emulator/faults/fault-form.ts";
import { FaultGate } from "../../src/exchange/emulator/faults/gate.ts";
import type { GateMaker } from "../../src/exchange/emulator/gates.ts";
import { walletOf } from "../../src/exchange/emulator/world.ts";
import type { UpstreamHealth } from "../../src/exchange/port.ts";
import { RemotePort } from "../../src/exchange/remote.ts";
import type { RemoteConnection } from "../../src/exchange/remote-connection.ts";
import type { HostAlert } from "../../src/host/context.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { BotHost } from "../../src/host/host.ts";
import type { HostEnd } from "../../src/host/host-error.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import type { SqliteJournal } from "../../src/journal/sqlite.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import type { Log } from "../../src/observe/log.ts";
import { defaultRiskLimits } from "../../src/risk/limits.ts";
import { gridStrategy } from "../../src/strategy/grid/grid.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { readConfig } from "../grid/bench.ts";
import { type TownMarket, USDM } from "./town-market.ts";
import { pause, until } from "./waiting.ts";
import { Walk } from "./walk.ts";

export { pause, until } from "./waiting.ts";

export const ACCOUNT = "demo";
export const TAG = "faults";

const LIFE_MS = 60_000;

addStrategy(gridStrategy);

export interface TownOptions {
  readonly seed: string;
  readonly at?: TownMarket;
  readonly exclusive?: boolean;
  readonly port?: Partial<CcxtPortOptions>;
  readonly gate?: GateMaker;
}

/** What is injected, in the words of `POST /control/faults`. */
export interface GivenFault {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly times?: number | null;
  readonly after?: number;
  readonly forMs?: number;
  readonly probability?: number;
}

/** Something that showed that all is not well, or is again. */
export interface Sign {
  readonly atMs: number;
  readonly what: string;
}

export class Town {
  readonly at: TownMarket;
  readonly emulator: Emulator;
  readonly upstream: CcxtPort;
  readonly stage: RemoteStage;
  readonly connection: RemoteConnection;
  readonly port: RemotePort;
  readonly journal: SqliteJournal;
  readonly host: BotHost;
  readonly alerts: HostAlert[] = [];
  readonly signs: Sign[] = [];
  readonly health: Map<string, UpstreamHealth>;
  end: HostEnd | null = null;
  private readonly folder: string;
  readonly market: Walk;
  private readonly endings: (() => void)[] = [];

  private constructor(
    parts: Pick<Town, "at" | "emulator" | "upstream" | "stage" | "connection" | "port" | "health" | "signs"> & {
      readonly folder: string;
      readonly market: Walk;
    },
  ) {
    this.at = parts.at;
    this.emulator = parts.emulator;
    this.upstream = parts.upstream;
    this.stage = parts.stage;
    this.connection = parts.connection;
    this.port = parts.port;
    this.health = parts.health;
    this.signs = parts.signs;
    this.folder = parts.folder;
    this.market = parts.market;
    this.journal = openSqliteJournal(this.folder, {
      bot: "grid",
      tag: TAG,
      sync: "kill",
      holder: { host: "test", pid: process.pid, sinceMs: Date.now() },
      warn: () => undefined,
      reserveBytes: 0,
    });
    this.host = this.makeHost();
  }

  /** Everything up, the grid recovered and its first orders resting; the market walks. */
  static async open(options: TownOptions): Promise<Town> {
    const { at = USDM } = options;
    const emulator = await startEmulator({
      protocols: [at.protocol],
      ports: FREE_PORTS,
      controlPort: null,
      seed: options.seed,
      market: { kind: "hand" },
      accounts: [{ ...DEMO_ACCOUNT, balances: { [at.protocol]: { USDT: "1000000" } }, leverage: 3 }],
      ...(options.gate === undefined ? {} : { gate: options.gate }),
    });
    const clock = new PacedClock(MONOTONIC_CLOCK, Date.now(), 1);
    const signs: Sign[] = [];
    const health = new Map<string, UpstreamHealth>();
    const { exclusive = true } = options;
    const market = new Walk(emulator, at, options.seed);
    const host = `127.0.0.1:${emulator.ports[at.protocol]}`;
    const upstream = await openCcxtPort({
      exchange: "binance",
      market: at.market,
      symbols: [at.symbol],
      credentials: { apiKey: "demo-key", secret: "demo-secret" },
      environment: "emulator",
      endpoints: { rest: `http://${host}`, websocket: `ws://${host}` },
      exclusive,
      clock,
      log: logTo(signs),
      ...options.port,
    });
    upstream.watchHealth((news) => {
      health.set(news.subject, news);
      signs.push({ atMs: Date.now(), what: `health ${news.subject} ${news.state}: ${news.text}` });
    });
    const stage = await RemoteStage.over({ port: upstream, symbols: [at.symbol], clock }, undefined, { exclusive });
    const connection = await stage.connect();
    const port = new RemotePort(connection, { botId: "grid", epoch: () => 1, tag: TAG });
    const folder = mkdtempSync(join(tmpdir(), "opensqt-faults-"));
    const town = new Town({ at, emulator, upstream, stage, connection, port, health, signs, folder, market });
    await town.begin();
    return town;
  }

  get gate(): FaultGate {
    const { gate } = this.emulator.control.universe;
    return present(gate instanceof FaultGate ? gate : null, "the gate of faults");
  }

  /** Puts a fault in force; returns its id. */
  inject(given: GivenFault): string {
    const read = readFault(given, {
      protocols: [this.at.protocol],
      accounts: [ACCOUNT],
      instruments: [this.at.symbol],
    });
    if (!read.ok) throw new Error(`${given.name}: ${read.error.field}: expected ${read.error.expected}`);
    return this.gate.inject(read.value).id;
  }

  /** Client ids of the bot's open orders, by the exchange's own word. */
  ownOrders(): readonly string[] {
    const { exchange } = this.emulator.control.universe;
    const open = [...exchange.desk.ledger.openOrders(walletOf(ACCOUNT, this.at.protocol))];
    return open.map(({ clientOrderId }) => clientOrderId).filter((id) => id.includes(TAG));
  }

  /** Prices walk and trades run through the grid's orders. */
  walk(): void {
    this.market.go();
  }

  get isResting(): boolean {
    return this.market.isResting;
  }

  rest(): void {
    this.market.rest();
  }

  async close(): Promise<void> {
    this.rest();
    for (const ending of this.endings) ending();
    if (this.end === null) {
      this.host.requestStop("the test");
      const until = Date.now() + 3_000;
      while (this.end === null && Date.now() < until) await pause(20);
      if (this.end === null) this.host.requestStop("the test");
    }
    this.journal.close();
    await this.port.closed();
    await this.stage.close();
    await this.upstream.closed();
    await this.emulator.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(): Promise<void> {
    const endHealth = this.connection.onHealth((health, text) => {
      this.sign(`connector ${health}: ${text}`);
      if (health === "serving") this.host.connectorBack();
      else this.host.connectorLost(text);
    });
    this.endings.push(endHealth);
    this.host.observe((turn) => {
      for (const event of turn.events) {
        if (event.kind === "feed") this.sign(`feed ${event.feed} ${event.state}`);
        else if (event.kind === "outcome" && event.result !== "accepted") {
          this.sign(`${event.of} ${event.result}: ${event.text}`);
        }
      }
    });
    this.host.start();
    const disarm = this.port.heartbeat(LIFE_MS, () => this.end === null);
    this.endings.push(() => void disarm());
    this.walk();
    const trades = (): boolean => this.host.recovered && this.host.state.ledger.fills >= 3;
    await until("the grid trades", 90_000, trades).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.story()}`);
    });
  }

  /** The last signs, for who must understand a failure. */
  story(): string {
    const { phase, blocks, orders, ledger } = this.host.state;
    const now = `${phase}, ${orders.size} orders, ${ledger.fills} fills, blocks ${[...blocks.keys()].join(" ")}`;
    const told = this.signs.slice(-40).map(({ atMs, what }) => `${new Date(atMs).toISOString().slice(14)} ${what}`);
    return [...told, now, `recovery ${JSON.stringify(this.host.recoveryProgress)}`].join("\n");
  }

  private sign(what: string): void {
    this.signs.push({ atMs: Date.now(), what });
  }

  private makeHost(): BotHost {
    const { instrument } = this.emulator.control.universe.exchange.market(this.at.symbol);
    const strategyConfig = readConfig(
      {
        interval: this.at.interval,
        orderQuote: "120",
        anchor: "60000.0",
        entryLevels: 4,
        exitLevels: 4,
        windowSlack: 1,
      },
      instrument,
    );
    const risk = { ...defaultRiskLimits(instrument), latencyP99MsMax: 0 }; // how slow this machine is, is no trial
    return new BotHost({
      identity: { bot: "grid", tag: TAG, lineage: this.journal.meta.lineage },
      symbol: this.at.symbol,
      engine: productionEngine,
      clock: this.connection.clock,
      machine: MONOTONIC_CLOCK,
      port: this.port,
      journal: this.journal,
      configuration: {
        revision: 1,
        hash: "faults",
        by: "test",
        text: "",
        config: { strategy: "grid", strategyConfig, risk, cancelOnExit: "all" },
      },
      conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
      subscription: { candleInterval: null, bookIntervalMs: 100 },
      turns: "scheduled",
      host: "test",
      release: "0",
      coreHash: "0",
      onAlert: (alert) => {
        this.alerts.push(alert);
        this.sign(`alert ${alert.code} ${alert.severity}: ${alert.text}`);
      },
      onEnd: (end) => {
        this.end = end;
        this.sign(`end ${end.code}: ${end.text}`);
      },
    });
  }
}

/** What the port logs as a warning is a sign too. */
function logTo(signs: Sign[]): Log {
  const say = (text: string): void => void signs.push({ atMs: Date.now(), what: `log ${text}` });
  const log: Log = { debug: () => undefined, info: () => undefined, warn: say, error: say, child: () => log };
  return log;
}
