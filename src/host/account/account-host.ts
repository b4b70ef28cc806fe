// The account machine's host (DUR-01): its journal, its loop, its timers. Everything is synchronous: when `offer`
// returns, what was decided is on the disk and has been handed to the bots. It knows no exchange.

import type { Clock } from "../../base/clock.ts";
import { crashPoint } from "../../base/crash-point.ts";
import { steadyFrom } from "../../base/steady-clock.ts";
import type { Retention, SyncPolicy } from "../../journal/port.ts";
import { SqliteStore } from "../../journal/sqlite-store.ts";
import type { HeldJournal, JournalStore } from "../../journal/store.ts";
import type { AccountState } from "../../risk/account/state.ts";
import type { AccountEffect, AccountLimits } from "../../trading/account-event.ts";
import type { Command } from "../../trading/command.ts";
import type { Effect } from "../../trading/effect.ts";
import type { Commander, CommandResult } from "../command-desk.ts";
import { Compaction } from "../compaction.ts";
import type { HostAlert, HostEvent, OwnAlert } from "../context.ts";
import { type TurnDone, TurnLoop } from "../loop.ts";
import { rebuildState } from "../rebuild.ts";
import { SNAPSHOT_CADENCE, type SnapshotCadence, Snapshots } from "../snapshots.ts";
import { Timers } from "../timers.ts";
import { ACCOUNT_NAME, ACCOUNT_TAG, accountEngine } from "./account-engine.ts";

export interface AccountHostOptions {
  /** The store folder; the journal is in `account/` below it. */
  readonly folder: string;
  /** Where journals are; the folder when absent. */
  readonly store?: JournalStore;
  readonly sync: SyncPolicy;
  readonly limits: AccountLimits;
  readonly clock: Clock;
  /** The machine's own time, for who holds the journal. */
  readonly machine: Clock;
  readonly host: string;
  readonly pid: number;
  readonly release: string;
  readonly coreHash: string;
  readonly reserveBytes?: number;
  readonly snapshots?: SnapshotCadence;
  /** How long its journal keeps every record (DUR-28); for ever when absent. */
  readonly retention?: Retention;
  /** Hands a grant, a breaker or a command to its bot; called after it is on the disk. */
  readonly deliver: (effect: AccountEffect) => void;
  readonly onAlert: (alert: HostAlert) => void;
  readonly onWarning: (text: string) => void;
}

export class AccountHost {
  readonly state: AccountState;
  readonly journal: HeldJournal;
  private readonly options: AccountHostOptions;
  private readonly loop: TurnLoop<AccountState>;
  private readonly timers: Timers;
  private readonly snapshots: Snapshots<AccountState>;
  private readonly compaction: Compaction | null;
  private waiting: ((result: CommandResult) => void)[] = [];
  private failure: string | null = null;
  private closed = false;

  /** Opens and replays the journal, then begins a run. Errors: JournalError, with the codes of a bot's journal. */
  constructor(options: AccountHostOptions) {
    this.options = options;
    const { snapshots: cadence = SNAPSHOT_CADENCE } = options;
    this.journal = openJournal(options);
    try {
      const { lineage } = this.journal.meta;
      const identity = { bot: ACCOUNT_NAME, tag: ACCOUNT_TAG, lineage };
      const onWarning = options.onWarning;
      const replayed = rebuildState({
        engine: accountEngine,
        identity,
        journal: this.journal,
        onWarning,
        coreHash: options.coreHash,
      });
      this.state = replayed.state;
      const { state, journal } = this;
      const clock = steadyFrom(options.clock, state.nowMs);
      this.loop = new TurnLoop<AccountState>({
        engine: accountEngine,
        state,
        journal,
        clock,
        turns: "driven",
        onDone: (turn) => this.done(turn),
        onFailed: (error) => this.failed(error),
        onTimerDropped: (name) => this.timers.seen(name),
        configText: () => null,
      });
      this.timers = new Timers(state, clock, (event) => this.offer(event));
      this.snapshots = new Snapshots<AccountState>(journal, { engine: accountEngine, state, clock, cadence });
      this.compaction = this.makeCompaction();
      // told at least once: of the turn that was cut short none went out, of the last one it is not known
      for (const { seq, index, effect } of [...replayed.lastTurn, ...replayed.missing.effects]) {
        this.tellAlert(effect, `${seq}.${index}`);
      }
    } catch (error) {
      this.journal.close();
      throw error;
    }
    this.begin();
  }

  /** Why it can no longer record anything; null while it can. Grants of before stay in force, new ones are none. */
  get failedBecause(): string | null {
    return this.failure;
  }

  /** Records an event and acts on it, before it returns. */
  offer(event: HostEvent): void {
    if (this.closed || this.failure !== null) return;
    this.loop.offer(event, true);
    this.drain();
  }

