// A host on the simulated clock with the probe strategy, a journal in memory and the tiny exchange: what most tests of
// the host begin with. Test code only.

import { MortalClock } from "../../test/mortal-clock.ts";
import { VirtualClock } from "../base/virtual-clock.ts";
import { CONFIGURED, INSTRUMENT, probe } from "../engine/probe.fixture.ts";
import { addStrategy } from "../engine/strategies.ts";
import { openMemoryJournal } from "../journal/memory.ts";
import { MemoryDisk } from "../journal/memory-disk.ts";
import type { Journal } from "../journal/port.ts";
import type { BotConfigData } from "../trading/event.ts";
import type { HostAlert } from "./context.ts";
import { productionEngine } from "./engine.ts";
import { BotHost, type HostOptions } from "./host.ts";
import type { HostEnd } from "./host-error.ts";
import type { TurnDone } from "./loop.ts";
import type { RecoveryProgress } from "./recovery.ts";
import { Village, type VillagePort } from "./village.fixture.ts";
import { runVirtual } from "./virtual-run.ts";

export const START_MS = 1_700_000_000_000;
export const TAG = "probe0";

addStrategy(probe);

const configOf = (cancelOnExit: BotConfigData["cancelOnExit"]): BotConfigData => {
  if (CONFIGURED.kind !== "configured") throw new Error("the fixture's configuration");
  return { ...CONFIGURED.config, cancelOnExit };
};

/** One process: a host, its connection, what it told. */
export interface Process {
  readonly host: BotHost;
  readonly port: VillagePort;
  readonly journal: Journal | null;
  readonly alerts: HostAlert[];
  readonly progress: RecoveryProgress[];
  readonly turns: TurnDone[];
  end: HostEnd | null;
}

/** Everything that outlives a process. */
export class World {
  readonly clock = new VirtualClock(START_MS);
  readonly village = new Village(this.clock);
  readonly disk = new MemoryDisk();
  process: Process | null = null;
  private port: VillagePort | null = null;
  private processClock: MortalClock | null = null;

  /** The process that was started last was killed. */
  get dead(): boolean {
    return this.processClock?.dead === true;
  }

  start(change: Partial<HostOptions> & { cancelOnExit?: BotConfigData["cancelOnExit"] } = {}): Process {
    const port = this.village.connect();
    const clock = new MortalClock(this.clock);
    this.port = port;
    this.processClock = clock;
    const journal = change.journal === null ? null : openMemoryJournal(this.disk, { bot: "probe", tag: TAG });
    const { cancelOnExit, ...options } = change;
    const born: Omit<Process, "host"> = { port, journal, alerts: [], progress: [], turns: [], end: null };
    const host = new BotHost({
      identity: { bot: "probe", tag: TAG, lineage: journal?.meta.lineage ?? 1 },
      symbol: INSTRUMENT.symbol,
      engine: productionEngine,
      clock,
      port,
      journal,
      configuration: {
        revision: 1,
        hash: cancelOnExit ?? "all",
        by: "test",
        config: configOf(cancelOnExit ?? "all"),
        text: "",
      },
      conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
      subscription: { candleInterval: null, bookIntervalMs: 100 },
      turns: "driven",
      host: "test",
      release: "0",
      coreHash: "0",
      onAlert: (alert) => born.alerts.push(alert),
      onProgress: (progress) => born.progress.push(progress),
      onEnd: (end) => {
        process.end = end;
      },
      ...options,
    });
    const process: Process = Object.assign(born, { host });
    host.observe((turn) => process.turns.push(turn));
    this.process = process;
    host.start();
    return process;
  }

  /** Lets simulated time pass. */
  run(ms: number): void {
    const host = this.process?.host;
    const until = { ms: this.clock.nowMs() + ms };
    runVirtual({ drain: () => host?.drain() }, this.clock, until);
  }

  /** SIGKILL: memory is gone, the kernel frees the lock, what was sent is on its way. */
  kill(): void {
    this.port?.cut();
    if (this.processClock !== null) this.processClock.dead = true;
    this.process = null;
    this.disk.processDied();
  }

  /** Started, recovered, and shown a book at 3000.00. */
  running(change: Parameters<World["start"]>[0] = {}): Process {
    const process = this.start(change);
    this.run(1_000);
    this.village.book(300_000);
    this.run(100);
    return process;
  }
}
