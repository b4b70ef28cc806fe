// One simulated world: the exchange, a machine with its disk, clock and network, and the bot's processes on it. Drives
// virtual time, lets the checkers see everything, and keeps what a person needs when something is wrong.

import { sha256 } from "../../src/base/canonical.ts";
import { type CrashPoint, setCrashPoint } from "../../src/base/crash-point.ts";
import { Prng } from "../../src/base/prng.ts";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { addStrategy } from "../../src/engine/strategies.ts";
import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { SimulatedDriver } from "../../src/exchange/simulated-driver.ts";
import type { HostEnd } from "../../src/host/host-error.ts";
import { JournalError } from "../../src/journal/errors.ts";
import { MemoryDisk, openMemoryJournal } from "../../src/journal/memory.ts";
import { money } from "../../src/market/amounts.ts";
import { parseMoney } from "../../src/market/instrument.ts";
import { SimulatedExchange } from "../../src/sim/exchange.ts";
import { simulationOptions } from "../../src/sim/options.ts";
import type { RecordEntry } from "../../src/sim/record.ts";
import { CANDLE_MS } from "../../src/strategy/grid/config.ts";
import { gridStrategy } from "../../src/strategy/grid/grid.ts";
import type { CandleInterval } from "../../src/trading/event.ts";
import { allCheckers } from "./checkers/all.ts";
import type { Checker, Evidence } from "./checkers/checker.ts";
import { type JournalReaderOf, JournalSide, Tape } from "./evidence.ts";
import { exchangeFaults } from "./faults.ts";
import { MadeUpMarket } from "./market.ts";
import { BotProcess, type Wraps } from "./process.ts";
import { MachineClock } from "./process-clock.ts";
import type { Network, Sent } from "./process-port.ts";
import type { Scenario } from "./scenario.ts";
import { Script } from "./script.ts";
import { WirePort } from "./wire-port.ts";

export const START_MS = 1_700_000_000_000;
export const TAG = "sim001";
export const ACCOUNT = "main";
const IDENTITY = { bot: "sim", tag: TAG, lineage: 1 };
const LOG_MAX = 400;
const SAMPLE_EVERY = 64;
/** How long a fault of the exchange may be felt: its maintenance takes a minute. */
const EXCHANGE_FELT_MS = 60_000;

addStrategy(gridStrategy);

export interface Violation {
  readonly checker: string;
  readonly text: string;
  readonly atMs: number;
}

export class World {
  readonly scenario: Scenario;
  readonly clock = new VirtualClock(START_MS);
  readonly machine = new MachineClock(this.clock);
  readonly script = new Script(this.clock);
  readonly network: Network = { out: "open", in: "open", lateUs: 0 };
  readonly disk = new MemoryDisk();
  readonly market: MadeUpMarket;
  readonly exchange: SimulatedExchange;
  readonly driver: SimulatedDriver;
  prng: Prng;
  readonly tape = new Tape(TAG);
  readonly journal: JournalSide;
  readonly violations: Violation[] = [];
  /** The newest things that happened, for a person. */
  readonly log: string[] = [];
  readonly pointsHit = new Map<CrashPoint, number>();
  readonly ends = new Map<string, number>();
  /** How long the next commits take, µs. */
  commitUs = (): number => 0;
  /** Codes a process may end or fail to start with just now. */
  readonly excused = new Set<string>();
  main: BotProcess | null = null;
  /** Copies that lost the lock and do not know yet. */
  copies: BotProcess[] = [];
  armedPoint: { name: CrashPoint; left: number } | null = null;
  /** Called when the main process is gone and nobody said when it comes back. */
  onGone: (why: string) => void = () => {};
  healing = false;
  /** Processes started so far. */
  processes = 0;
  /** What transfers moved of the account's cash. */
  transferred = 0n;
  /** What the account machine grants; null where there is none. */
  granted: bigint | null = null;
  /** A process of the bot began its run. */
  onStarted: () => void = () => {};
  /** Called after everything that happens. */
  onLook: () => void = () => {};
  /** The safety check refused the newest start. */
  refused = false;
  private disturbedUntilMs = 0;
  private faultsSeen = 0;
  private ableSinceMs = Number.POSITIVE_INFINITY;
  onEndOf: (process: BotProcess, code: string) => void = () => {};
  private running: BotProcess | null = null;
  private readingAgain = false;
  private readonly checkers: readonly Checker[];
  /** Those that hear of it: most of the time of a run is spent telling. */
  private readonly ofEvents: readonly Checker[];
  private readonly ofMoments: readonly Checker[];
  private readonly read: JournalReaderOf = {
    onEvent: (record, event) => {
      for (const checker of this.ofEvents) checker.onEvent?.(record, event);
    },
    onEffect: (record, effect) => {
      for (const checker of this.checkers) checker.onEffect?.(record, effect);
    },
    onCut: () => {
      for (const checker of this.checkers) checker.onCut?.();
    },
  };
  private readonly wraps: Wraps;
  private readonly only: string | null;
  private readonly entries: RecordEntry[] = [];
  private fed = 0;
  private wakes = 0;
  private lockOwner: BotProcess | null = null;
  private readonly balance: bigint;