  /** Journals an operator's command; the answer says what came of it. */
  command(command: Command, who: Commander): CommandResult {
    if (this.failure !== null) return { ok: false, text: `the account's journal cannot be written: ${this.failure}` };
    if (this.closed) return { ok: false, text: "the account machine has stopped" };
    let told: CommandResult = { ok: false, text: "the account machine did not take it" };
    this.waiting.push((result) => {
      told = result;
    });
    const { by, reason, requestId } = who;
    const call = requestId === undefined ? {} : { requestId };
    this.offer({ kind: "command", command, by, reason, ...call });
    return told;
  }

  /** Last snapshot, seal, close; a second call changes nothing. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.timers.stop();
    this.loop.stop();
    if (this.failure === null) {
      try {
        this.snapshots.take(this.loop);
        this.journal.seal(this.state.nowMs);
      } catch (error) {
        this.options.onWarning(`the account's journal was not sealed: ${String(error)}`);
      }
    }
    this.journal.close();
  }

  private makeCompaction(): Compaction | null {
    const { retention, machine, onAlert } = this.options;
    if (retention === undefined) return null;
    let told = 0;
    const alert = (said: OwnAlert): void => {
      told += 1;
      onAlert({ id: `${ACCOUNT_NAME}/compaction/${this.journal.meta.epoch}.${told}`, ...said });
    };
    return new Compaction({ journal: this.journal, retention, machineMs: () => machine.monotonicMs(), alert });
  }

  private begin(): void {
    const { host, release, coreHash, limits } = this.options;
    const { epoch, lineage } = this.journal.meta;
    const run = { epoch, lineage, host, release, coreHash, configHash: "", clockOffsetMs: 0 };
    this.offer({ kind: "run-started", ...run });
    this.offer({ kind: "account-configured", limits, by: "configuration" });
    this.timers.rearm();
  }

  /** Turns until nothing waits; what a delivery offers meanwhile is taken by the turn that is under way. */
  private drain(): void {
    this.loop.drain();
  }

  private done(turn: TurnDone): void {
    for (const event of turn.events) if (event.kind === "timer") this.timers.seen(event.name);
    if (turn.effects.some(({ effect }) => effect.kind === "grant")) crashPoint("grant.after-commit");
    for (const { seq, index, effect } of turn.effects) {
      this.carryOut(effect);
      this.tellAlert(effect, `${seq}.${index}`);
    }
    this.answer(turn);
    if (this.snapshots.due) this.snapshot();
    if (this.failure === null) this.compaction?.betweenTurns(this.state.nowMs);
  }

  private carryOut(effect: Effect): void {
    if (effect.kind === "timer") this.timers.armed(effect.atMs);
    else if (isForOthers(effect)) this.options.deliver(effect);
  }

  private tellAlert(effect: Effect, id: string): void {
    if (effect.kind !== "alert") return;
    const { code, severity, text, facts } = effect;
    this.options.onAlert({ id: `${ACCOUNT_NAME}/${id}`, code, severity, text, facts });
  }

  private answer(turn: TurnDone): void {
    for (const [i, event] of turn.events.entries()) {
      if (event.kind !== "command") continue;
      const seq = turn.firstSeq + i;
      const alerts = turn.effects.flatMap(({ seq: cause, effect }) =>
        cause === seq && effect.kind === "alert" ? [effect] : [],
      );
      const notes = alerts.map(({ text }) => text);
      this.waiting.shift()?.({ ok: true, seq, notes, codes: alerts.map(({ code }) => code) });
    }
  }

  private snapshot(): void {
    try {
      this.snapshots.take(this.loop);
      this.compaction?.snapshotTaken();
    } catch (error) {
      this.failed(error);
    }
  }

  /** Nothing more is granted; what the bots were told stays, and each still refuses above it. */
  private failed(error: unknown): void {
    this.failure ??= error instanceof Error ? error.message : String(error);
    this.loop.stop();
    this.timers.stop();
    for (const done of this.waiting.splice(0)) done({ ok: false, text: this.failure });
    const then = "No bot gets more exposure until a restart";
    const text = `the account machine cannot record any more: ${this.failure}. ${then}`;
    const id = `${ACCOUNT_NAME}/failed/${this.journal.meta.epoch}`;
    this.options.onAlert({ id, code: "account-failed", severity: "critical", text, facts: {} });
  }
}

const DELIVERED: ReadonlySet<string> = new Set(["grant", "bot-breaker", "bot-command", "flow"]);
const isForOthers = (effect: Effect): effect is AccountEffect => DELIVERED.has(effect.kind);

function openJournal(options: AccountHostOptions): HeldJournal {
  const { folder, store = new SqliteStore(folder), sync, host, pid, machine, reserveBytes } = options;
  const holder = { host, pid, sinceMs: machine.nowMs() };
  const room = reserveBytes === undefined ? {} : { reserveBytes };
  return store.openAccountJournal({
    bot: ACCOUNT_NAME,
    tag: ACCOUNT_TAG,
    sync,
    holder,
    warn: options.onWarning,
    ...room,
  });
}
