// One run of one bot: its journal, its host, its port and what watches them, from opening to the end. What becomes of
// the bot afterwards is decided elsewhere (fleet-bot.ts). Nothing its host throws leaves it.

import type { Clock } from "../../base/clock.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import type { BotRecord } from "../../journal/registry.ts";
import type { HeldJournal, JournalStore } from "../../journal/store.ts";
import { asGridConfig } from "../../strategy/grid/config-change.ts";
import { Bounds } from "../bounds.ts";
import type { Engine } from "../context.ts";
import { BotHost } from "../host.ts";
import { endOf, type HostEnd } from "../host-error.ts";
import type { HostOptions } from "../host-options.ts";
import type { TurnDone } from "../loop.ts";
import { Watch } from "../watch.ts";
import type { BoundBot } from "./binder.ts";
import { catchUp, makeAsWanted } from "./catch-up.ts";
import { containedClock, containedPort, type Guard, guardedBy } from "./contain.ts";
import type { RunOptions } from "./fleet-options.ts";
import type { Run } from "./run.ts";

/** `deadMan.timeoutMs` of risk.md. */
const DEAD_MAN_MS = 60_000;

export interface BotRunParts {
  readonly options: RunOptions;
  readonly store: JournalStore;
  readonly record: () => BotRecord;
  readonly bound: BoundBot;
  readonly engine: Engine;
  /** A turn is on the disk, or (null) recovery went on. */
  readonly onChanged: (turn: TurnDone | null) => void;
  /** How far its journal is replayed, in hundredths; in this thread nobody could ask meanwhile. */
  readonly onReplay?: (percent: number) => void;
  /** The run is over and has given everything back; called once. */
  readonly onEnd: (end: HostEnd) => void;
}

export class BotRun implements Run {
  readonly journal: HeldJournal;
  readonly host: BotHost;
  private readonly parts: BotRunParts;
  private readonly guard: Guard;
  private readonly ownPort: ExchangePort | null;
  private readonly watch: Watch;
  private bounds: Bounds | null = null;
  private disarm: (() => Promise<void>) | null = null;
  private lastWord: Promise<void> = Promise.resolve();
  private caughtUp = false;
  private readonly beganMs: number;
  /** The registry's configuration is another than the journal's last. */
  private isNewText = false;
  private ended = false;

  /**
   * Opens the journal and rebuilds the state. Errors: JournalError, HostError; and whatever a step threw in the replay.
   * Nothing is held then.
   */
  constructor(parts: BotRunParts) {
    this.parts = parts;
    this.beganMs = machineOf(parts.options).monotonicMs();
    this.guard = guardedBy((error) => this.threw(error));
    this.journal = openJournal(parts);
    const { bot, portOf } = { bot: parts.bound, portOf: parts.options.portOf };
    const { epoch } = this.journal.meta;
    this.ownPort = portOf?.({ bot: bot.id, tag: bot.tag, epoch }) ?? null;
    try {
      this.host = this.makeHost();
    } catch (error) {
      this.ownPort?.close();
      this.journal.close();
      throw error;
    }
    const clock = containedClock(machineOf(parts.options), this.guard);
    this.bounds = this.makeBounds(clock);
    const onLook = (): void => this.bounds?.look();
    const aheadMs = (): number => this.host.state.nowMs - parts.options.clock.nowMs();
    this.watch = new Watch(this.host, { clock, freeBytes: roomOf(parts.store, parts.bound.id), aheadMs, onLook });
  }

  /** Begins recovery; at once, what was decided and did not reach the journal any more. */
  start(): void {
    const { options, record } = this.parts;
    const { connector, port, deadManMs = DEAD_MAN_MS } = options;
    this.host.observe((turn) => this.turned(turn));
    this.guard(() => {
      this.host.start();
      if (this.ended) return;
      // only now: the beginning of a run takes back what the run before was told of its host
      this.watch.start();
      this.disarm = (this.ownPort ?? port).heartbeat?.(deadManMs, () => !this.ended) ?? null;
      if (connector !== undefined && !connector.serving) this.host.connectorLost(connector.text);
      makeAsWanted(this.host, record());
    });
  }

  /** Resolves when what an ended run still had to say has been said: that its orders are not to be cancelled. */
  get left(): Promise<void> {
    return this.lastWord;
  }

  /** Does something with the host; what it throws ends this run alone. */
  with(work: (host: BotHost) => void): void {
    this.guard(() => work(this.host));
  }

  /** Ends a run that was never started; nobody was told of its end. */
  discard(): Promise<void> {
    this.ended = true;
    this.ownPort?.close();
    this.journal.close();
    return Promise.resolve();
  }

