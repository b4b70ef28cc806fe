// A fleet in one thread: real bots, journals and registry on the simulated exchange with one made-up market an
// instrument. Processes come and go; the exchange and the folder stay. Test code only.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setImmediate as nextRound } from "node:timers/promises";
import { BTC_PERPETUAL } from "../../../test/instruments.ts";
import { MortalClock } from "../../../test/mortal-clock.ts";
import type { Result } from "../../base/result.ts";
import { VirtualClock } from "../../base/virtual-clock.ts";
import { SimulatedPort } from "../../exchange/simulated.ts";
import { SimulatedDriver } from "../../exchange/simulated-driver.ts";
import { money, ticks } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import { calmMarket } from "../../sim/calm-market.ts";
import { SimulatedExchange } from "../../sim/exchange.ts";
import { simulationOptions } from "../../sim/options.ts";
import { SyntheticMarket } from "../../sim/synthetic-market.ts";
import type { HostAlert } from "../context.ts";
import type { HostEnd } from "../host-error.ts";
import type { Asker } from "./asked-change.ts";
import { configBinder } from "./config-binder.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import type { FleetBot } from "./fleet-bot.ts";
import type { FleetOptions } from "./fleet-options.ts";
import type { FleetRefusal } from "./refusal.ts";

export const START_MS = 1_700_000_000_000;

export const ANN: Asker = { by: "ann", reason: "because", requestId: "r-1", address: "127.0.0.1" };

export const symbolOf = (n: number): string => `C${n}/USDT:USDT`;

const instrumentOf = (n: number): Instrument => ({
  ...BTC_PERPETUAL,
  symbol: symbolOf(n),
  base: `C${n}`,
  leverage: 3,
});

/** A small grid on instrument `n`; `grid` adds or replaces keys of the grid. */
export function botText(id: string, n: number, grid: Readonly<Record<string, string>> = {}): string {
  const keys = { interval: '"60"', orderQuote: '"200"', entryLevels: "3", exitLevels: "3", ...grid };
  const lines = Object.entries(keys).map(([key, value]) => `  ${key}: ${value}`);
  return [`id: ${id}`, "strategy: grid", `instrument: ${symbolOf(n)}`, "grid:", ...lines, ""].join("\n");
}

/** One process: a fleet, and what it told. */
export interface FleetProcess {
  readonly fleet: Fleet;
  readonly life: MortalClock;
  readonly port: SimulatedPort;
  readonly alerts: (HostAlert & { readonly bot: string })[];
  readonly ends: { readonly bot: string; readonly end: HostEnd }[];
}

export class FleetWorld {
  readonly clock = new VirtualClock(START_MS);
  folder = mkdtempSync(join(tmpdir(), "fleet-"));
  readonly exchange: SimulatedExchange;
  /** A connection of the tests' own; each process has another. */
  readonly port: SimulatedPort;
  private readonly driver: SimulatedDriver;
  private readonly folders: string[] = [];

  constructor(instruments: number) {
    const markets = Array.from({ length: instruments }, (_, n) => {
      const instrument = instrumentOf(n);
      const start = { instrument, price: ticks(600_000), seed: `market ${n}`, startUs: START_MS * 1000 };
      return {
        instrument,
        source: new SyntheticMarket(calmMarket(start)),
        fill: { level: "L2", queue: "front" } as const,
        margin: { mode: "cross", liquidationFeePpm: 0 } as const,
      };
    });
    this.exchange = new SimulatedExchange(
      simulationOptions({
        markets,
        accounts: [{ name: "bot", balances: new Map([["USDT", money(10_000_000n * 10n ** 18n)]]) }],
        requestExpiryMs: 500,
        lookupLagMs: 500,
        ordersKept: 100_000,
        fillsKept: 100_000,
      }),
    );
    // through a clock of its own it is asked now and then, as on a wall clock: tests may act at any time
    this.driver = new SimulatedDriver(this.exchange, new MortalClock(this.clock), { pollMs: 20 });
    this.port = this.connect();
  }

