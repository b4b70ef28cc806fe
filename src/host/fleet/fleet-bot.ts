// One bot of the fleet: its folder, its runs, and what becomes of it when it throws. It is recovered by replay; when
// the same event throws again it stays down (RISK-19, OPS-15). Nothing it does ends the process.

import { JournalError } from "../../journal/errors.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Command } from "../../trading/command.ts";
import type { Commander, CommandResult } from "../command-desk.ts";
import type { OwnAlert } from "../context.ts";
import { endOf, type HostEnd, HostError, poisoned } from "../host-error.ts";
import type { TurnDone } from "../loop.ts";
import type { Stuck } from "../watchdog.ts";
import type { BoundBot } from "./binder.ts";
import { endAlert, quarantineAlert, remainAlert } from "./bot-ends.ts";
import { BotRun, machineOf } from "./bot-run.ts";
import { BotStanding, type StandingParts } from "./bot-standing.ts";
import { containedPort, guardedBy } from "./contain.ts";
import { askInstrument } from "./instrument-question.ts";
import { openingEnd } from "./opening-end.ts";
import type { Run } from "./run.ts";
import { sweepBot } from "./sweep.ts";
import { ThreadRun } from "./worker/thread-run.ts";

export interface FleetBotParts extends StandingParts {
  /** A turn of this bot is on the disk, or (null) something else about it changed. */
  readonly onChanged: (bot: FleetBot, turn: TurnDone | null) => void;
}

export class FleetBot extends BotStanding {
  private readonly parts: FleetBotParts;
  /** Counts openings, so that an answer to an earlier one is nobody's. */
  private opening = 0;
  private startsAgain = false;
  private waiters: (() => void)[] = [];
  private leaving: Promise<void> = Promise.resolve();
  private alerts = 0;

  constructor(parts: FleetBotParts) {
    super(parts);
    this.parts = parts;
  }

  /** The operator has seen how the last run ended, and wants the bot stopped. */
  acknowledge(): void {
    if (this.runStage === "quarantined") this.runStage = "idle";
    if (this.runStage !== "idle") return;
    this.lastEnd = null;
    this.changed(null);
  }

  /** Begins a run; one that is under way goes on, one that is ending is followed by another. */
  start(): void {
    if (this.isUp) {
      this.startsAgain = this.stopping;
      return;
    }
    this.stopping = false;
    this.startsAgain = false;
    this.lastEnd = null;
    this.poison.clear();
    this.beganMs = this.parts.options.clock.nowMs();
    this.open();
  }

  /** A step of this event ended two processes by never ending itself: the bot stays down until somebody starts it. */
  putAside({ seq, times }: Stuck): void {
    this.poison.thrownSeq = seq;
    this.beganMs = this.parts.options.clock.nowMs();
    this.quarantine(new Error(`its step did not end; ${times} processes in a row were ended for it`));
  }

  /** Asks the run to end in order. A second call changes nothing. */
  requestStop(by: string): void {
    this.startsAgain = false;
    if (!this.isUp || this.stopping) return;
    this.stopping = true;
    if (this.runStage === "opening") this.ended(openingEnd(this));
    else this.run?.with((host) => host.requestStop(by));
  }

  /** A run that is being stopped ends at once, whatever is open (DUR-59). */
  stopNow(by: string): void {
    if (!this.stopping) this.requestStop(by);
    if (this.runStage === "live") this.run?.with((host) => host.requestStop(by));
  }

  /** Resolves when no run is under way, and the last one has said everything. */
  async idle(): Promise<void> {
    if (this.isUp) await new Promise<void>((resolve) => this.waiters.push(resolve));
    await this.leaving;
  }

  /** Journals a command; resolves when it is on the disk. Without a run there is nobody to tell. */
  command(command: Command, who: Commander): Promise<CommandResult> {
    const { run, runStage } = this;
    if (run === null || runStage !== "live") return Promise.resolve({ ok: false, text: `${this.id} does not run` });
    return new Promise((resolve) => run.with((host) => host.command(command, who, resolve)));
  }

  /** The connector came or went (API-44). */
  connectorChanged(serving: boolean, text: string): void {
    if (this.runStage !== "live") return;
    this.run?.with((host) => (serving ? host.connectorBack() : host.connectorLost(text)));
  }

  private open(): void {
    this.runStage = "opening";
    this.opening += 1;
    this.changed(null);
    this.askInstrument(this.opening);
  }

  private askInstrument(opening: number): void {
    if (this.runStage !== "opening" || this.opening !== opening) return;
    const { port, clock } = this.parts.options;
    const [symbol = ""] = this.record.instruments;
    const guard = guardedBy((error) => this.ended(endOf(error)));
    askInstrument({
      port: containedPort(port, guard),
      clock,
      guard,
      symbol,
      isAwaited: () => this.runStage === "opening" && this.opening === opening,
      onAnswer: (instrument) => this.bindAndRun(instrument),
      onWaiting: (text) => {
        this.waitingFor = text;
        this.changed(null);
      },
    });
  }

