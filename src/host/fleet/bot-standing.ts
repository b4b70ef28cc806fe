// How a bot stands, during its runs and between them, for whoever asks. Changes nothing: fleet-bot.ts does.

import type { BotState } from "../../engine/state.ts";
import type { BotRecord, Registry } from "../../journal/registry.ts";
import { SqliteStore } from "../../journal/sqlite-store.ts";
import type { JournalStore, StoredReader } from "../../journal/store.ts";
import type { Engine } from "../context.ts";
import { productionEngine } from "../engine.ts";
import { type HostEnd, HostError } from "../host-error.ts";
import type { BoundBot } from "./binder.ts";
import type { RunStage } from "./bot-phase.ts";
import type { FleetOptions } from "./fleet-options.ts";
import { lastState } from "./last-state.ts";
import { markedBy } from "./marked-engine.ts";
import { Poison } from "./poison.ts";
import type { HostView, Run, RunJournal } from "./run.ts";

export interface StandingParts {
  readonly id: string;
  readonly options: FleetOptions;
  readonly registry: Registry;
}

export class BotStanding {
  readonly id: string;
  /** Where its journal is. */
  readonly store: JournalStore;
  protected run: Run | null = null;
  protected boundBot: BoundBot | null = null;
  protected runStage: RunStage = "idle";
  protected lastEnd: HostEnd | null = null;
  protected waitingFor = "";
  protected beganMs = 0;
  protected stopping = false;
  protected remembered: BotState | null | undefined = undefined;
  protected readonly poison = new Poison();
  private readonly registry: Registry;
  private readonly options: FleetOptions;

  constructor({ id, options, registry }: StandingParts) {
    this.id = id;
    this.store = options.store ?? new SqliteStore(options.folder);
    this.registry = registry;
    this.options = options;
  }

  /** The bot as the registry has it. */
  get record(): BotRecord {
    const record = this.registry.get(this.id);
    if (record === null) throw new HostError("NOT_REGISTERED", `bot ${this.id} is not in the registry`);
    return record;
  }

  get stage(): RunStage {
    return this.runStage;
  }

  /** The host of the run that is live; null without one. */
  get host(): HostView | null {
    return this.runStage === "live" ? (this.run?.host ?? null) : null;
  }

  /** The journal of the run that is live; null without one. */
  get journal(): RunJournal | null {
    return this.runStage === "live" ? (this.run?.journal ?? null) : null;
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

  /** The run was asked to end, and has not yet. */
  get isStopping(): boolean {
    return this.stopping && this.isUp;
  }

  /** The last run ended other than by a stop that was asked for. */
  get failed(): boolean {
    return this.runStage === "idle" && this.lastEnd !== null && this.lastEnd.exitCode !== 0;
  }

  /** The state: of the run, or as the journal left it; null for a bot that never ran, or whose journal is damaged. */
  get state(): BotState | null {
    const { host } = this;
    if (host !== null) return host.state;
    // an event that its thread may not be done with is not stepped here
    if (this.opensInThread) return this.remembered ?? null;
    if (this.remembered === undefined) {
      this.remembered = this.hasJournal ? lastState(() => this.openReader(), this.engine, this.poison.thrownSeq) : null;
    }
    return this.remembered;
  }

  /** Its step of this event threw or did not end: nobody steps it again but the bot itself. Null where none did. */
  get poisonedSeq(): number | null {
    return this.poison.thrownSeq === 0 ? null : this.poison.thrownSeq;
  }

  /** It ran before: there is a journal of it. */
  get hasJournal(): boolean {
    return this.store.hasJournal(this.id);
  }

  /** Its journal, beside its run or without one; whoever asks closes it. Errors: JournalError. */
  openReader(): StoredReader {
    return this.store.openReader(this.id);
  }

  /** Its thread replays the journal: until that is done nothing is known here. */
  get opensInThread(): boolean {
    return this.options.threads !== undefined && this.runStage === "opening";
  }

  protected get isUp(): boolean {
    return this.runStage === "opening" || this.runStage === "live";
  }

  protected get engine(): Engine {
    const engine = this.options.engineOf?.(this.id) ?? productionEngine;
    const { watchdog } = this.options;
    return watchdog === undefined ? engine : markedBy(engine, watchdog, this.id);
  }
}
