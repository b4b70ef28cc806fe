// What a checker is: it sees the exchange's record and the journal as they grow and says what is wrong. It keeps
// what it needs; after the journal lost its end (a power cut) it starts its journal half anew.

import type { HostAlert } from "../../../src/host/context.ts";
import type { JournalRecord } from "../../../src/journal/port.ts";
import type { RecordEntry } from "../../../src/sim/record.ts";
import type { Effect } from "../../../src/trading/effect.ts";
import type { EngineEvent } from "../../../src/trading/event.ts";
import type { JournalSide, Tape } from "../evidence.ts";
import type { Sent } from "../process-port.ts";

/** Both sides, and where to say that something is wrong. */
export interface Evidence {
  readonly tape: Tape;
  readonly journal: JournalSide;
  /** Position up to which a power cut would leave the journal; the newest record where a kill is the worst. */
  readonly durablePosition: () => number;
  readonly report: (checker: string, text: string) => void;
  /** True time, ms. */
  readonly nowMs: () => number;
  /** Until when something that was done to machine, network or exchange may still be felt, ms. */
  readonly disturbedUntilMs: () => number;
  /** The scenario has no faults at all. */
  readonly faultless: boolean;
}

/** A look while the bot's process is alive. */
export interface Moment {
  readonly nowMs: number;
  /** Since when it has run without a freeze and could send; later than now when it does not. */
  readonly ableSinceMs: number;
}

/** What is known at the end, after the healing. */
export interface Ending {
  /** Position the exchange shows for the account, hand trades included. */
  readonly exchangePosition: number;
  /** Change of the account's quote balance since the beginning, 10^−18. */
  readonly cashChange: bigint;
  /** Part of it that hand trades caused. */
  readonly cashByHand: bigint;
  /** Why the bot may stand still, or null when it should be quoting. */
  readonly latched: string | null;
  /** Whole journal checked: chain, and replay by the production code. */
  verify(): string | null;
}

/** Sizes that must stay bounded, sampled as the run goes. */
export interface Sizes {
  readonly mailbox: number;
  readonly inFlight: number;
  readonly armedWakes: number;
  readonly subscriptions: number;
  readonly sessions: number;
}

export interface Checker {
  readonly name: string;
  onTape?(entry: RecordEntry): void;
  onEvent?(record: JournalRecord, event: EngineEvent): void;
  onEffect?(record: JournalRecord, effect: Effect): void;
  onSent?(sent: Sent, epoch: number): void;
  /** An alert was told by the process of this number. */
  onAlert?(alert: HostAlert, process: number): void;
  onMoment?(moment: Moment): void;
  /** The bot's process is gone. */
  onGone?(): void;
  onCut?(): void;
  onSizes?(sizes: Sizes): void;
  atEnd?(ending: Ending): void;
}
