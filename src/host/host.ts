// One bot's host: the same for backtest, paper and live; only clock, port and journal differ. This file wires the loop,
// the executor and what recovers, settles and stops; it decides nothing about trading.

import type { Clock } from "../base/clock.ts";
import { crashPoint } from "../base/crash-point.ts";
import { Prng } from "../base/prng.ts";
import { steadyFrom } from "../base/steady-clock.ts";
import type { BotState } from "../engine/state.ts";
import type { ExchangePort, StreamMessage } from "../exchange/port.ts";
import { JournalError } from "../journal/errors.ts";
import type { Command } from "../trading/command.ts";
import type { FillEvent } from "../trading/event.ts";
import { fillIdentity } from "../trading/ledger.ts";
import { AdoptionCheck } from "./adoption.ts";
import { CommandDesk, type Commander, type CommandResult } from "./command-desk.ts";
import { Compaction } from "./compaction.ts";
import type { AlertOver, HostContext, HostEvent, OwnAlert } from "./context.ts";
import { cancelWithoutRecord } from "./emergency.ts";
import { Executor } from "./executor.ts";
import { endOf, type HostEnd, HostError, poisoned, stopEnd } from "./host-error.ts";
import type { HostOptions } from "./host-options.ts";
import { type FailedHalf, type TurnDone, TurnLoop } from "./loop.ts";
import { MonitorStreams } from "./monitor-streams.ts";
import { bornMs, newestFillMs, stampedLateMs } from "./newest-fill.ts";
import { rebuildState } from "./rebuild.ts";
import { type ExchangeRead, Reconciler } from "./reconciler.ts";
import { Recovery, type RecoveryProgress } from "./recovery.ts";
import type { Replayed } from "./replay-tail.ts";
import { Settler } from "./settle.ts";
import { SNAPSHOT_CADENCE, Snapshots } from "./snapshots.ts";
import { GracefulStop } from "./stop.ts";
import { Streams } from "./streams.ts";
import { Timers } from "./timers.ts";
import { CommitWatch } from "./watch.ts";

export type { HostOptions } from "./host-options.ts";

export class BotHost implements HostContext {
  readonly clock: Clock;
  readonly machine: Clock;
  readonly port: ExchangePort;
  readonly symbol: string;
  readonly state: BotState;
  readonly stampedLateMs: number;
  readonly loop: TurnLoop;
  private readonly options: HostOptions;
  private readonly timers: Timers;
  private readonly settler: Settler;
  private readonly reconciler: Reconciler;
  private readonly executor: Executor;
  private readonly recovery: Recovery;
  private readonly stopping: GracefulStop;
  private readonly snapshots: Snapshots | null;
  private readonly compaction: Compaction | null;
  private readonly commits: CommitWatch;
  private readonly streams: Streams;
  private readonly monitor: MonitorStreams;
  private readonly commands: CommandDesk;
  private readonly observers = new Set<(turn: TurnDone) => void>();
  private readonly readers = new Set<(read: ExchangeRead) => void>();
  private alerts = 0;
  private progress: RecoveryProgress = { step: "instrument", done: 0, total: 1, waiting: "" };
  private exitInstead: HostEnd | null = null;
  private stopAsked = false;
  /** A turn failed between its halves, or in its step: memory is further than the disk. */
  private cutShort = false;
  private ended = false;
  private draining = false;