  /** `only`: the one checker that may complain (sabotage proves each alone). */
  constructor(scenario: Scenario, wraps: Wraps = {}, only: string | null = null) {
    this.only = only;
    this.scenario = scenario;
    this.wraps = wraps;
    this.prng = new Prng(`world/${scenario.seed}`);
    const { instrument } = scenario;
    const balance = parseMoney(scenario.balance);
    this.balance = balance.ok ? balance.value : 0n;
    this.market = new MadeUpMarket(scenario.market, `${scenario.seed}`, START_MS * 1000 - 5_000_000);
    this.exchange = new SimulatedExchange(
      simulationOptions({
        seed: `${scenario.seed}`,
        markets: [
          {
            instrument,
            source: this.market,
            fill:
              scenario.market.depth === "quotes"
                ? { level: "L1", queue: scenario.queue }
                : { level: "L2", queue: scenario.queue },
            margin: { mode: "cross", liquidationFeePpm: 10_000 },
            funding: scenario.funding
              ? [1, 2, 3].map((n) => ({
                  atUs: (START_MS + n * 2_000_000) * 1000,
                  ratePpt: 100_000_000 * (n - 2) + 50_000_000,
                }))
              : [],
          },
        ],
        accounts: [{ name: ACCOUNT, balances: new Map([["USDT", money(this.balance)]]) }],
        latency: scenario.latency,
        profile: scenario.profile,
        lookupLagMs: scenario.lookupLagMs,
        faults: exchangeFaults(scenario.faults),
        ordersKept: 5_000,
        fillsKept: 5_000,
        record: (entry) => this.entries.push(entry),
      }),
    );
    this.driver = new SimulatedDriver(this.exchange, this.clock);
    this.journal = new JournalSide(this.disk, IDENTITY);
    const evidence: Evidence = {
      tape: this.tape,
      journal: this.journal,
      durablePosition: () => (scenario.sync === "kill" ? (this.disk.records.at(-1)?.position ?? 0) : this.disk.synced),
      report: (checker, text) => this.report(checker, text),
      nowMs: () => this.nowMs(),
      disturbedUntilMs: () => this.disturbedUntilMs,
      faultless: scenario.faults.size === 0 && scenario.aim === undefined,
    };
    this.checkers = allCheckers(evidence, () => this.disk.postings);
    this.ofEvents = this.checkers.filter((checker) => "onEvent" in checker);
    this.ofMoments = this.checkers.filter((checker) => "onMoment" in checker);
    setCrashPoint((name) => this.atPoint(name));
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** Seconds since the beginning, for the log. */
  note(text: string): void {
    const seconds = ((this.clock.nowUs() - START_MS * 1000) / 1_000_000).toFixed(3);
    this.log.push(`${seconds.padStart(10)} ${text}`);
    if (this.log.length > LOG_MAX) this.log.splice(0, LOG_MAX / 2);
  }

  report(checker: string, text: string): void {
    // what is read again was judged when it happened
    if (this.readingAgain || (this.only !== null && this.only !== checker)) return;
    this.violations.push({ checker, text, atMs: this.nowMs() });
    this.note(`VIOLATION ${checker}: ${text}`);
  }

  after(ms: number, act: () => void): void {
    this.clock.atUs(this.clock.nowUs() + Math.round(ms * 1000), act);
  }

  /** Lets time pass until `untilMs`, `over` says so, or a checker complained. */
  run(untilMs: number, over: () => boolean = () => false): void {
    const untilUs = untilMs * 1000;
    while (this.violations.length === 0 && this.clock.nextUs() <= untilUs && !over()) {
      this.script.beforeWake();
      this.clock.runNext(untilUs);
      this.script.afterWake();
      this.look();
    }
    if (this.violations.length === 0 && !over()) this.clock.runUntil(untilUs);
  }

  get alive(): boolean {
    return this.main?.alive === true && this.main.end === null;
  }

  /** Starts the bot unless it runs. */
  start(): void {
    if (this.alive) return;
    const process = this.newProcess(this.disk);
    this.main = process;
    this.tryStart(process, () => {
      this.main = null;
      this.onGone("could not start");
    });
    this.onStarted();
  }

  /** Starts a copy on a disk; `failed` hears the code of what stopped it. */
  tryStart(process: BotProcess, failed: (code: string) => void): void {
    try {
      process.start();
    } catch (error) {
      process.kill();
      this.freeLock(process);
      const code = error instanceof JournalError ? error.code : String(error);
      this.count(`start ${code}`);
      this.note(`process ${process.number} did not start: ${code}`);
      if (!this.excused.has(code)) this.report("start", error instanceof Error ? (error.stack ?? error.message) : code);
      failed(code);
    }
  }

  newProcess(disk: MemoryDisk): BotProcess {
    this.processes += 1;
    const number = this.processes;
    const { scenario } = this;
    this.note(`process ${number} starts`);
    const process: BotProcess = new BotProcess(number, {
      world: this.clock,
      machine: this.machine,
      network: this.network,
      openJournal: () => {
        const holder = { host: "machine", pid: number, sinceMs: this.nowMs() };
        const journal = openMemoryJournal(disk, { bot: "sim", tag: TAG, sync: scenario.sync, holder });
        if (disk === this.disk) this.lockOwner = process;
        return journal;
      },
      connect: () => {
        const port = new SimulatedPort(this.driver, { account: ACCOUNT, marks: true });
        return scenario.wire ? new WirePort(port, [scenario.instrument]) : port;
      },
      options: {
        identity: IDENTITY,
        symbol: scenario.instrument.symbol,
        configuration: {
          revision: 1,
          hash: sha256(JSON.stringify(scenario.grid)),
          by: "simulation",
          config: scenario.config,
          text: JSON.stringify(scenario.grid),
        },
        conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
        subscription: { candleInterval: candlesOf(scenario), bookIntervalMs: 100 },
        snapshots: { events: scenario.snapshotEvents, ms: 300_000 },
      },
      wraps: this.wraps,
      onSent: (from, sent) => {
        if (disk === this.disk) this.sent(from, sent);
      },
      onEnd: (from, end) => this.ended(from, end),
      onAlert: (from, alert) => {
        this.note(`alert ${from.number} ${alert.code}: ${alert.text}`);
        if (disk !== this.disk) return;
        for (const checker of this.checkers) checker.onAlert?.(alert, from.number);
      },
      onCrash: (from, error) => {
        this.report(
          "crash",
          `process ${from.number}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        from.kill();
      },
      onRunning: (who) => {
        this.running = who;
      },
      commitUs: () => this.commitUs(),
    });
    return process;
  }

  /** SIGKILL from outside. */
  kill(process: BotProcess | null = this.main): void {
    if (process === null || !process.alive) return;
    this.note(`process ${process.number} is killed`);
    process.kill();
    this.gone(process, "killed");
  }

  /** Everything that is not on the disk is lost, on the disk and in memory. */
  powerCut(): void {
    const { disk } = this;
    for (const copy of this.copies) copy.kill();
    this.copies = [];
    this.note(`power cut: ${(disk.records.at(-1)?.position ?? 0) - disk.synced} records lost`);
    this.main?.kill();
    const before = disk.records.length;
    if (this.scenario.sync === "kill") disk.processDied();
    else disk.powerCut();
    this.lockOwner = null;
    if (disk.records.length !== before) this.readAgain();
    this.gone(this.main, "power cut");
  }

  traceHash(): string {
    this.look();
    const tape = sha256(this.entries.map((entry) => JSON.stringify(entry)).join("\n"));
    const journal = this.disk.records.at(-1)?.hash ?? "";
    return sha256([tape, journal, ...this.log].join("\n"));
  }

  get records(): readonly RecordEntry[] {
    return this.entries;
  }

  /** What changed on the account's cash. */
  cashChange(): bigint {
    return this.exchange.clearing.balance(this.exchange.clearing.account(ACCOUNT), "USDT") - this.balance;
  }

  exchangePosition(): number {
    return this.exchange.clearing.holding(this.exchange.clearing.account(ACCOUNT), this.scenario.instrument.symbol)
      .lots;
  }

  finish(visit: (checker: Checker) => void): void {
    this.look();
    for (const checker of this.checkers) visit(checker);
  }

  close(): void {
    setCrashPoint(null);
    this.driver.stop();
  }

  count(what: string): void {
    this.ends.set(what, (this.ends.get(what) ?? 0) + 1);
  }

  /** Runs `act` with dice of its own. */
  throwing(dice: Prng, act: () => void): void {
    const before = this.prng;
    this.prng = dice;
    act();
    this.prng = before;
  }

  /** Something was done that may be felt for `ms`. */
  disturbed(ms: number): void {
    this.disturbedUntilMs = Math.max(this.disturbedUntilMs, this.nowMs() + ms);
  }

  /** What the exchange's own faults disturb, and whether the process could act. */
  private moment(): void {
    let faults = 0;
    for (const count of this.exchange.faults.counts.values()) faults += count;
    if (faults !== this.faultsSeen) this.disturbed(EXCHANGE_FELT_MS);
    this.faultsSeen = faults;
    const { main, network } = this;
    const able = this.alive && main?.frozen === false && network.out === "open";
    if (!able) this.ableSinceMs = Number.POSITIVE_INFINITY;
    else if (this.ableSinceMs === Number.POSITIVE_INFINITY) this.ableSinceMs = this.nowMs();
    if (!this.alive) return;
    const moment = { nowMs: this.nowMs(), ableSinceMs: this.ableSinceMs };
    for (const checker of this.ofMoments) checker.onMoment?.(moment);
  }

  private readJournal(): void {
    const { read } = this;
    try {
      this.journal.catchUp(read);
    } catch (error) {
      this.report("crash", `the journal's own engine: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  private look(): void {
    if (this.disk.records.length > 0) this.readJournal();
    while (this.fed < this.entries.length) {
      const entry = this.entries[this.fed];
      this.fed += 1;
      if (entry === undefined) break;
      this.tape.take(entry);
      for (const checker of this.checkers) checker.onTape?.(entry);
    }
    this.moment();
    this.onLook();
    this.wakes += 1;
    if (this.wakes % SAMPLE_EVERY === 0) this.sample();
  }

  private sample(): void {
    const { main } = this;
    if (main?.host == null || main.clock === null || main.port === null || !this.alive) return;
    const sizes = {
      mailbox: main.host.loop.mailbox.size,
      inFlight: main.host.inFlight,
      armedWakes: main.clock.armed,
      subscriptions: main.port.subscriptions,
      sessions: this.exchange.connections,
    };
    for (const checker of this.checkers) checker.onSizes?.(sizes);
  }

  private readAgain(): void {
    this.readingAgain = true;
    this.journal.reset(this.read);
    this.readingAgain = false;
  }

  private sent(from: BotProcess, sent: Sent): void {
    this.look();
    this.note(`process ${from.number} sends ${sent.kind} ${sent.clientOrderId}`);
    for (const checker of this.checkers) checker.onSent?.(sent, from.epoch);
  }

  private ended(process: BotProcess, end: HostEnd): void {
    this.count(`end ${end.code}`);
    this.refused = end.code === "SAFETY_REFUSED";
    this.onEndOf(process, end.code);
    this.note(`process ${process.number} ended: ${end.code} (exit ${end.exitCode}) ${end.text}`);
    // before the first start a refusal is an answer: nothing of ours is out there
    const refusedFirst = end.code === "SAFETY_REFUSED" && !this.journal.shadow.started;
    if (!this.excused.has(end.code) && end.code !== "CLEAN" && !refusedFirst) {
      this.report("end", `process ${process.number} ended with ${end.code}: ${end.error?.stack ?? end.text}`);
    }
    process.kill();
    this.gone(process, end.code);
  }

  private gone(process: BotProcess | null, why: string): void {
    if (process === null) return;
    this.freeLock(process);
    this.copies = this.copies.filter((copy) => copy !== process);
    if (process !== this.main) return;
    this.main = null;
    for (const checker of this.checkers) checker.onGone?.();
    this.onGone(why);
  }

  private freeLock(process: BotProcess): void {
    if (this.lockOwner !== process) return;
    this.lockOwner = null;
    this.disk.processDied();
  }

  private atPoint(name: CrashPoint): void {
    this.pointsHit.set(name, (this.pointsHit.get(name) ?? 0) + 1);
    const { armedPoint, running } = this;
    if (armedPoint === null || armedPoint.name !== name || running === null || !running.alive) return;
    armedPoint.left -= 1;
    if (armedPoint.left > 0) return;
    this.armedPoint = null;
    this.note(`process ${running.number} dies at ${name}`);
    this.count(`died at ${name}`);
    running.kill();
    // what a killed process held is freed once its own code has been left
    this.clock.atUs(this.clock.nowUs(), () => this.gone(running, name));
    running.die();
  }
}

function candlesOf({ config }: Scenario): CandleInterval | null {
  const grid = config.strategyConfig as {
    candleInterval: CandleInterval;
    trend: { enabled: boolean };
    dynamic: { enabled: boolean };
  };
  return grid.trend.enabled || grid.dynamic.enabled
    ? grid.candleInterval in CANDLE_MS
      ? grid.candleInterval
      : null
    : null;
}