  /** A process on the folder: its registry and its bots as they were left. */
  start(change: Partial<FleetOptions> = {}): FleetProcess {
    const life = new MortalClock(this.clock);
    const port = this.connect();
    const alerts: FleetProcess["alerts"] = [];
    const ends: FleetProcess["ends"] = [];
    const fleet = openFleet({
      folder: this.folder,
      sync: "kill",
      port,
      clock: life,
      conditions: () => ({ clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false }),
      binder: configBinder,
      seeds: [],
      bookIntervalMs: 100,
      host: "test",
      pid: 1,
      release: "0",
      coreHash: "0",
      reserveBytes: 0,
      onAlert: (bot, alert) => alerts.push({ bot, ...alert }),
      onWarning: () => undefined,
      onEnd: (bot, end) => ends.push({ bot, end }),
      ...change,
    });
    fleet.start();
    return { fleet, life, port, alerts, ends };
  }

  /**
   * SIGKILL: nothing of the process happens any more, and what it wrote is there. The next one runs on a copy of the
   * folder as it is now, since the locks of a process that is only said to be dead are still held.
   */
  kill({ life, port }: FleetProcess): void {
    life.dead = true;
    port.close();
    this.folders.push(this.folder);
    const copy = mkdtempSync(join(tmpdir(), "fleet-"));
    cpSync(this.folder, copy, { recursive: true });
    this.folder = copy;
  }

  /** A connection of one process, or of one run. */
  connect(): SimulatedPort {
    return new SimulatedPort(this.driver, { account: "bot" });
  }

  /** Lets simulated time pass; promises get their turn now and then. */
  async run(ms: number): Promise<void> {
    const untilUs = (this.clock.nowMs() + ms) * 1000;
    for (let n = 0; this.clock.runNext(untilUs); n += 1) if (n % 50 === 0) await nextRound();
    this.clock.moveTo(Math.max(untilUs, this.clock.nowUs()));
    await nextRound();
  }

  /** Lets simulated time pass until `what` is there. */
  async until<T>(what: Promise<T>, msMax = 120_000): Promise<T> {
    const done = { yet: false };
    const watched = what.finally(() => {
      done.yet = true;
    });
    watched.catch(() => undefined);
    for (let ms = 0; ms < msMax; ms += 10) {
      await nextRound();
      if (done.yet) break;
      await this.run(10);
    }
    if (!done.yet) throw new Error(`nothing came of it in ${msMax} ms`);
    return watched;
  }

  /** Lets simulated time pass until it is so. */
  async untilTrue(isSo: () => boolean, msMax = 120_000): Promise<void> {
    for (let ms = 0; !isSo(); ms += 10) {
      if (ms >= msMax) throw new Error(`it did not come to that in ${msMax} ms`);
      await this.run(10);
    }
  }

  /** Own orders the exchange shows on an instrument. */
  open(n: number): number {
    const orders = [...this.exchange.desk.ledger.openOrders("bot")];
    return orders.filter(({ symbol }) => symbol === symbolOf(n)).length;
  }

  remove(): void {
    for (const folder of [...this.folders, this.folder]) rmSync(folder, { recursive: true, force: true });
  }
}

/** The bot of this id. */
export function botOf({ fleet }: Pick<FleetProcess, "fleet">, id: string): FleetBot {
  const bot = fleet.bot(id);
  if (bot === null) throw new Error(`there is no bot ${id}`);
  return bot;
}

/** A world that is removed when the test ends. */
export function world(t: TestContext, instruments: number): FleetWorld {
  const made = new FleetWorld(instruments);
  t.after(() => made.remove());
  return made;
}

export function done<T>(result: Result<T, FleetRefusal>): T {
  assert.ok(result.ok, result.ok ? "" : `${result.error.code}: ${result.error.text}`);
  return result.value;
}

export function refusal<T>(result: Result<T, FleetRefusal>): string {
  assert.ok(!result.ok, "it was not refused");
  return `${result.error.code}: ${result.error.text}`;
}

export const acts = ({ fleet }: FleetProcess, id: string): string[] => fleet.registry.history(id).map(({ act }) => act);

/** Created, started, and with its entries on the exchange. */
export async function trading(w: FleetWorld, p: FleetProcess, id: string, n: number): Promise<void> {
  done(await w.until(p.fleet.create({ id, text: botText(id, n), dryRun: false }, ANN)));
  done(await w.until(p.fleet.startBot(id, ANN)));
  await w.untilTrue(() => w.open(n) >= 3);
}
