// Bots in threads of their own, over a real connector to the simulated exchange, in real time. Processes of the fleet
// come and go; connector, exchange and folder stay. Test code only.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { RemoteStage } from "../../../../test/contract/exchange-remote.ts";
import { BTC_PERPETUAL } from "../../../../test/instruments.ts";
import { PacedClock } from "../../../base/paced-clock.ts";
import { RemotePort } from "../../../exchange/remote.ts";
import { SimulatedPort } from "../../../exchange/simulated.ts";
import { SimulatedDriver } from "../../../exchange/simulated-driver.ts";
import { money, ticks } from "../../../market/amounts.ts";
import { calmMarket } from "../../../sim/calm-market.ts";
import { SimulatedExchange } from "../../../sim/exchange.ts";
import { simulationOptions } from "../../../sim/options.ts";
import { SyntheticMarket } from "../../../sim/synthetic-market.ts";
import type { HostAlert } from "../../context.ts";
import { MONOTONIC_CLOCK, WALL_CLOCK } from "../../wall-clock.ts";
import { configBinder } from "../config-binder.ts";
import { botText, START_MS, symbolOf } from "../fleet.fixture.ts";
import { type Fleet, openFleet } from "../fleet.ts";
import type { FleetOptions } from "../fleet-options.ts";
import type { ThreadOptions } from "./thread-options.ts";

const ACCOUNT = "bot";
const FAULTY = new URL("./faulty-engine.fixture.ts", import.meta.url).href;

export interface ThreadedProcess {
  readonly fleet: Fleet;
  readonly alerts: (HostAlert & { readonly bot: string })[];
  /** What turns took of each bot, ms. */
  readonly turns: Map<string, number[]>;
}

export class ThreadedWorld {
  readonly folder = mkdtempSync(join(tmpdir(), "threads-"));
  readonly exchange: SimulatedExchange;
  private readonly driver: SimulatedDriver;
  private readonly stage: RemoteStage;
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(parts: { exchange: SimulatedExchange; driver: SimulatedDriver; stage: RemoteStage }) {
    this.exchange = parts.exchange;
    this.driver = parts.driver;
    this.stage = parts.stage;
  }

  /** Removed when the test ends. */
  static async open(t: TestContext, instruments: number): Promise<ThreadedWorld> {
    const clock = new PacedClock(MONOTONIC_CLOCK, START_MS, 1);
    const symbols = Array.from({ length: instruments }, (_, n) => symbolOf(n));
    const markets = symbols.map((symbol, n) => {
      const instrument = { ...BTC_PERPETUAL, symbol, base: `C${n}`, leverage: 3 };
      const startUs = Math.ceil(clock.nowMs()) * 1000;
      const start = { instrument, price: ticks(600_000), seed: `market ${n}`, startUs };
      return {
        instrument,
        source: new SyntheticMarket(calmMarket(start)),
        fill: { level: "L2", queue: "front" } as const,
        margin: { mode: "cross", liquidationFeePpm: 0 } as const,
      };
    });
    const balances = new Map([["USDT", money(10_000_000n * 10n ** 18n)]]);
    const accounts = [{ name: ACCOUNT, balances }];
    const exchange = new SimulatedExchange(simulationOptions({ markets, accounts, requestExpiryMs: 500 }));
    const driver = new SimulatedDriver(exchange, clock, { pollMs: 20 });
    const port = new SimulatedPort(driver, { account: ACCOUNT, marks: true, trades: true });
    const stage = await RemoteStage.over({ port, symbols, clock }, undefined, { bookIntervalMs: 100 });
    const world = new ThreadedWorld({ exchange, driver, stage });
    t.after(() => world.close());
    return world;
  }

  /** A process on the folder; every bot of `faulty` has the engine that does what it is told. */
  async start(seeds: readonly string[], change: Partial<FleetOptions> = {}): Promise<ThreadedProcess> {
    const connection = await this.stage.connect();
    const port = new RemotePort(connection, { botId: "", tag: "", epoch: () => 0 });
    const alerts: ThreadedProcess["alerts"] = [];
    const turns = new Map<string, number[]>();
    const fleet = openFleet({
      folder: this.folder,
      sync: "kill",
      port,
      clock: connection.clock,
      machine: WALL_CLOCK,
      conditions: () => ({ clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false }),
      binder: configBinder,
      seeds,
      bookIntervalMs: 100,
      host: "test",
      pid: 1,
      release: "0",
      coreHash: "0",
      reserveBytes: 0,
      threads: this.threads(),
      timings: {
        stepped: () => undefined,
        committed: (bot, ms) => void turns.set(bot, [...(turns.get(bot) ?? []), ms]),
        recovered: () => undefined,
      },
      onAlert: (bot, alert) => alerts.push({ bot, ...alert }),
      onWarning: () => undefined,
      ...change,
    });
    this.closers.push(
      () => fleet.close("the end of the test"),
      () => port.closed(),
    );
    fleet.start();
    return { fleet, alerts, turns };
  }

  threads(): ThreadOptions {
    const { stage } = this;
    return {
      address: stage.server.address,
      tls: null,
      key: () => stage.keys.trader,
      silentMs: 2_000,
      engineModule: () => FAULTY,
    };
  }

  /** Own orders the exchange shows on an instrument. */
  open(n: number): readonly string[] {
    const orders = [...this.exchange.desk.ledger.openOrders(ACCOUNT)];
    return orders.filter(({ symbol }) => symbol === symbolOf(n)).map(({ clientOrderId }) => clientOrderId);
  }

  private async close(): Promise<void> {
    for (const close of this.closers.splice(0)) await close();
    await this.stage.close();
    this.driver.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const seedsOf = (count: number): string[] => Array.from({ length: count }, (_, n) => botText(`bot-${n}`, n));

/** Waits until it is so. */
export async function untilTrue(isSo: () => boolean, what: string, msMax = 40_000): Promise<void> {
  const untilMs = performance.now() + msMax;
  while (!isSo()) {
    if (performance.now() > untilMs) throw new Error(`it did not come to that: ${what}`);
    await pause(20);
  }
}
