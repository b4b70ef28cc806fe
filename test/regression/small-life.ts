// A bot as it runs for people, small: engine, host and a journal on SQLite against the simulated exchange, whose book
// the test moves by hand. Processes come and go; the exchange and the folder stay. Test code only.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/base/clock.ts";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { addStrategy } from "../../src/engine/strategies.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { SimulatedDriver } from "../../src/exchange/simulated-driver.ts";
import type { HostAlert } from "../../src/host/context.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { BotHost } from "../../src/host/host.ts";
import type { HostEnd } from "../../src/host/host-error.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import { type Money, money } from "../../src/market/amounts.ts";
import type { Instrument } from "../../src/market/instrument.ts";
import { RowFlag, RowKind, TapeBuilder } from "../../src/market/tape.ts";
import { defaultRiskLimits, type RiskLimits } from "../../src/risk/limits.ts";
import { SimulatedExchange } from "../../src/sim/exchange.ts";
import { tapeSource } from "../../src/sim/market-source.ts";
import { simulationOptions } from "../../src/sim/options.ts";
import type { GridTexts } from "../../src/strategy/grid/config-reader.ts";
import { gridStrategy } from "../../src/strategy/grid/grid.ts";
import type { Command } from "../../src/trading/command.ts";
import { readConfig } from "../grid/bench.ts";

export const START_MS = 1_700_000_000_000;
const TAG = "smalls";

addStrategy(gridStrategy);

/** Decimal text of whole units as Money. */
export const units = (count: number): Money => money(BigInt(Math.round(count * 1e6)) * 10n ** 12n);

/** At `ms` after the start the mid stands at `mid` ticks, bid and ask `half` ticks around it. */
export interface Step {
  readonly ms: number;
  readonly mid: number;
}

export interface LifeOptions {
  readonly instrument: Instrument;
  readonly steps: readonly Step[];
  readonly balances: ReadonlyMap<string, Money>;
  readonly seconds?: number;
  /** Folder of a life before. */
  readonly dir?: string;
  /** Lots a level shows. */
  readonly depth?: number;
}

/** The book is said again every 200 ms, and a trade goes through whatever a step passes. */
function tapeOf({ steps, seconds = 600, depth = 100_000 }: LifeOptions): ReturnType<TapeBuilder["finish"]> {
  const tape = new TapeBuilder();
  let at = 0;
  let mid = steps[0]?.mid ?? 0;
  let shown = [0, 0];
  for (let i = 0; i < seconds * 5; i += 1) {
    const us = (START_MS + i * 200) * 1000;
    const before = mid;
    while (at < steps.length && (steps[at]?.ms ?? 0) <= i * 200) {
      mid = steps[at]?.mid ?? mid;
      at += 1;
    }
    if (mid !== before) {
      const sold = mid < before;
      const flags = RowFlag.frameEnd | (sold ? RowFlag.sellerTook : 0);
      tape.push(RowKind.trade, flags, us - 1000, us - 1000, mid, depth, i + 1, i);
    }
    // an unchanged book is not said again
    shown = [mid - 1 - (i % 2), mid + 1 + (i % 2)];
    tape.push(RowKind.quoteBid, 0, us, us, shown[0] ?? 0, depth, i, i);
    tape.push(RowKind.quoteAsk, RowFlag.frameEnd, us, us, shown[1] ?? 0, depth, i, i);
  }
  return tape.finish();
}

class Lifeline implements Clock {
  dead = false;
  private readonly clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  at(atMs: number, wake: () => void): () => void {
    return this.clock.at(atMs, () => {
      if (!this.dead) wake();
    });
  }
}

export interface SmallProcess {
  readonly host: BotHost;
  readonly alerts: HostAlert[];
  readonly end: { value: HostEnd | null };
  readonly kill: () => void;
}

export interface StartOptions {
  readonly grid: GridTexts;
  readonly risk?: Partial<RiskLimits>;
  readonly budget?: Money;
  readonly instrument?: Instrument;
}

export class SmallLife {
  readonly clock = new VirtualClock(START_MS);
  readonly exchange: SimulatedExchange;
  readonly driver: SimulatedDriver;
  readonly dir: string;
  readonly instrument: Instrument;
  process: SmallProcess | null = null;

  constructor(options: LifeOptions) {
    this.instrument = options.instrument;
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), "small-life-"));
    const { instrument, balances } = options;
    this.exchange = new SimulatedExchange(
      simulationOptions({
        seed: "small",
        markets: [{ instrument, source: tapeSource(tapeOf(options), true), fill: { level: "L1", queue: "front" } }],
        accounts: [{ name: "bot", balances }],
        latency: {
          feed: { kind: "constant", us: 2_000 },
          entry: { kind: "constant", us: 5_000 },
          response: { kind: "constant", us: 5_000 },
        },
        requestExpiryMs: 500,
        lookupLagMs: 500,
      }),
    );
    this.driver = new SimulatedDriver(this.exchange, this.clock, { onDelivered: () => this.process?.host.drain() });
  }

  start({ grid, risk, budget, instrument = this.instrument }: StartOptions): SmallProcess {
    const life = new Lifeline(this.clock);
    const holder = { host: "test", pid: 1, sinceMs: 0 };
    const sqlite = { bot: "grid", tag: TAG, sync: "kill", holder, warn: () => {}, reserveBytes: 0 } as const;
    const journal = openSqliteJournal(this.dir, sqlite);
    const port = new SimulatedPort(this.driver, { account: "bot" });
    const alerts: HostAlert[] = [];
    const end: SmallProcess["end"] = { value: null };
    const config = {
      strategy: "grid",
      strategyConfig: readConfig(grid, instrument),
      risk: { ...defaultRiskLimits(instrument), ...risk },
      cancelOnExit: "all",
      ...(budget === undefined ? {} : { budget }),
    } as const;
    const text = JSON.stringify({ grid, risk, budget: String(budget) }, (_key, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    const host = new BotHost({
      identity: { bot: "grid", tag: TAG, lineage: journal.meta.lineage },
      symbol: instrument.symbol,
      engine: productionEngine,
      clock: life,
      port,
      journal,
      configuration: { revision: 1, hash: text, by: "test", text, config },
      conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
      subscription: { candleInterval: null, bookIntervalMs: 100 },
      turns: "driven",
      host: "test",
      release: "0",
      coreHash: "0",
      onAlert: (alert) => alerts.push(alert),
      onEnd: (how) => {
        end.value = how;
      },
    });
    const kill = (): void => {
      life.dead = true;
      host.loop.stop();
      port.close();
      if (end.value === null) journal.close();
    };
    this.process = { host, alerts, end, kill };
    host.start();
    return this.process;
  }

  /** Memory is gone; what is on the wire goes on, its answers reach nobody. */
  kill(): void {
    this.process?.kill();
    this.process = null;
  }

  command(command: Command): void {
    this.process?.host.command(command, { by: "test", reason: "test" }, () => {});
    this.process?.host.drain();
  }

  run(ms: number): void {
    let over = false;
    this.clock.at(this.clock.nowMs() + ms, () => {
      over = true;
    });
    while (!over) {
      this.clock.runNext();
      this.process?.host.drain();
    }
  }

  close(): void {
    this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
