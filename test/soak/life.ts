// What is soaked: the production host, engine, risk and SQLite journal on a virtual clock, with the simulated exchange,
// in one process. Now and then the host is killed and recovers. Nothing here measures or judges.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../src/base/canonical.ts";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { addStrategy } from "../../src/engine/strategies.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { SimulatedDriver } from "../../src/exchange/simulated-driver.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { BotHost } from "../../src/host/host.ts";
import type { HostEnd } from "../../src/host/host-error.ts";
import { Watch } from "../../src/host/watch.ts";
import type { Retention } from "../../src/journal/port.ts";
import type { SqliteJournal } from "../../src/journal/sqlite.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import { money } from "../../src/market/amounts.ts";
import { type Instrument, parseMoney } from "../../src/market/instrument.ts";
import { SimulatedExchange } from "../../src/sim/exchange.ts";
import { type FundingSettlement, simulationOptions } from "../../src/sim/options.ts";
import type { RecordEntry } from "../../src/sim/record.ts";
import type { GridTexts } from "../../src/strategy/grid/config-reader.ts";
import { gridStrategy } from "../../src/strategy/grid/grid.ts";
import type { BotConfigData } from "../../src/trading/event.ts";
import { MortalClock } from "../mortal-clock.ts";
import { SoakMarket } from "./market.ts";

export const START_MS = 1_700_000_000_000;
export const TAG = "soak01";
export const ACCOUNT = "main";
export const IDENTITY = { bot: "soak", tag: TAG, lineage: 1 };

addStrategy(gridStrategy);

export interface SoakScenario {
  readonly seed: number;
  readonly instrument: Instrument;
  readonly grid: GridTexts;
  readonly config: BotConfigData;
  /** Opening balance in quote, decimal text. */
  readonly balance: string;
  /** Where the market begins and how far it goes within a minute, in ticks. */
  readonly price: number;
  readonly gap: number;
  readonly lots: number;
}

export interface LifeOptions {
  readonly scenario: SoakScenario;
  readonly dir: string;
  readonly messagesPerSecond: number;
  readonly retention: Retention;
  readonly onTape: (entry: RecordEntry) => void;
  /** One turn took so long by the machine's clock, µs, without the slice of compaction that came after it. */
  readonly onTurn: (us: number) => void;
  /** One slice of compaction, between two turns, took so long, µs. */
  readonly onSlice: (us: number) => void;
}

interface Process {
  readonly host: BotHost;
  readonly port: SimulatedPort;
  readonly clock: MortalClock;
  readonly watch: Watch;
  readonly journal: SqliteJournal;
  end: HostEnd | null;
}

/** Three settlements at the times the exchange announces: whole intervals since the epoch. */
function settlements(intervalMs: number): FundingSettlement[] {
  const first = Math.ceil(START_MS / intervalMs) * intervalMs;
  return [0, 1, 2].map((i) => ({ atUs: (first + i * intervalMs) * 1000, ratePpt: 100_000_000 }));
}

export class SoakLife {
  readonly clock = new VirtualClock(START_MS);
  readonly market: SoakMarket;
  readonly exchange: SimulatedExchange;
  /** How often each alert was raised. */
  readonly alerts = new Map<string, number>();
  events = 0;
  private readonly options: LifeOptions;
  /** Folder of its journal. */
  readonly dir: string;
  private readonly driver: SimulatedDriver;
  private readonly balance: bigint;
  private process: Process | null = null;
  private turned = false;
  private slicesUs = 0;

  constructor(options: LifeOptions) {
    this.options = options;
    this.dir = options.dir;
    const { scenario } = options;
    const balance = parseMoney(scenario.balance, "exact");
    this.balance = balance.ok ? balance.value : 0n;
    const { price, gap, lots } = scenario;
    const { messagesPerSecond } = options;
    const startUs = START_MS * 1000 - 5_000_000;
    this.market = new SoakMarket({ seed: `${scenario.seed}`, startUs, price, gap, lots, messagesPerSecond });
    this.exchange = new SimulatedExchange(
      simulationOptions({
        seed: `${scenario.seed}`,
        markets: [
          {
            instrument: scenario.instrument,
            source: this.market,
            fill: { level: "L1", queue: "front" },
            margin: { mode: "cross", liquidationFeePpm: 10_000 },
            funding: settlements(scenario.instrument.fundingIntervalMs),
          },
        ],
        accounts: [{ name: ACCOUNT, balances: new Map([["USDT", money(this.balance)]]) }],
        ordersKept: 5_000,
        fillsKept: 5_000,
        record: options.onTape,
      }),
    );
    this.driver = new SimulatedDriver(this.exchange, this.clock, { onDelivered: () => this.drain() });
  }