  /**
   * Recovery steps 2 to 4: the state is rebuilt and proved equal to what was recorded; what the last turn did not get
   * to record is recorded now. Errors: JournalError (JOURNAL_DIFFERS and those of the journal).
   */
  constructor(options: HostOptions) {
    this.options = options;
    this.machine = options.machine ?? options.clock;
    this.port = options.port;
    this.symbol = options.symbol;
    const replayed = rebuildState(options);
    this.state = replayed.state;
    this.stampedLateMs = stampedLateMs(this.state.nowMs - options.clock.nowMs());
    this.clock = steadyFrom(options.clock, this.state.nowMs);
    this.commits = this.makeCommits();
    this.loop = this.makeLoop();
    this.timers = new Timers(this.state, this.clock, (event) => this.offer(event));
    const newestMs = newestFillMs(this.state, options.journal, this.clock.nowMs()) - this.stampedLateMs;
    this.reconciler = new Reconciler(this, newestMs, {
      isBooked: (fill) => this.isBooked(fill),
      bornMs: bornMs(options.journal, this.clock.nowMs()),
      drain: () => this.drain(),
      onWaiting: (text) => this.report({ ...this.progress, waiting: text }),
      onRead: (read) => {
        for (const listener of this.readers) listener(read);
      },
    });
    this.settler = new Settler(this, {
      clockErrorMs: options.conditions.clockErrorMs,
      isSending: (id) => this.executor.isSending(id),
      onSettled: () => this.settled(),
    });
    this.executor = this.makeExecutor();
    this.recovery = this.makeRecovery(replayed);
    this.stopping = new GracefulStop({
      context: this,
      reconciler: this.reconciler,
      drain: () => this.drain(),
      onEnd: ({ ordersLeft, isProven }) => this.closeCleanly(ordersLeft, isProven),
    });
    const { engine, journal, snapshots: cadence = SNAPSHOT_CADENCE } = options;
    const { state, clock } = this;
    this.snapshots = journal === null ? null : new Snapshots(journal, { engine, state, clock, cadence });
    this.compaction = this.makeCompaction();
    this.streams = new Streams(this, options.subscription, {
      offer: (message) => (this.reconciler.holds(message) ? "queued" : this.loop.offer(message, false)),
      read: (done) => this.reconciler.request(done),
    });
    this.monitor = new MonitorStreams(this);
    this.commands = new CommandDesk(
      this,
      new AdoptionCheck({ context: this, reconciler: this.reconciler, drain: () => this.drain() }),
    );
    this.replayed = replayed;
  }

  private readonly replayed: Replayed;

  /** True once `recovered` was stepped. */
  get recovered(): boolean {
    return this.state.phase === "running";
  }

  get recoveryProgress(): RecoveryProgress {
    return this.progress;
  }

  /** Orders that are being asked about. */
  get settling(): Settler {
    return this.settler;
  }

  /** How its journal fares: 99 of 100 of the newest commits within so many µs; the newest snapshot. */
  get recording(): { readonly commitP99Us: number; readonly snapshot: Snapshots["newest"] | null } {
    return { commitP99Us: this.commits.p99Us, snapshot: this.snapshots?.newest ?? null };
  }

  /** The run before this one was killed or crashed. */
  get wasKilled(): boolean {
    return this.replayed.wasKilled;
  }

  /** Events that wait for it. */
  get waiting(): number {
    return this.loop.mailbox.size;
  }

  /** Sends under way. */
  get inFlight(): number {
    return this.executor.inFlight;
  }

  /** Recovery steps 5 to 9; returns at once, the rest happens on the clock. */
  start(): void {
    // a stop that was cut short was asked of the run before: it does not end this one
    const missing = this.replayed.missing.effects.filter(({ effect }) => effect.kind !== "stopped");
    const redo = new Set([...missing, ...this.replayed.lastTurn.filter(isAlert)]);
    if (this.replayed.lastReload !== null) redo.add(this.replayed.lastReload);
    // alerts first: with this run's first turn on the disk, the next start no longer knows that they are untold
    for (const effect of redo) if (isAlert(effect)) this.executor.carryOut(effect);
    this.recovery.begin();
    this.timers.rearm();
    for (const effect of redo) if (!isAlert(effect)) this.executor.carryOut(effect);
  }

  offer(event: HostEvent): void {
    this.loop.offer(event, true);
  }

  /** What a stream said. Also the way in for drivers that have market data of their own. */
  fromStream(message: StreamMessage): void {
    this.streams.take(message);
  }

