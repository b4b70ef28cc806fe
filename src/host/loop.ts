// One turn of the loop (durability.md section 3): take what waits → A: record the events → step each → B: record what
// they caused → hand over. Synchronous from A to hand-over, and nothing of a turn is seen by anyone before B is on the
// disk.

import { sha256 } from "../base/canonical.ts";
import type { Clock } from "../base/clock.ts";
import { crashPoint } from "../base/crash-point.ts";
import type { BotState } from "../engine/state.ts";
import type { ConfigText, EffectToAppend, Journal, PostingToAppend } from "../journal/port.ts";
import type { EffectKind } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import type { Engine, HostEvent, MachineState } from "./context.ts";
import { Mailbox, type Offered } from "./mailbox.ts";

/** Events in one turn at most. */
export const TURN_EVENTS_MAX = 256;
/** A mark with the state hash at least this often (DUR-14). */
export const MARK_EVENTS = 1_000;
/** Shares of the mailbox's capacity at which opening risk pauses and goes on again (DUR-08). */
const OVERLOAD_PERCENT = 80;
const RELIEF_PERCENT = 50;

/** A turn that is on the disk: what the executor acts on and what screens may see (DUR-11). */
export interface TurnDone {
  readonly firstSeq: number;
  readonly events: readonly EngineEvent[];
  readonly effects: readonly EffectToAppend[];
  readonly postings: readonly PostingToAppend[];
  /** Monotonic time at which its events were taken: sends are late when measured from here (DUR-38). */
  readonly takenAtMs: number;
}

/** Which half of a turn failed; after `step` and `effects` memory is ahead of the disk and must not be used again. */
export type FailedHalf = "events" | "step" | "effects";

export interface LoopOptions<S extends MachineState = BotState> {
  readonly engine: Engine<S>;
  readonly state: S;
  /** Null where nothing is recorded (backtests): then a turn costs next to nothing. */
  readonly journal: Journal | null;
  readonly clock: Clock;
  /** `scheduled`: a turn runs by itself on the clock. `driven`: the driver calls {@link TurnLoop.drain}. */
  readonly turns: "scheduled" | "driven";
  readonly mailboxCapacity?: number;
  readonly onDone: (turn: TurnDone) => void;
  readonly onFailed: (error: unknown, half: FailedHalf) => void;
  /** A timer event was dropped because the engine armed that timer anew, or not any more, while it waited. */
  readonly onTimerDropped: (name: string) => void;
  readonly configText: (hash: string) => string | null;
  /** A turn's records are on the disk; it took so many milliseconds (DUR-61). */
  readonly onCommitted?: (ms: number) => void;
  /** One step took so many milliseconds (OPS-16); not measured when absent. */
  readonly onStepped?: (ms: number) => void;
  /** What it is measured by; the clock's monotonic time when absent. */
  readonly machineMs?: () => number;
}

/** Effects others act on: what they were told must still be on the disk after a power cut (DUR section 4). */
const LEAVING: ReadonlySet<EffectKind> = new Set(["place", "grant", "bot-breaker", "bot-command"]);

const NO_EFFECTS: readonly EffectToAppend[] = [];
const NO_POSTINGS: readonly PostingToAppend[] = [];

export class TurnLoop<S extends MachineState = BotState> {
  readonly mailbox: Mailbox;
  private readonly options: LoopOptions<S>;
  private scheduled = false;
  private running = false;
  private stopped = false;
  private overloaded = false;
  private markedSeq: number;

  constructor(options: LoopOptions<S>) {
    this.options = options;
    this.mailbox = new Mailbox(options.mailboxCapacity);
    this.markedSeq = options.state.seq;
  }

  /** Queues an event and sees to it that a turn comes. `full` only for events that are not the host's own. */
  offer(event: HostEvent, own: boolean): Offered {
    if (this.stopped) return "full";
    const offered = this.mailbox.offer(event, own);
    if (!this.overloaded && this.mailbox.pressure * 100 >= this.mailbox.capacity * OVERLOAD_PERCENT) this.overload();
    if (!this.scheduled) this.schedule();
    return offered;
  }

  /** Runs turns until nothing waits. */
  drain(): void {
    while (this.turn());
  }

  /** No turn begins after this; what waits is forgotten with the process, the exchange still knows it. */
  stop(): void {
    this.stopped = true;
  }

  /** Goes on after half A of a turn failed and there is room again: nothing had happened (DUR-10). */
  resume(): void {
    this.stopped = false;
  }

  /** A mark was written by someone else (with a snapshot), so the next one is due later. */
  marked(seq: number): void {
    this.markedSeq = seq;
  }

  /** One turn. False when there was nothing to do. */
  turn(): boolean {
    if (this.stopped || this.running || this.mailbox.size === 0) return false;
    this.running = true;
    try {
      this.runTurn();
    } finally {
      this.running = false;
    }
    return true;
  }

  private runTurn(): void {
    const { state, clock, journal } = this.options;
    const takenAtMs = clock.monotonicMs();
    const beganMs = this.machineMs();
    const now = clock.nowMs();
    const taken = this.mailbox.take(TURN_EVENTS_MAX, now > state.nowMs ? now : state.nowMs);
    if (taken[0]?.kind === "timer") this.dropTimerNotDue(taken);
    const events = journal === null ? taken : this.atTheDoor(taken, journal);
    if (events.length > 0) {
      const firstSeq = state.seq + 1;
      if (journal !== null && !this.recordEvents(journal, firstSeq, events)) return;
      const done = this.stepEach(firstSeq, events, takenAtMs);
      if (done === null || (journal !== null && !this.recordEffects(journal, done))) return;
      if (journal !== null) this.options.onCommitted?.(this.machineMs() - beganMs);
      this.options.onDone(done);
    }
    if (this.overloaded && this.mailbox.pressure * 100 <= this.mailbox.capacity * RELIEF_PERCENT) this.relieve();
  }