  private bindAndRun(instrument: Instrument): void {
    this.waitingFor = "";
    const { options } = this.parts;
    const { config, revision } = this.record;
    const bound = options.binder.bind(config, instrument);
    if (!bound.ok) {
      const text = bound.error.map((one) => `${one.key}: ${one.text}`).join("; ");
      this.ended(endOf(new HostError("CONFIG_REFUSED", `revision ${revision} of ${this.id} is refused: ${text}`)));
      return;
    }
    this.boundBot = bound.value;
    if (options.threads === undefined) this.runHere(bound.value);
    else this.runInThread(bound.value, { opening: this.opening, revision });
  }

  private runHere(bound: BoundBot): void {
    const { options } = this.parts;
    try {
      this.run = new BotRun({
        options,
        store: this.store,
        record: () => this.record,
        bound,
        engine: this.poison.watched(this.engine),
        onChanged: (turn) => this.changed(turn),
        onEnd: (end) => this.runEnded(end),
      });
    } catch (error) {
      if (error instanceof JournalError || error instanceof HostError) this.ended(endOf(error));
      else this.quarantine(error);
      return;
    }
    this.goLive(this.run);
  }

  /** OPS-17. It opens beside this thread: what is decided meanwhile is looked at when it has. */
  private runInThread(bound: BoundBot, { opening, revision }: { opening: number; revision: number }): void {
    const { options } = this.parts;
    const { threads } = options;
    if (threads === undefined) return;
    const isAwaited = (): boolean => this.runStage === "opening" && this.opening === opening;
    // the thread before this one may still hold the journal
    void this.leaving.then(() => {
      if (!isAwaited()) return;
      const run = new ThreadRun({
        options,
        threads,
        store: this.store,
        record: () => this.record,
        bound,
        engine: this.engine,
        onChanged: (turn) => this.changed(turn),
        onWaiting: (text) => {
          this.waitingFor = text;
          this.changed(null);
        },
        onOpened: () => {
          if (this.record.revision === revision) this.goLive(run);
          else this.openAnew(run);
        },
        onEnd: (end, thrownSeq) => this.threadEnded(end, thrownSeq),
      });
      this.run = run;
    });
  }

  private goLive(run: Run): void {
    this.poison.thrownSeq = 0; // what threw before was replayed
    this.remembered = undefined;
    this.waitingFor = "";
    this.runStage = "live";
    run.start();
    this.changed(null);
  }

  /** Its configuration changed while the thread began. */
  private openAnew(run: Run): void {
    this.leaving = run.discard();
    this.forget();
    this.opening += 1;
    this.askInstrument(this.opening);
  }

  private threadEnded(end: HostEnd, thrownSeq: number): void {
    if (thrownSeq !== 0) this.poison.thrownSeq = thrownSeq;
    if (this.runStage === "live") {
      this.runEnded(end);
      return;
    }
    this.leaving = this.run?.left ?? this.leaving;
    if (end.code === "BUG" || end.code === "POISONED") this.quarantine(end.error);
    else this.ended(end);
  }

  private runEnded(end: HostEnd): void {
    this.leaving = this.run?.left ?? this.leaving;
    const crashed = end.code === "POISONED" || end.code === "BUG";
    if (!crashed || this.stopping) {
      this.ended(end);
      return;
    }
    const nowMs = machineOf(this.parts.options).monotonicMs();
    if (!this.poison.allowsRecovery(end.atSeq ?? null, nowMs)) {
      this.quarantine(end.error);
      return;
    }
    this.forget();
    this.runStage = "opening";
    this.opening += 1;
    const { opening } = this;
    this.changed(null);
    const { clock } = this.parts.options;
    clock.at(clock.nowMs(), () => this.askInstrument(opening));
  }

  /** The bot stays down: replayed or run again, it throws. Its orders go by its policy; the journal is kept. */
  private quarantine(error: unknown): void {
    const seq = this.poison.thrownSeq;
    const end = seq === 0 ? endOf(error) : { ...endOf(poisoned(error, seq)), atSeq: seq };
    this.forget();
    this.runStage = "quarantined";
    this.lastEnd = end;
    this.alert(quarantineAlert(end, seq, this.state?.ledger.position ?? null));
    this.sweep();
    this.finished(end);
  }

  private sweep(): void {
    const { port, clock } = this.parts.options;
    const { tag, instruments } = this.record;
    const policy = this.boundBot?.data.cancelOnExit ?? "all";
    sweepBot({ port, clock, symbol: instruments[0] ?? "", tag, policy }, (left) => {
      if (left.length > 0) this.alert(remainAlert(left));
    });
  }

  private ended(end: HostEnd): void {
    if (!this.isUp) return;
    if (this.runStage === "opening") this.leaving = this.run?.discard() ?? this.leaving;
    this.forget();
    this.runStage = "idle";
    this.lastEnd = end;
    if (end.exitCode !== 0) this.alert(endAlert(end));
    this.finished(end);
    if (this.startsAgain) this.start();
  }

  private forget(): void {
    this.run = null;
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
}
