// When a snapshot is taken (DUR-19): between turns, after so many events or so long, and at a clean stop. The mark of
// the same state goes before it (DUR-14).

import { sha256 } from "../base/canonical.ts";
import type { Clock } from "../base/clock.ts";
import type { BotState } from "../engine/state.ts";
import type { Journal } from "../journal/port.ts";
import type { Engine, MachineState } from "./context.ts";
import type { TurnLoop } from "./loop.ts";

export interface SnapshotCadence {
  readonly events: number;
  readonly ms: number;
}

export const SNAPSHOT_CADENCE: SnapshotCadence = { events: 10_000, ms: 300_000 };

export class Snapshots<S extends MachineState = BotState> {
  private readonly journal: Journal;
  private readonly engine: Engine<S>;
  private readonly state: S;
  private readonly clock: Clock;
  private readonly cadence: SnapshotCadence;
  private seq: number;
  private atMs: number;
  private taken = false;

  constructor(
    journal: Journal,
    parts: {
      readonly engine: Engine<S>;
      readonly state: S;
      readonly clock: Clock;
      readonly cadence: SnapshotCadence;
    },
  ) {
    this.journal = journal;
    this.engine = parts.engine;
    this.state = parts.state;
    this.clock = parts.clock;
    this.cadence = parts.cadence;
    this.seq = journal.snapshots()[0]?.seq ?? 0;
    this.atMs = parts.clock.monotonicMs();
  }

  /** True when one is due. */
  get due(): boolean {
    const events = this.state.seq - this.seq;
    return events >= this.cadence.events || (events > 0 && this.clock.monotonicMs() - this.atMs >= this.cadence.ms);
  }

  /** Event of the newest one (0: none), and its age by the clock; null when this run has taken none. */
  get newest(): { readonly seq: number; readonly ageMs: number | null } {
    return { seq: this.seq, ageMs: this.taken ? Math.round(this.clock.monotonicMs() - this.atMs) : null };
  }

  /** Takes one now; only between turns. Errors: those of the journal. */
  take(loop: Pick<TurnLoop, "marked">): void {
    const { journal, state } = this;
    const text = this.engine.encode(state);
    const stateHash = sha256(text);
    const mark = { seq: state.seq, atMs: state.nowMs, stateHash };
    journal.appendEffects({ effects: [], postings: [], mark, sends: false });
    loop.marked(state.seq);
    const { position, seq, chainHash } = journal;
    journal.writeSnapshot({ version: state.version, position, seq, chainHash, stateHash, state: text });
    this.seq = state.seq;
    this.atMs = this.clock.monotonicMs();
    this.taken = true;
  }
}