  /**
   * Journals an operator's command; `done` hears what came of it, after it is on the disk. Lots to adopt are looked up
   * on the exchange first, and refused where they are not there.
   */
  command(command: Command, who: Commander, done: (result: CommandResult) => void): void {
    this.commands.take(command, who, done);
  }

  alert(alert: OwnAlert): void {
    this.alerts += 1;
    const id = `${this.options.identity.bot}/host/${this.epoch}.${this.alerts}`;
    this.options.onAlert({ id, ...alert });
  }

  /** What an own alert told is over (OPS-28). */
  over(over: AlertOver): void {
    this.options.onOver?.(over);
  }

  /** Calls `observer` after every turn that is on the disk (DUR-11). Returns the function that ends it. */
  observe(observer: (turn: TurnDone) => void): () => void {
    this.observers.add(observer);
    return () => {
      this.observers.delete(observer);
    };
  }

  /** Calls `listener` with every complete read of the exchange, before it is judged. Returns what ends it. */
  onRead(listener: (read: ExchangeRead) => void): () => void {
    this.readers.add(listener);
    return () => {
      this.readers.delete(listener);
    };
  }

  /** Reads the exchange whole, now; the engine judges it as it judges its own reads. */
  reconcile(): void {
    this.reconciler.request();
  }

  /** Runs turns until nothing waits; not from within a turn. */
  drain(): void {
    if (this.draining) return;
    this.draining = true;
    try {
      this.loop.drain();
    } finally {
      this.draining = false;
    }
  }

  /** The wall clock jumped: timers are judged anew, and the exchange is read again before new risk. */
  clockJumped(): void {
    this.timers.rearm();
    this.streams.markStale("the clock jumped");
    this.streams.ordersFresh();
  }

  /** The connector does not serve: the bot holds still, and never ends for it (RISK-20, API-34, API-44). */
  connectorLost(text: string): void {
    this.streams.connectorLost();
    const why = text === "" ? "" : `: ${text}`;
    this.alert({ code: "connector-lost", severity: "error", text: `the connector does not serve${why}`, facts: {} });
  }

  /** It serves again: the exchange is read completely before new risk. */
  connectorBack(): void {
    this.streams.connectorBack();
    this.over({ code: "connector-lost", facts: {}, text: "The connector serves again" });
  }

  /** Something of this host threw outside of a step: the bot ends alone, its orders cancelled by policy (RISK-19). */
  crash(error: unknown): void {
    if (!this.ended) this.failed(error, "effects");
  }

  /**
   * SIGTERM, SIGINT, `opensqt stop`. A second call ends at once with `signalExitCode` (DUR-59); a first one does not,
   * though the engine stops already, by a command of the journal.
   */
  requestStop(by: string, signalExitCode = 130): void {
    if (this.ended) return;
    if (!this.stopAsked) {
      this.stopAsked = true;
      this.beginStop(by);
      return;
    }
    this.stopping.abandon();
    const ordersLeft = [...this.state.orders.keys()];
    const text = `a second signal ended the stop early; ${ordersLeft.length} orders may be open`;
    this.exitInstead ??= { code: "SECOND_SIGNAL", exitCode: signalExitCode, text, ordersLeft, error: null };
    this.closeCleanly([]);
  }

  private beginStop(by: string): void {
    this.recovery.stop();
    this.stopping.begin(by);
  }

  /** Without a journal the state's own list of recent fills is what there is (backtests). */
  private isBooked(fill: Pick<FillEvent, "symbol" | "tradeId" | "side">): boolean {
    const exchange = this.state.instrument?.exchange ?? "";
    const { journal } = this.options;
    if (journal === null) return this.state.recentFills.has(fillIdentity(exchange, fill));
    return journal.hasFill(exchange, fill.symbol, fill.tradeId, fill.side);
  }

  private get epoch(): number {
    return this.options.journal?.meta.epoch ?? 1;
  }

