// What this thread knows of a bot that runs in a thread of its own (OPS-17): its state, stepped again from every turn
// that is on the disk, by the same pure engine. What is asked of it is told the thread. It decides nothing.

import { assert } from "../../../base/assert.ts";
import type { Clock } from "../../../base/clock.ts";
import type { BotState } from "../../../engine/state.ts";
import type { Command } from "../../../trading/command.ts";
import type { Commander, CommandResult } from "../../command-desk.ts";
import type { Engine, HostEvent } from "../../context.ts";
import type { TurnDone } from "../../loop.ts";
import type { ExchangeRead } from "../../reconciler.ts";
import type { RecoveryProgress } from "../../recovery.ts";
import type { HostView, Recording } from "../run.ts";
import type { Figures, ToThread, TurnTold } from "./messages.ts";

export interface MirrorParts {
  readonly engine: Engine;
  /** The thread's state after its replay, as the engine writes it. */
  readonly state: string;
  readonly figures: Figures;
  readonly symbol: string;
  readonly clock: Clock;
  readonly machine: Clock;
  readonly send: (message: ToThread) => void;
}

const ENDED = "the bot stopped before the command was taken";

export class Mirror implements HostView {
  readonly clock: Clock;
  readonly machine: Clock;
  readonly symbol: string;
  readonly state: BotState;
  /** The newest the thread told. */
  figures: Figures;
  private readonly engine: Engine;
  private readonly send: (message: ToThread) => void;
  private readonly observers = new Set<(turn: TurnDone) => void>();
  private readonly readers = new Set<(read: ExchangeRead) => void>();
  private readonly asked = new Map<number, (result: CommandResult) => void>();
  private lastId = 0;
  private closed = false;

  constructor({ engine, state, figures, symbol, clock, machine, send }: MirrorParts) {
    this.engine = engine;
    this.state = engine.decode(state);
    this.figures = figures;
    this.symbol = symbol;
    this.clock = clock;
    this.machine = machine;
    this.send = send;
  }

  get waiting(): number {
    return this.figures.waiting;
  }

  get recovered(): boolean {
    return this.state.phase === "running";
  }

  get recoveryProgress(): RecoveryProgress {
    return this.figures.progress;
  }

  get recording(): Recording {
    return this.figures.recording;
  }

  offer(event: HostEvent): void {
    if (!this.closed) this.send({ kind: "offer", event });
  }

  command(command: Command, who: Commander, done: (result: CommandResult) => void): void {
    if (this.closed) {
      done({ ok: false, text: "the bot has stopped" });
      return;
    }
    this.lastId += 1;
    this.asked.set(this.lastId, done);
    this.send({ kind: "command", id: this.lastId, command, who });
  }

  requestStop(by: string): void {
    if (!this.closed) this.send({ kind: "stop", by });
  }

  reconcile(): void {
    if (!this.closed) this.send({ kind: "reconcile" });
  }

  /** The thread has a connection of its own, and hears of it by that. */
  connectorLost(): void {
    return;
  }

  connectorBack(): void {
    return;
  }

  observe(observer: (turn: TurnDone) => void): () => void {
    this.observers.add(observer);
    return () => {
      this.observers.delete(observer);
    };
  }

  onRead(listener: (read: ExchangeRead) => void): () => void {
    this.readers.add(listener);
    return () => {
      this.readers.delete(listener);
    };
  }

  /** Steps a turn the thread has recorded. Throws where the two do not agree on its number. */
  took({ tookMs, ...turn }: TurnTold): void {
    assert(turn.firstSeq === this.state.seq + 1, "the turns of a thread come in their order");
    for (const event of turn.events) this.engine.step(this.state, event);
    const done: TurnDone = { ...turn, takenAtMs: this.clock.monotonicMs() - tookMs };
    for (const observer of this.observers) observer(done);
  }

  read(read: ExchangeRead): void {
    for (const listener of this.readers) listener(read);
  }

  told(id: number, result: CommandResult): void {
    const done = this.asked.get(id);
    this.asked.delete(id);
    done?.(result);
  }

  /** Nobody is there any more: what was asked and not answered is refused. */
  close(): void {
    this.closed = true;
    const asked = [...this.asked.values()];
    this.asked.clear();
    for (const done of asked) done({ ok: false, text: ENDED });
  }
}