  get living(): Process {
    if (this.process === null) throw new Error("no process lives");
    return this.process;
  }

  /** Opens the journal, recovers and starts. */
  start(): void {
    const { scenario, dir, retention } = this.options;
    const clock = new MortalClock(this.clock);
    const holder = { host: "soak", pid: process.pid, sinceMs: this.clock.nowMs() };
    const { bot, tag } = IDENTITY;
    const journal = openSqliteJournal(dir, { bot, tag, sync: "kill", holder, warn: () => undefined });
    this.timeSlices(journal);
    const port = new SimulatedPort(this.driver, { account: ACCOUNT, marks: true });
    const text = JSON.stringify(scenario.grid);
    const host = new BotHost({
      identity: { ...IDENTITY, lineage: journal.meta.lineage },
      symbol: scenario.instrument.symbol,
      engine: productionEngine,
      clock,
      port,
      journal,
      configuration: { revision: 1, hash: sha256(text), by: "soak", config: scenario.config, text },
      conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
      subscription: { candleInterval: "1m", bookIntervalMs: 100 },
      turns: "driven",
      host: "soak",
      release: "0",
      coreHash: "0",
      retention,
      onAlert: ({ code }) => void this.alerts.set(code, (this.alerts.get(code) ?? 0) + 1),
      onEnd: (end) => {
        born.end = end;
      },
    });
    const watch = new Watch(host, { clock, freeBytes: null });
    const born: Process = { host, port, clock, watch, journal, end: null };
    host.observe(({ events }) => {
      this.turned = true;
      this.events += events.length;
    });
    this.process = born;
    host.start();
    watch.start();
    this.drain();
  }

  /** SIGKILL: memory is gone, the lock is the kernel's again, what was sent is on its way. */
  kill(): void {
    const { port, clock, watch, journal } = this.living;
    clock.dead = true;
    watch.stop();
    port.close();
    journal.close();
    this.process = null;
  }

  /** Lets simulated time pass up to `untilMs`, or until the host ended by itself. */
  run(untilMs: number): void {
    const untilUs = untilMs * 1000;
    while (this.living.end === null && this.clock.nextUs() <= untilUs) {
      while (this.clock.runNext(untilUs)) this.drain();
    }
  }

  stop(): void {
    this.driver.stop();
    this.kill();
  }

  get cashChange(): bigint {
    return this.exchange.clearing.balance(this.exchange.clearing.account(ACCOUNT), "USDT") - this.balance;
  }

  get exchangePosition(): number {
    const account = this.exchange.clearing.account(ACCOUNT);
    return this.exchange.clearing.holding(account, this.options.scenario.instrument.symbol).lots;
  }

  /** Bytes on the disk: the journal's file, its log, and everything it put into archives. */
  bytes(): { readonly journal: number; readonly wal: number; readonly archives: number } {
    const sizes = { journal: 0, wal: 0, archives: 0 };
    for (const entry of readdirSync(this.options.dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const size = statSync(join(entry.parentPath, entry.name)).size;
      if (entry.name.endsWith("-wal")) sizes.wal += size;
      else if (entry.parentPath === this.options.dir) sizes.journal += size;
      else sizes.archives += size;
    }
    return sizes;
  }

  private drain(): void {
    const host = this.process?.host;
    if (host === undefined) return;
    const beforeMs = performance.now();
    this.turned = false;
    this.slicesUs = 0;
    host.drain();
    if (this.turned) this.options.onTurn((performance.now() - beforeMs) * 1000 - this.slicesUs);
  }

  /** A slice a tenth of a second of the machine is, in a day of minutes, the hundredth turn: it is told apart. */
  private timeSlices(journal: SqliteJournal): void {
    const compact = journal.compact.bind(journal);
    journal.compact = (retention, nowMs) => {
      const beforeMs = performance.now();
      try {
        return compact(retention, nowMs);
      } finally {
        const us = (performance.now() - beforeMs) * 1000;
        this.slicesUs += us;
        this.options.onSlice(us);
      }
    };
  }
}