  private makeBounds(machine: Clock): Bounds | null {
    const { bounds } = this.parts.options;
    if (bounds === undefined) return null;
    const journalBytes = (): number => this.journal.bytesWritten;
    return new Bounds(this.host, { ...bounds, machineMs: () => machine.monotonicMs(), journalBytes });
  }

  private makeHost(): BotHost {
    const { options, store, record, bound, engine } = this.parts;
    const { revision, by } = record();
    const { id, tag, data, hash, text, instrument } = bound;
    const { mailboxCapacity, snapshots, retention } = options;
    return new BotHost({
      identity: { bot: id, tag, lineage: this.journal.meta.lineage },
      symbol: instrument.symbol,
      engine,
      clock: containedClock(options.clock, this.guard),
      machine: containedClock(machineOf(options), this.guard),
      port: containedPort(this.ownPort ?? options.port, this.guard),
      journal: this.journal,
      configuration: { revision, hash, by, config: data, text },
      conditions: options.conditions(),
      subscription: {
        candleInterval: asGridConfig(data.strategyConfig)?.candleInterval ?? null,
        bookIntervalMs: options.bookIntervalMs,
      },
      turns: "scheduled",
      host: options.host,
      release: options.release,
      coreHash: options.coreHash,
      freeReserve: () => store.freeReserve(id),
      onAlert: (alert) => options.onAlert(id, alert),
      onOver: (over) => options.onOver?.(id, over),
      onProgress: () => this.parts.onChanged(null),
      onReplay: (done, total) => this.parts.onReplay?.(total === 0 ? 100 : Math.floor((100 * done) / total)),
      onWarning: (warning) => options.onWarning(id, warning),
      onEnd: (end) => this.end(end),
      ...this.timed(id),
      ...(mailboxCapacity === undefined ? {} : { mailboxCapacity }),
      ...(snapshots === undefined ? {} : { snapshots }),
      ...(retention === undefined ? {} : { retention }),
    });
  }

  private timed(id: string): Pick<HostOptions, "onStepped" | "onCommitted" | "onJournalFailed"> {
    const { bounds, timings } = this.parts.options;
    if (bounds === undefined && timings === undefined) return {};
    return {
      onStepped: (ms) => {
        this.bounds?.stepped(ms);
        timings?.stepped(id, ms);
      },
      onCommitted: (ms) => timings?.committed(id, ms),
      onJournalFailed: (half) => timings?.journalFailed?.(id, half),
    };
  }

  private turned(turn: TurnDone): void {
    this.isNewText ||= turn.events.some(({ kind }) => kind === "configured");
    if (!this.caughtUp && this.host.state.phase === "running") {
      this.caughtUp = true;
      const tookMs = machineOf(this.parts.options).monotonicMs() - this.beganMs;
      this.parts.options.timings?.recovered(this.parts.bound.id, tookMs);
      if (this.host.wasKilled) this.sayRecovered(tookMs);
      if (this.isNewText) catchUp(this.host, this.parts.record(), this.parts.bound);
    }
    this.parts.onChanged(turn);
  }

  /** RISK-42: after a kill or a crash somebody wants to know that all is well again. */
  private sayRecovered(tookMs: number): void {
    const { ledger, orders } = this.host.state;
    const text = `it did not stop in order last time, and recovered in ${Math.round(tookMs)} ms`;
    const facts = { tookMs: Math.round(tookMs), positionLots: ledger.position, openOrders: orders.size };
    this.host.alert({ code: "recovered", severity: "info", text, facts });
  }

  /** Something threw outside of a step. */
  private threw(error: unknown): void {
    if (this.ended) return;
    try {
      this.host.crash(error);
    } catch (second) {
      this.end(endOf(second));
    }
  }

  private end(end: HostEnd): void {
    if (this.ended) return;
    this.ended = true;
    this.watch.stop();
    // the timer stays armed where orders may be left: then the connector cancels them (API-45)
    if (end.exitCode === 0 && this.disarm !== null) this.lastWord = this.disarm().catch(() => undefined);
    this.ownPort?.close();
    this.journal.close();
    this.parts.onEnd(end);
  }
}

export const machineOf = ({ machine, clock }: Pick<RunOptions, "machine" | "clock">): Clock => machine ?? clock;

function openJournal({ options, store, record }: BotRunParts): HeldJournal {
  const { id, tag } = record();
  const { sync, reserveBytes } = options;
  const holder = { host: options.host, pid: options.pid, sinceMs: machineOf(options).nowMs() };
  const warn = (text: string): void => options.onWarning(id, text);
  const room = reserveBytes === undefined ? {} : { reserveBytes };
  return store.openJournal({ bot: id, tag, sync, holder, warn, ...room });
}

/** Null where the journal lies on a disk that is not ours to look at. */
function roomOf(store: JournalStore, bot: string): (() => number) | null {
  return store.freeBytes(bot) === null ? null : () => store.freeBytes(bot) ?? 0;
}
