// The real thing in one thread: grid, engine, host and a SQLite journal on the simulated exchange with a made-up
// market. Processes come and go; the exchange and the folder stay. Test code only.

import { Prng } from "../../src/base/prng.ts";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { addStrategy } from "../../src/engine/strategies.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { SimulatedDriver } from "../../src/exchange/simulated-driver.ts";
import type { HostAlert } from "../../src/host/context.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { BotHost } from "../../src/host/host.ts";
import type { HostEnd } from "../../src/host/host-error.ts";
import type { TurnDone } from "../../src/host/loop.ts";
import type { Journal } from "../../src/journal/port.ts";
import { openSqliteJournal } from "../../src/journal/sqlite-open.ts";
import { money } from "../../src/market/amounts.ts";
import { RowFlag, RowKind, type Tape, TapeBuilder } from "../../src/market/tape.ts";
import { defaultRiskLimits } from "../../src/risk/limits.ts";
import { SimulatedExchange } from "../../src/sim/exchange.ts";
import type { Faults } from "../../src/sim/fault-plan.ts";
import { tapeSource } from "../../src/sim/market-source.ts";
import { simulationOptions } from "../../src/sim/options.ts";
import type { RecordEntry } from "../../src/sim/record.ts";
import { gridStrategy } from "../../src/strategy/grid/grid.ts";
import type { BotConfigData } from "../../src/trading/event.ts";
import { ETH, EXAMPLE, readConfig } from "../grid/bench.ts";
import { MortalClock } from "../mortal-clock.ts";

export const START_MS = 1_700_000_000_000;
export const TAG = "gridln";

addStrategy(gridStrategy);

/** Quotes every 200 ms that walk a few ticks, and trades that go through them now and then. */
function walk(seed: string, seconds: number): Tape {
  const random = new Prng(seed);
  const tape = new TapeBuilder();
  let mid = 300_000;
  let trade = 0;
  for (let i = 0; i < seconds * 5; i += 1) {
    const us = START_MS * 1000 + i * 200_000;
    mid += random.integer(-40, 40);
    tape.push(RowKind.quoteBid, 0, us, us, mid - 5, 5_000, i, i);
    tape.push(RowKind.quoteAsk, RowFlag.frameEnd, us, us, mid + 5, 5_000, i, i);
    if (!random.chance(0.5)) continue;
    trade += 1;
    const sold = random.chance(0.5);
    const price = sold ? mid - random.integer(5, 120) : mid + random.integer(5, 120);
    const flags = RowFlag.frameEnd | (sold ? RowFlag.sellerTook : 0);
    tape.push(RowKind.trade, flags, us + 1000, us + 1000, price, random.integer(1, 40), trade, i);
  }
  return tape.finish();
}

export interface GridProcess {
  readonly host: BotHost;
  readonly port: SimulatedPort;
  readonly journal: Journal;
  readonly life: MortalClock;
  readonly alerts: HostAlert[];
  end: HostEnd | null;
}

export class GridLife {
  readonly clock = new VirtualClock(START_MS);
  readonly record: RecordEntry[] = [];
  readonly exchange: SimulatedExchange;
  readonly driver: SimulatedDriver;
  readonly dir: string;
  process: GridProcess | null = null;
  observer: (turn: TurnDone) => void = () => {};

  constructor(dir: string, seed: string, given: { readonly faults: Faults; readonly seconds: number }) {
    this.dir = dir;
    this.exchange = new SimulatedExchange(
      simulationOptions({
        seed,
        markets: [
          {
            instrument: ETH,
            source: tapeSource(walk(seed, given.seconds), true),
            fill: { level: "L1", queue: "front" },
            margin: { mode: "cross", liquidationFeePpm: 0 },
          },
        ],
        accounts: [{ name: "bot", balances: new Map([["USDT", money(10_000n * 10n ** 18n)]]) }],
        latency: {
          feed: { kind: "constant", us: 2_000 },
          entry: { kind: "constant", us: 5_000 },
          response: { kind: "constant", us: 5_000 },
        },
        faults: given.faults,
        requestExpiryMs: 500,
        lookupLagMs: 500,
        ordersKept: 100_000,
        fillsKept: 100_000,
        record: (entry) => this.record.push(entry),
      }),
    );
    this.driver = new SimulatedDriver(this.exchange, this.clock, { onDelivered: () => this.process?.host.drain() });
  }

  start(cancelOnExit: BotConfigData["cancelOnExit"] = "all"): GridProcess {
    const life = new MortalClock(this.clock);
    const holder = { host: "test", pid: 1, sinceMs: 0 };
    const journal = openSqliteJournal(this.dir, {
      bot: "grid",
      tag: TAG,
      sync: "kill",
      holder,
      warn: () => {},
      reserveBytes: 0,
    });
    const port = new SimulatedPort(this.driver, { account: "bot" });
    const born: Omit<GridProcess, "host"> = { port, journal, life, alerts: [], end: null };
    const risk = defaultRiskLimits(ETH);
    const host = new BotHost({
      identity: { bot: "grid", tag: TAG, lineage: journal.meta.lineage },
      symbol: ETH.symbol,
      engine: productionEngine,
      clock: life,
      port,
      journal,
      configuration: {
        revision: 1,
        hash: cancelOnExit,
        by: "test",
        text: "",
        config: { strategy: "grid", strategyConfig: readConfig({ ...EXAMPLE }), risk, cancelOnExit },
      },
      conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
      subscription: { candleInterval: null, bookIntervalMs: 100 },
      turns: "driven",
      host: "test",
      release: "0",
      coreHash: "0",
      onAlert: (alert) => born.alerts.push(alert),
      onEnd: (end) => {
        process.end = end;
      },
      snapshots: { events: 500, ms: 60_000 },
    });
    const process: GridProcess = Object.assign(born, { host });
    host.observe((turn) => this.observer(turn));
    this.process = process;
    host.start();
    return process;
  }

  /** Memory is gone; what is on the wire goes on, its answers reach nobody. */
  kill(): void {
    const { process } = this;
    this.process = null;
    if (process === null) return;
    process.life.dead = true;
    process.host.loop.stop();
    process.port.close();
    process.journal.close();
  }

  run(ms: number): void {
    let over = false;
    // a wake of its own, so that the exchange does not go ahead of what happens to the process then
    this.clock.at(this.clock.nowMs() + ms, () => {
      over = true;
    });
    while (!over) {
      this.clock.runNext();
      this.process?.host.drain();
    }
  }
}