  private machineMs(): number {
    return this.options.machineMs?.() ?? this.options.clock.monotonicMs();
  }

  /** Half A. When it fails nothing has happened: memory is as it was and the events wait on (DUR-10). */
  private recordEvents(journal: Journal, firstSeq: number, events: readonly EngineEvent[]): boolean {
    crashPoint("turn.before-events-commit");
    try {
      journal.appendEvents(firstSeq, events, this.configTexts(events));
    } catch (error) {
      this.mailbox.putBack(events);
      this.fail(error, "events");
      return false;
    }
    crashPoint("turn.after-events-commit");
    return true;
  }

  private stepEach(firstSeq: number, events: readonly EngineEvent[], takenAtMs: number): TurnDone | null {
    const { engine, state, onStepped } = this.options;
    let fromMs = onStepped === undefined ? 0 : this.machineMs();
    let effects: EffectToAppend[] | null = null;
    let postings: PostingToAppend[] | null = null;
    try {
      for (const event of events) {
        const stepped = engine.step(state, event);
        if (onStepped !== undefined) {
          const toMs = this.machineMs();
          onStepped(toMs - fromMs);
          fromMs = toMs;
        }
        if (stepped.effects.length > 0) {
          effects ??= [];
          for (const [index, effect] of stepped.effects.entries()) {
            effects.push({ seq: state.seq, index, atMs: event.atMs, effect });
          }
        }
        if (stepped.postings.length > 0) {
          postings ??= [];
          for (const posting of stepped.postings) postings.push({ seq: state.seq, posting });
        }
      }
    } catch (error) {
      this.fail(error, "step");
      return null;
    }
    crashPoint("turn.after-step");
    return { firstSeq, events, effects: effects ?? NO_EFFECTS, postings: postings ?? NO_POSTINGS, takenAtMs };
  }

  /** Half B. When it fails nothing is sent and the bot stops; recovery computes the same effects again (DUR-10). */
  private recordEffects(journal: Journal, done: TurnDone): boolean {
    const { state, engine } = this.options;
    const due = state.seq - this.markedSeq >= MARK_EVENTS;
    crashPoint("turn.before-effects-commit");
    try {
      journal.appendEffects({
        effects: done.effects,
        postings: done.postings,
        mark: due ? { seq: state.seq, atMs: state.nowMs, stateHash: sha256(engine.encode(state)) } : null,
        sends: done.effects.some(({ effect }) => LEAVING.has(effect.kind)),
      });
    } catch (error) {
      this.fail(error, "effects");
      return false;
    }
    if (due) this.markedSeq = state.seq;
    crashPoint("turn.after-effects-commit");
    crashPoint("turn.after-sync");
    if (done.events.some(isConfiguring)) crashPoint("config.after-commit");
    return true;
  }

  /** DUR-06: a fill that is booked, or that stands in this turn already, does not come in a second time. */
  private atTheDoor(events: EngineEvent[], journal: Journal): readonly EngineEvent[] {
    if (!events.some((event) => event.kind === "fill")) return events;
    const exchange = this.options.state.instrument?.exchange ?? "";
    const seen = new Set<string>();
    return events.filter((event) => {
      if (event.kind !== "fill") return true;
      crashPoint("stream.fill-received");
      const identity = `${event.symbol}|${event.tradeId}|${event.side}`;
      if (seen.has(identity) || journal.hasFill(exchange, event.symbol, event.tradeId, event.side)) return false;
      seen.add(identity);
      return true;
    });
  }

  /** A timer comes first in a turn and only while it is armed for now or earlier. */
  private dropTimerNotDue(taken: EngineEvent[]): void {
    const [first] = taken;
    if (first?.kind !== "timer") return;
    const armedForMs = this.options.state.timers.get(first.name);
    if (armedForMs !== undefined && armedForMs <= first.atMs) return;
    taken.shift();
    this.options.onTimerDropped(first.name);
  }

  private configTexts(events: readonly EngineEvent[]): readonly ConfigText[] {
    const texts: ConfigText[] = [];
    for (const event of events) {
      if (event.kind !== "configured") continue;
      const text = this.options.configText(event.hash);
      if (text !== null) texts.push({ hash: event.hash, text });
    }
    return texts;
  }

  private overload(): void {
    this.overloaded = true;
    const text = `${this.mailbox.pressure} of ${this.mailbox.capacity} events wait: opening risk pauses until it is half`;
    this.mailbox.offer({ kind: "host-condition", condition: "overload", active: true, text }, true);
  }

  private relieve(): void {
    this.overloaded = false;
    this.offer({ kind: "host-condition", condition: "overload", active: false, text: "events flow again" }, true);
  }

  private schedule(): void {
    if (this.options.turns === "driven") return;
    this.scheduled = true;
    const { clock } = this.options;
    clock.at(clock.nowMs(), () => {
      this.scheduled = false;
      this.turn();
      if (!this.stopped && !this.scheduled && this.mailbox.size > 0) this.schedule();
    });
  }

  private fail(error: unknown, half: FailedHalf): void {
    this.stopped = true;
    this.options.onFailed(error, half);
  }
}

/** Another configuration is in force after it. */
const isConfiguring = (event: EngineEvent): boolean =>
  event.kind === "configured" ||
  (event.kind === "command" && (event.command.name === "update" || event.command.name === "relattice"));
