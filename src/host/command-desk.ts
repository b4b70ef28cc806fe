// Operator commands on their way through the journal: each is one event with who and why, and its sender hears what
// came of it when that is on the disk.

import type { Command } from "../trading/command.ts";
import type { AdoptionCheck } from "./adoption.ts";
import type { HostContext } from "./context.ts";
import type { TurnDone } from "./loop.ts";

/** Who told the bot so, and by which call (API-10, API-11). */
export interface Commander {
  readonly by: string;
  readonly reason: string;
  readonly requestId?: string;
}

/** `notes`: what the engine said about it, as texts of its alerts; `codes`: the codes of the same. */
export type CommandResult =
  | { readonly ok: true; readonly seq: number; readonly notes: readonly string[]; readonly codes: readonly string[] }
  | { readonly ok: false; readonly text: string };

type Told = (result: CommandResult) => void;

/** Commands waiting at one time. */
const WAITING_MAX = 100;

export class CommandDesk {
  private readonly context: HostContext;
  private readonly adoption: AdoptionCheck;
  private waiting: Told[] = [];
  /** Senders of what the exchange is asked about first; commands given later may be taken before theirs. */
  private readonly asking = new Set<Told>();
  private closed = false;

  constructor(context: HostContext, adoption: AdoptionCheck) {
    this.context = context;
    this.adoption = adoption;
  }

  take(command: Command, who: Commander, done: Told): void {
    if (this.closed) done({ ok: false, text: "the bot has stopped" });
    else if (this.waiting.length + this.asking.size >= WAITING_MAX)
      done({ ok: false, text: "too many commands wait already; try again" });
    else if (command.name === "adopt") {
      const told: Told = (result) => done(result); // one sender may ask twice
      this.asking.add(told);
      this.adoption.ask(command.lots, (problem) => {
        if (!this.asking.delete(told)) return;
        if (problem === null) this.offer(command, who, told);
        else told({ ok: false, text: problem });
      });
    } else this.offer(command, who, done);
  }

  private offer(command: Command, who: Commander, done: Told): void {
    this.waiting.push(done);
    const { by, reason, requestId } = who;
    const call = requestId === undefined ? {} : { requestId };
    this.context.offer({ kind: "command", command, by, reason, ...call });
  }

  /** Commands leave the mailbox in the order they went in. */
  saw(turn: TurnDone): void {
    if (this.waiting.length === 0) return;
    for (const [i, event] of turn.events.entries()) {
      if (event.kind !== "command") continue;
      const seq = turn.firstSeq + i;
      const notes: string[] = [];
      const codes: string[] = [];
      for (const { seq: cause, effect } of turn.effects) {
        if (cause !== seq || effect.kind !== "alert") continue;
        notes.push(effect.text);
        codes.push(effect.code);
      }
      this.waiting.shift()?.({ ok: true, seq, notes, codes });
    }
  }

  close(): void {
    this.closed = true;
    const told = [...this.waiting, ...this.asking];
    this.waiting = [];
    this.asking.clear();
    for (const done of told) done({ ok: false, text: "the bot stopped before the command was taken" });
  }
}
