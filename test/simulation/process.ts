// One copy of the bot's process: everything that is gone when it is killed. What outlives it (disk, exchange, the
// machine's clock and network) is handed in.

import type { Clock } from "../../src/base/clock.ts";
import type { VirtualClock } from "../../src/base/virtual-clock.ts";
import type { ExchangePort } from "../../src/exchange/port.ts";
import type { Engine, HostAlert } from "../../src/host/context.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { BotHost, type HostOptions } from "../../src/host/host.ts";
import type { HostEnd } from "../../src/host/host-error.ts";
import { Watch } from "../../src/host/watch.ts";
import type { Journal } from "../../src/journal/port.ts";
import { type MachineClock, ProcessClock } from "./process-clock.ts";
import { ProcessJournal } from "./process-journal.ts";
import { type Network, ProcessPort, type Sent } from "./process-port.ts";

/** Thrown where a process dies in the middle of its own code. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** Breakages put between the parts (TEST-17); production has none. */
export interface Wraps {
  readonly engine?: (engine: Engine) => Engine;
  readonly port?: (port: ExchangePort, world: VirtualClock) => ExchangePort;
  readonly journal?: (journal: Journal, port: () => ExchangePort | null) => Journal;
  readonly clock?: (clock: Clock) => Clock;
}

export interface ProcessParts {
  readonly world: VirtualClock;
  readonly machine: MachineClock;
  readonly network: Network;
  /** Opens the journal; may throw a JournalError. */
  readonly openJournal: () => Journal;
  /** Connects to the exchange. */
  readonly connect: () => ExchangePort;
  readonly options: Pick<
    HostOptions,
    "identity" | "symbol" | "configuration" | "conditions" | "subscription" | "snapshots"
  >;
  readonly wraps: Wraps;
  readonly onSent: (process: BotProcess, sent: Sent) => void;
  readonly onEnd: (process: BotProcess, end: HostEnd) => void;
  readonly onAlert: (process: BotProcess, alert: HostAlert) => void;
  /** Something of the process threw that may not. */
  readonly onCrash: (process: BotProcess, error: unknown) => void;
  /** Which process runs now; null when none does. */
  readonly onRunning: (process: BotProcess | null) => void;
  /** How long a commit takes, µs. */
  readonly commitUs: () => number;
}

export class BotProcess {
  readonly number: number;
  alive = true;
  /** Time spent in the turn under way. */
  debtUs = 0;
  epoch = 0;
  host: BotHost | null = null;
  end: HostEnd | null = null;
  clock: ProcessClock | null = null;
  port: ProcessPort | null = null;
  /** What left it. */
  readonly sent: Sent[] = [];
  private readonly parts: ProcessParts;
  private frozenUntilUs = 0;
  private readonly waiting: (() => void)[] = [];
  private depth = 0;

  constructor(number: number, parts: ProcessParts) {
    this.number = number;
    this.parts = parts;
  }

  /** Opens the journal, recovers, starts. Errors: those of opening the journal; a kill on the way is none. */
  start(): void {
    let failed: { readonly error: unknown } | null = null;
    this.through(() => {
      try {
        this.begin();
      } catch (error) {
        if (error instanceof Killed) throw error;
        failed = { error };
      }
    });
    if (failed !== null) throw (failed as { readonly error: unknown }).error;
  }

  /** SIGKILL. What was sent is on its way; nothing else is left of it. */
  kill(): void {
    this.alive = false;
    this.waiting.length = 0;
    this.port?.close();
  }

  /** SIGKILL of itself, in the middle of its own code. */
  die(): never {
    this.kill();
    throw new Killed("the process was killed here");
  }

  freeze(us: number): void {
    this.frozenUntilUs = Math.max(this.frozenUntilUs, this.parts.world.nowUs() + us);
  }

  /** Ends a freeze before its time. */
  unfreeze(): void {
    const { world } = this.parts;
    this.frozenUntilUs = Math.min(this.frozenUntilUs, world.nowUs());
    world.atUs(world.nowUs(), () => this.thaw());
  }

  get frozen(): boolean {
    return this.parts.world.nowUs() < this.frozenUntilUs;
  }

  /** Runs code of the process: now, or when it is thawed, in the order of asking. */
  through(run: () => void): void {
    if (!this.alive) return;
    if (this.depth > 0) {
      run();
      return;
    }
    if (this.frozen || this.waiting.length > 0) {
      this.waiting.push(run);
      if (this.waiting.length === 1) this.parts.world.atUs(this.frozenUntilUs, () => this.thaw());
      return;
    }
    this.run(run);
  }

  private thaw(): void {
    while (this.alive && this.waiting.length > 0) {
      if (this.frozen) {
        this.parts.world.atUs(this.frozenUntilUs, () => this.thaw());
        return;
      }
      const run = this.waiting.shift();
      if (run !== undefined) this.run(run);
    }
  }

  private run(run: () => void): void {
    this.depth += 1;
    this.parts.onRunning(this);
    try {
      run();
    } catch (error) {
      if (this.alive) this.parts.onCrash(this, error);
    } finally {
      this.parts.onRunning(null);
      this.depth -= 1;
      if (this.debtUs > 0) this.freeze(this.debtUs);
      this.debtUs = 0;
    }
  }

  private begin(): void {
    const { parts } = this;
    const { wraps, world } = parts;
    const clock = new ProcessClock(parts.machine, this);
    this.clock = clock;
    const opened = parts.openJournal();
    this.epoch = opened.meta.epoch;
    const guarded = new ProcessJournal(opened, {
      living: () => {
        if (!this.alive) throw new Killed("the process is dead");
      },
      committed: () => {
        this.debtUs += parts.commitUs();
      },
    });
    const network = { world, gate: this, network: parts.network, onSent: (sent: Sent) => this.sends(sent) };
    this.port = new ProcessPort(parts.connect(), network);
    const port = wraps.port?.(this.port, world) ?? this.port;
    const wrappedClock = wraps.clock?.(clock) ?? clock;
    const host = new BotHost({
      ...parts.options,
      engine: wraps.engine?.(productionEngine) ?? productionEngine,
      clock: wrappedClock,
      port,
      journal: wraps.journal?.(guarded, () => port) ?? guarded,
      turns: "scheduled",
      host: `process-${this.number}`,
      release: "0",
      coreHash: "0",
      onAlert: (alert) => parts.onAlert(this, alert),
      onEnd: (end) => this.ended(end),
    });
    this.host = host;
    const watch = new Watch(host, { clock: wrappedClock, freeBytes: null });
    this.stopWatch = () => watch.stop();
    host.start();
    watch.start();
  }

  private stopWatch: () => void = () => {};

  private sends(sent: Sent): void {
    this.sent.push(sent);
    this.parts.onSent(this, sent);
  }

  private ended(end: HostEnd): void {
    if (!this.alive) return;
    this.end = end;
    this.stopWatch();
    this.parts.onEnd(this, end);
  }
}
