// One bot of the fleet: its folder, its journal, its host, and what becomes of it when it throws. It is recovered by
// replay; when the same event throws again it stays down (RISK-19, OPS-15). Nothing it does ends the process.

import { mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { PAUSE_BLOCK } from "../../engine/names.ts";
import type { BotState } from "../../engine/state.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import { JournalError } from "../../journal/errors.ts";
import type { BotRecord, Registry } from "../../journal/registry.ts";
import { releaseReserve } from "../../journal/reserve.ts";
import type { SqliteJournal } from "../../journal/sqlite.ts";
import { openSqliteJournal } from "../../journal/sqlite-open.ts";
import type { Instrument } from "../../market/instrument.ts";
import { asGridConfig } from "../../strategy/grid/config-change.ts";
import type { Command } from "../../trading/command.ts";
import type { Commander, CommandResult } from "../command-desk.ts";
import type { Engine, OwnAlert } from "../context.ts";
import { productionEngine } from "../engine.ts";
import { BotHost } from "../host.ts";
import { cleanEnd, endOf, type HostEnd, HostError, poisoned } from "../host-error.ts";
import type { TurnDone } from "../loop.ts";
import { Watch } from "../watch.ts";
import type { BoundBot } from "./binder.ts";
import { isBehind } from "./bot-change.ts";
import type { RunStage } from "./bot-phase.ts";
import { containedClock, containedPort, type Guard, guardedBy } from "./contain.ts";
import type { FleetOptions } from "./fleet-options.ts";
import { botFolder, hasJournal, lastState } from "./last-state.ts";
import { sweepOrders } from "./sweep.ts";

/** Waits between tries to hear about the instrument. */
const RETRY_MS = [500, 1_000, 2_000, 5_000] as const;
const RETRY_LAST_MS = 10_000;
/** Recoveries by replay in an hour before a bot that keeps throwing stays down (RISK-19). */
const RECOVERIES_MAX = 3;
const HOUR_MS = 3_600_000;
/** `deadMan.timeoutMs` of risk.md. */
const DEAD_MAN_MS = 60_000;

export interface FleetBotParts {
  readonly id: string;
  readonly options: FleetOptions;
  readonly registry: Registry;
  /** A turn of this bot is on the disk, or (null) something else about it changed. */
  readonly onChanged: (bot: FleetBot, turn: TurnDone | null) => void;
}

export class FleetBot {
  readonly id: string;
  readonly folder: string;
  private readonly parts: FleetBotParts;
  private readonly guard: Guard;
  private running: BotHost | null = null;
  private openJournal: SqliteJournal | null = null;
  private boundBot: BoundBot | null = null;
  private runStage: RunStage = "idle";
  private lastEnd: HostEnd | null = null;
  private waitingFor = "";
  private beganMs = 0;
  private stopping = false;
  private watch: Watch | null = null;
  /** The run's own port, where it has one. */
  private ownPort: ExchangePort | null = null;
  private disarm: (() => void) | null = null;
  private waiters: (() => void)[] = [];
  private thrownSeq = 0;
  private poisonedSeq: number | null = null;
  private recoveriesAtMs: number[] = [];
  private alerts = 0;
  private caughtUp = false;
  private remembered: BotState | null | undefined = undefined;

  constructor(parts: FleetBotParts) {
    this.parts = parts;
    this.id = parts.id;
    this.folder = botFolder(parts.options.folder, parts.id);
    this.guard = guardedBy((error) => this.threw(error));
  }

  /** The bot as the registry has it. */
  get record(): BotRecord {
    const record = this.parts.registry.get(this.id);
    if (record === null) throw new HostError("NOT_REGISTERED", `bot ${this.id} is not in the registry`);
    return record;
  }

  get stage(): RunStage {
    return this.runStage;
  }

  /** The host of the run that is live; null without one. */
  get host(): BotHost | null {
    return this.runStage === "live" ? this.running : null;
  }

  /** The journal of the run that is live; null without one. */
  get journal(): SqliteJournal | null {
    return this.runStage === "live" ? this.openJournal : null;
  }

  /** The configuration of the last run, bound; null before the first. */
  get bound(): BoundBot | null {
    return this.boundBot;
  }

  /** How the last run ended; null before, and while one runs. */
  get end(): HostEnd | null {
    return this.lastEnd;
  }

  /** What is awaited, in words; empty when nothing is. */
  get waiting(): string {
    return this.host?.recoveryProgress.waiting ?? this.waitingFor;
  }

  /** Unix ms by the fleet's clock; 0 when it never ran. */
  get startedAtMs(): number {
    return this.beganMs;
  }

  /** The last run ended other than by a stop that was asked for. */
  get failed(): boolean {
    return this.runStage === "idle" && this.lastEnd !== null && this.lastEnd.exitCode !== 0;
  }

  /** The state: of the run, or as the journal left it; null for a bot that never ran, or whose journal is damaged. */
  get state(): BotState | null {
    if (this.runStage === "live") return this.running?.state ?? null;
    if (this.remembered === undefined) this.remembered = lastState(this.folder, this.engine, this.thrownSeq);
    return this.remembered;
  }

  /** It ran before: there is a journal in its folder. */
  get hasJournal(): boolean {
    return hasJournal(this.folder);
  }

  /** The operator has seen how the last run ended, and wants the bot stopped. */
  acknowledge(): void {
    if (this.runStage === "quarantined") this.runStage = "idle";
    if (this.runStage !== "idle") return;
    this.lastEnd = null;
    this.changed(null);
  }

  /** Begins a run; nothing happens when one is under way. */
  start(): void {
    if (this.runStage === "opening" || this.runStage === "live") return;
    this.stopping = false;
    this.lastEnd = null;
    this.poisonedSeq = null;
    this.thrownSeq = 0;
    this.recoveriesAtMs = [];
    this.beganMs = this.parts.options.clock.nowMs();
    this.open();
  }

  /** Asks the run to end in order; a second call ends it at once (DUR-59). */
  requestStop(by: string): void {
    if (this.runStage === "idle" || this.runStage === "quarantined") return;
    const again = this.stopping;
    this.stopping = true;
    if (this.running !== null && this.runStage === "live") this.running.requestStop(by);
    else if (this.runStage === "opening" || again) this.ended(cleanEnd([]));
  }

  /** Resolves when no run is under way. */
  idle(): Promise<void> {
    if (this.runStage === "idle" || this.runStage === "quarantined") return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** Journals a command; resolves when it is on the disk. Without a run there is nobody to tell. */
  command(command: Command, who: Commander): Promise<CommandResult> {
    const { host } = this;
    if (host === null) return Promise.resolve({ ok: false, text: `${this.id} does not run` });
    return new Promise((resolve) => this.guard(() => host.command(command, who, resolve)));
  }

  /** The connector came or went (API-44). */
  connectorChanged(serving: boolean, text: string): void {
    const { host } = this;
    if (host === null) return;
    this.guard(() => (serving ? host.connectorBack() : host.connectorLost(text)));
  }

  private get engine(): Engine {
    return this.parts.options.engineOf?.(this.id) ?? productionEngine;
  }

  private open(): void {
    this.runStage = "opening";
    this.changed(null);
    this.askInstrument(0);
  }

  private askInstrument(attempt: number): void {
    const { port, clock } = this.parts.options;
    const [symbol = ""] = this.record.instruments;
    this.guard(() =>
      port.instrument(symbol, (answer) =>
        this.guard(() => {
          if (this.runStage !== "opening") return;
          if (answer.result === "ok") return this.bindAndRun(answer.instrument);
          this.waitingFor = `the exchange does not tell about ${symbol}: ${answer.text}`;
          this.changed(null);
          const again = clock.nowMs() + (RETRY_MS[attempt] ?? RETRY_LAST_MS);
          clock.at(again, () => {
            if (this.runStage === "opening") this.askInstrument(attempt + 1);
          });
        }),
      ),
    );
  }

  private bindAndRun(instrument: Instrument): void {
    this.waitingFor = "";
    const { record } = this;
    const bound = this.parts.options.binder.bind(record.config, instrument);
    if (!bound.ok) {
      const text = bound.error.map((one) => `${one.key}: ${one.text}`).join("; ");
      this.ended(
        endOf(new HostError("CONFIG_REFUSED", `revision ${record.revision} of ${this.id} is refused: ${text}`)),
      );
      return;
    }
    this.boundBot = bound.value;
    try {
      this.openJournal = this.journalOf(record);
    } catch (error) {
      this.ended(endOf(error));
      return;
    }
    this.run(bound.value, this.openJournal);
  }

  private journalOf({ tag }: BotRecord): SqliteJournal {
    const { options } = this.parts;
    mkdirSync(this.folder, { recursive: true });
    const holder = { host: options.host, pid: options.pid, sinceMs: this.machine.nowMs() };
    const warn = (text: string): void => options.onWarning(this.id, text);
    const { sync, reserveBytes } = options;
    const room = reserveBytes === undefined ? {} : { reserveBytes };
    return openSqliteJournal(this.folder, { bot: this.id, tag, sync, holder, warn, ...room });
  }

  private run(bound: BoundBot, journal: SqliteJournal): void {
    let host: BotHost;
    const resume = this.parts.options.watchdog?.rest();
    try {
      host = this.makeHost(bound, journal);
    } catch (error) {
      journal.close();
      if (error instanceof JournalError || error instanceof HostError) this.ended(endOf(error));
      else this.quarantine(error);
      return;
    } finally {
      resume?.();
    }
    this.running = host;
    this.remembered = undefined;
    this.caughtUp = false;
    this.runStage = "live";
    host.observe((turn) => {
      this.catchUp(host);
      this.changed(turn);
    });
    this.watch = new Watch(host, {
      clock: containedClock(this.machine, this.guard),
      freeBytes: () => freeBytes(this.folder),
    });
    this.watch.start();
    this.guard(() => this.begin(host));
    this.changed(null);
  }

  private begin(host: BotHost): void {
    host.start();
    const { connector, port, deadManMs = DEAD_MAN_MS } = this.parts.options;
    this.disarm = (this.ownPort ?? port).heartbeat?.(deadManMs, () => this.runStage === "live") ?? null;
    if (connector !== undefined && !connector.serving) host.connectorLost(connector.text);
    this.makeAsWanted(host);
  }

  /** What was decided in the registry and did not reach the journal any more, is done now (OPS-18). */
  private makeAsWanted(host: BotHost): void {
    const { act, wanted, pause, by, reason, requestId } = this.record;
    const isPaused = host.state.blocks.has(PAUSE_BLOCK);
    const who = { by, reason, requestId };
    const nobody = (): void => undefined;
    if (wanted === "paused" && !isPaused) {
      const { cancelEntries, leg } = pause ?? { cancelEntries: false, leg: "both" };
      if (act === "flatten") host.command({ name: "flatten" }, who, nobody);
      host.command({ name: "pause", cancelEntries, leg }, who, nobody);
    }
    if (isPaused && (act === "start" || act === "resume")) host.command({ name: act }, who, nobody);
  }

  /** A configuration that was decided and did not reach the strategy is brought into force when the bot runs. */
  private catchUp(host: BotHost): void {
    if (this.caughtUp || host.state.phase !== "running" || this.boundBot === null) return;
    this.caughtUp = true;
    const { act, by, reason, requestId } = this.record;
    if (act !== "update" || !isBehind(host.state, this.boundBot)) return;
    host.command({ name: "relattice", config: this.boundBot.data }, { by, reason, requestId }, () => undefined);
  }

  private makeHost(bound: BoundBot, journal: SqliteJournal): BotHost {
    const { options } = this.parts;
    const { revision, by } = this.record;
    const { id, tag, data, hash, text, instrument } = bound;
    const candleInterval = asGridConfig(data.strategyConfig)?.candleInterval ?? null;
    const { mailboxCapacity, snapshots } = options;
    return new BotHost({
      identity: { bot: id, tag, lineage: journal.meta.lineage },
      symbol: instrument.symbol,
      engine: this.watched(this.engine),
      clock: containedClock(options.clock, this.guard),
      machineMs: () => this.machine.monotonicMs(),
      port: containedPort(this.portOf(bound, journal), this.guard),
      journal,
      configuration: { revision, hash, by, config: data, text },
      conditions: options.conditions(),
      subscription: { candleInterval, bookIntervalMs: options.bookIntervalMs },
      turns: "scheduled",
      host: options.host,
      release: options.release,
      coreHash: options.coreHash,
      freeReserve: () => releaseReserve(join(this.folder, "reserve")),
      onAlert: (alert) => options.onAlert(id, alert),
      onProgress: () => this.changed(null),
      onWarning: (warning) => options.onWarning(id, warning),
      onEnd: (end) => this.hostEnded(end),
      ...(mailboxCapacity === undefined ? {} : { mailboxCapacity }),
      ...(snapshots === undefined ? {} : { snapshots }),
    });
  }

  private portOf({ id, tag }: BoundBot, journal: SqliteJournal): ExchangePort {
    const { port, portOf } = this.parts.options;
    const { epoch } = journal.meta;
    this.ownPort = portOf?.({ bot: id, tag, epoch }) ?? null;
    return this.ownPort ?? port;
  }

  /** Remembers which event a step threw at, in replay too. */
  private watched(engine: Engine): Engine {
    return {
      ...engine,
      step: (state, event) => {
        const before = state.seq;
        try {
          return engine.step(state, event);
        } catch (error) {
          this.thrownSeq = before + 1;
          throw error;
        }
      },
    };
  }

  /** Something of the bot threw outside of its steps. */
  private threw(error: unknown): void {
    try {
      if (this.running !== null && this.runStage === "live") this.running.crash(error);
      else if (this.runStage === "opening") this.ended(endOf(error));
    } catch (second) {
      this.ended(endOf(second));
    }
  }

  private hostEnded(end: HostEnd): void {
    const crashed = end.code === "POISONED" || end.code === "BUG";
    if (!crashed || this.stopping) {
      this.ended(end);
      return;
    }
    const nowMs = this.machine.monotonicMs();
    const recent = this.recoveriesAtMs.filter((atMs) => nowMs - atMs < HOUR_MS);
    const seq = end.atSeq ?? null;
    if ((seq !== null && seq === this.poisonedSeq) || recent.length >= RECOVERIES_MAX) {
      this.quarantine(end.error);
      return;
    }
    this.poisonedSeq = seq;
    this.recoveriesAtMs = [...recent, nowMs];
    this.release();
    this.runStage = "opening";
    this.changed(null);
    const { clock } = this.parts.options;
    clock.at(clock.nowMs(), () => {
      if (this.runStage === "opening") this.askInstrument(0);
    });
  }

  /** The bot stays down: replayed or run again, it throws. Its orders go by its policy; the journal is kept. */
  private quarantine(error: unknown): void {
    const seq = this.thrownSeq;
    const end = seq === 0 ? endOf(error) : { ...endOf(poisoned(error, seq)), atSeq: seq };
    this.release();
    this.runStage = "quarantined";
    this.lastEnd = end;
    const text = `poisoned at seq ${seq}: ${end.text}; it stays down, its position stays open, the others trade on`;
    const position = this.state?.ledger.position ?? null;
    this.alert({ code: "bot-quarantined", severity: "critical", text, facts: { seq, position } });
    this.finished(end);
    const { port, clock } = this.parts.options;
    const { tag } = this.record;
    const [symbol = ""] = this.record.instruments;
    const policy = this.boundBot?.data.cancelOnExit ?? "all";
    this.guard(() =>
      sweepOrders({ port: containedPort(port, this.guard), clock, symbol, tag, policy }, (left) => {
        if (left.length === 0) return;
        const remain = `own orders of the quarantined bot remain on the exchange: ${left.join(", ")}`;
        this.alert({ code: "orders-remain", severity: "critical", text: remain, facts: { orders: left.length } });
      }),
    );
  }

  private ended(end: HostEnd): void {
    if (this.runStage === "idle") return;
    // the timer stays armed where orders may be left: then the connector cancels them (API-45)
    if (end.exitCode === 0) this.disarm?.();
    this.release();
    this.runStage = "idle";
    this.lastEnd = end;
    if (end.exitCode !== 0)
      this.alert({ code: "bot-ended", severity: "critical", text: end.text, facts: { code: end.code } });
    this.finished(end);
  }

  private release(): void {
    this.watch?.stop();
    this.watch = null;
    this.ownPort?.close();
    this.ownPort = null;
    this.disarm = null;
    this.openJournal?.close();
    this.openJournal = null;
    this.running = null;
    this.remembered = undefined;
    this.waitingFor = "";
  }

  private finished(end: HostEnd): void {
    this.changed(null);
    this.parts.options.onEnd?.(this.id, end);
    const { waiters } = this;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }

  private changed(turn: TurnDone | null): void {
    this.parts.onChanged(this, turn);
  }

  private alert(alert: OwnAlert): void {
    this.alerts += 1;
    this.parts.options.onAlert(this.id, { id: `${this.id}/fleet/${this.beganMs}.${this.alerts}`, ...alert });
  }

  private get machine(): NonNullable<FleetOptions["machine"]> {
    return this.parts.options.machine ?? this.parts.options.clock;
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