  private makeLoop(): TurnLoop {
    const { engine, journal, turns, configuration, mailboxCapacity, onStepped } = this.options;
    const machineMs = (): number => this.machine.monotonicMs();
    return new TurnLoop({
      engine,
      journal,
      turns,
      ...(mailboxCapacity === undefined ? {} : { mailboxCapacity }),
      ...(onStepped === undefined ? {} : { onStepped }),
      state: this.state,
      clock: this.clock,
      machineMs,
      onDone: (turn) => this.turnDone(turn),
      onFailed: (error, half) => this.failed(error, half),
      onTimerDropped: (name) => this.timers.seen(name),
      onCommitted: (ms) => {
        this.commits.took(ms);
        this.options.onCommitted?.(ms);
      },
      configText: (hash) => (hash === configuration.hash ? configuration.text : null),
    });
  }

  private makeCommits(): CommitWatch {
    const onSlow = (slow: number, all: number): void => {
      const text = `${slow} of ${all} turns of the last minute took more than 50 ms to record: the disk is slow`;
      this.alert({ code: "journal-slow", severity: "warning", text, facts: { slow, turns: all } });
    };
    const onFastAgain = (): void => this.over({ code: "journal-slow", facts: {}, text: "Turns are recorded in time" });
    return new CommitWatch(() => this.machine.monotonicMs(), { onSlow, onFastAgain });
  }

  private makeCompaction(): Compaction | null {
    const { journal, retention } = this.options;
    if (journal === null || retention === undefined) return null;
    const alert = (said: OwnAlert): void => this.alert(said);
    return new Compaction({ journal, retention, machineMs: () => this.machine.monotonicMs(), alert });
  }

  private makeExecutor(): Executor {
    return new Executor(this, this.settler, {
      others: {
        timer: (atMs) => this.timers.armed(atMs),
        alert: ({ code, severity, text, facts }, id) =>
          this.options.onAlert({ id: `${this.options.identity.bot}/${id}`, code, severity, text, facts }),
        // a position that differs is looked at again a moment later, one that could not be compared at once
        reconcile: ({ because }) =>
          because.code === "reconcile.again" && because["attempt"] === 0
            ? this.reconciler.confirm()
            : this.reconciler.request(),
        stopped: () => this.stopping.engineStopped(),
        holds: () => this.options.journal?.holds?.() ?? true,
      },
      jitter: new Prng(this.options.identity.tag),
    });
  }

  private makeRecovery(replayed: Replayed): Recovery {
    const { configuration, conditions, host, release, coreHash, identity } = this.options;
    const { lineage } = identity;
    const run = { configuration, conditions, host, release, coreHash, epoch: this.epoch, lineage };
    const parts = {
      ...run,
      context: this,
      settler: this.settler,
      reconciler: this.reconciler,
      drain: () => this.drain(),
      subscribe: () => {
        this.streams.open();
        this.monitor.open();
      },
      onProgress: (progress: RecoveryProgress) => this.report(progress),
      onRecovered: () => this.executor.open(),
      onFailed: (error: HostError) => this.finish(endOf(error)),
    };
    return new Recovery(parts, replayed);
  }

  private turnDone(turn: TurnDone): void {
    for (const event of turn.events) {
      if (event.kind === "timer") this.timers.seen(event.name);
      else if (event.kind === "fill") {
        this.reconciler.sawFill(event.exchangeAtMs);
        const order = event.clientOrderId === null ? undefined : this.state.orders.get(event.clientOrderId);
        if (order !== undefined && order.filled > 0) crashPoint("stream.between-partial-fills");
      }
    }
    if (this.stopping.active) this.stopping.saw(turn);
    if (turn.effects.length > 0) this.executor.handOver(turn.effects, turn.takenAtMs);
    this.commands.saw(turn);
    for (const observer of this.observers) observer(turn);
    this.streams.drained(this.loop.mailbox);
    this.monitor.follow(this.state.limits?.monitor);
    if (this.snapshots?.due === true) this.snapshot();
    if (!this.ended) this.compaction?.betweenTurns(this.state.nowMs);
    if (this.state.phase === "refused") this.refused();
  }

