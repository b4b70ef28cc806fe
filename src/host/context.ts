// What the parts of a host share: the engine as a value, where events go in, and how people are told. No logic.

import type { Clock } from "../base/clock.ts";
import type { BotState, Identity } from "../engine/state.ts";
import type { ExchangePort, Unstamped } from "../exchange/port.ts";
import type { AlertSeverity, Effect } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import type { Posting } from "../trading/ledger.ts";

/** An event before the host stamps engine time on it. */
export type HostEvent = Unstamped<EngineEvent>;

/** What one step wants done and what it books. */
export interface Stepped {
  readonly effects: readonly Effect[];
  readonly postings: readonly Posting[];
}

/** What the loop and the journal need to know of any machine's state: a bot's, or the account machine's (DUR-01). */
export interface MachineState {
  readonly version: number;
  readonly seq: number;
  readonly nowMs: number;
  /** Armed timers by name. */
  readonly timers: ReadonlyMap<string, number>;
  /** Whose fills it books; absent where it books none. */
  readonly instrument?: { readonly exchange: string } | null;
}

/** A pure machine, as the host drives it. `step` changes `state` in place and counts `state.seq` up by one. */
export interface Engine<S extends MachineState = BotState> {
  /** Version of its state; a bot's when absent. */
  readonly stateVersion?: number;
  /** Oldest version `decode` reads; its own alone when absent. */
  readonly stateVersionMin?: number;
  initial(identity: Identity): S;
  step(state: S, event: EngineEvent): Stepped;
  encode(state: S): string;
  decode(text: string): S;
}

/** Something a person should read. `id` lets channels drop a second copy (alerts are delivered at least once). */
export interface HostAlert {
  readonly id: string;
  readonly code: string;
  readonly severity: AlertSeverity;
  readonly text: string;
  readonly facts: { readonly [name: string]: string | number | boolean | null };
}

/** An alert of the host itself: it gets its id where it is raised. */
export type OwnAlert = Omit<HostAlert, "id">;

/** What alerts of this code about these facts told is over. `text`: how, as a sentence without its full stop. */
export interface AlertOver {
  readonly code: string;
  readonly facts: HostAlert["facts"];
  readonly text: string;
}

/** What the parts of one host may do with it. */
export interface HostContext {
  /** The market's: what is said about the market is timed by it. */
  readonly clock: Clock;
  /** The machine's: how long this process waits for something is timed by it. */
  readonly machine: Clock;
  readonly port: ExchangePort;
  /** The live state: read only; `step` alone writes it. */
  readonly state: BotState;
  readonly symbol: string;
  /**
   * Records may be stamped so much later than the exchange's time, ms: reads of its fills begin so much earlier. 0 but
   * for a clock that was set back.
   */
  readonly stampedLateMs: number;
  /** Queues an event of the host's own; never refused while the host runs. */
  offer(event: HostEvent): void;
  alert(alert: OwnAlert): void;
}