  private snapshot(): void {
    try {
      this.snapshots?.take(this.loop);
      this.compaction?.snapshotTaken();
    } catch (error) {
      this.loop.stop();
      // between two turns memory is no further than the disk
      this.failed(error, "events");
    }
  }

  private settled(): void {
    this.recovery.settled();
    if (this.recovered) this.reconciler.request();
  }

  private report(progress: RecoveryProgress): void {
    this.progress = progress;
    this.options.onProgress?.(progress);
  }

  /** The safety check said no: nothing of this run was placed, so it ends as it is. */
  private refused(): void {
    if (this.ended || this.stopping.active) return;
    const text = "the safety check refused the start; the alerts say why. Nothing was placed";
    this.exitInstead ??= endOf(new HostError("SAFETY_REFUSED", text));
    this.clock.at(this.clock.nowMs(), () => this.closeCleanly([...this.state.orders.keys()]));
  }

  private failed(error: unknown, half: FailedHalf): void {
    const atSeq = this.state.seq;
    const end = half === "step" ? { ...endOf(poisoned(error, atSeq)), atSeq } : endOf(error);
    const disk = error instanceof JournalError ? error.facts.disk : undefined;
    if (half !== "step" && error instanceof JournalError) this.options.onJournalFailed?.(half);
    if (half === "events" && disk === "full" && this.options.freeReserve?.() === true) {
      this.exitInstead = end;
      this.loop.resume();
      this.clock.at(this.clock.nowMs(), () => this.beginStop("disk full"));
      return;
    }
    this.cutShort = half !== "events";
    this.standStill();
    this.alert({ code: "bot-crashed", severity: "critical", text: end.text, facts: { code: end.code } });
    // whose lease may be another's leaves the orders to that one
    const isHeld = this.options.journal?.holds?.() ?? true;
    if (end.code === "FENCED" || end.code === "LOCK_HELD" || !isHeld) this.finish(end);
    else cancelWithoutRecord(this, (unconfirmed) => this.finish({ ...end, ordersLeft: unconfirmed }));
  }

  /** Step 5 of the stop: last snapshot, seal, close. */
  private closeCleanly(ordersLeft: readonly string[], isProven = true): void {
    if (this.ended) return;
    const { journal } = this.options;
    let end: HostEnd = this.exitInstead ?? stopEnd(ordersLeft, isProven);
    if (ordersLeft.length > 0 || !isProven) {
      const { text } = stopEnd(ordersLeft, isProven);
      this.alert({ code: "orders-remain", severity: "critical", text, facts: { orders: ordersLeft.length } });
    }
    try {
      this.drain();
      this.loop.stop();
      // the next run decides a turn that was cut short again: a snapshot would hide what of it was not recorded
      if (journal !== null && this.snapshots !== null && !this.cutShort) {
        this.snapshots.take(this.loop);
        crashPoint("stop.before-seal");
        journal.seal(this.state.nowMs);
      }
    } catch (error) {
      end = { ...endOf(error), ordersLeft };
    }
    this.finish(end);
  }

  private finish(end: HostEnd): void {
    if (this.ended) return;
    this.ended = true;
    this.standStill();
    this.commands.close();
    this.options.journal?.close();
    this.options.onEnd(end);
  }

  /** Nothing moves any more: no turn, no send, no question, no stream. */
  private standStill(): void {
    this.loop.stop();
    this.executor.stop();
    this.recovery.stop();
    this.stopping.abandon();
    this.settler.stop();
    this.reconciler.stop();
    this.timers.stop();
    this.streams.close();
    this.monitor.close();
  }
}

const isAlert = ({ effect }: { readonly effect: { readonly kind: string } }): boolean => effect.kind === "alert";
