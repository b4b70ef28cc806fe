// One run of one bot as the rest of the process sees it, wherever it happens: in this thread (bot-run.ts), or in one of
// its own (worker/thread-run.ts). Types only.

import type { Clock } from "../../base/clock.ts";
import type { BotState } from "../../engine/state.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Command } from "../../trading/command.ts";
import type { Commander, CommandResult } from "../command-desk.ts";
import type { HostEvent } from "../context.ts";
import type { TurnDone } from "../loop.ts";
import type { ExchangeRead } from "../reconciler.ts";
import type { RecoveryProgress } from "../recovery.ts";

/** How a journal fares: 99 of 100 commits within so many µs; the newest snapshot, null before one is known of. */
export interface Recording {
  readonly commitP99Us: number;
  readonly snapshot: { readonly seq: number; readonly ageMs: number | null } | null;
}

/** A bot's host while its run is live. What it tells is on the disk. */
export interface HostView {
  readonly clock: Clock;
  readonly machine: Clock;
  readonly symbol: string;
  /** Read only. */
  readonly state: BotState;
  /** Events that wait for it. */
  readonly waiting: number;
  /** True once `recovered` was stepped. */
  readonly recovered: boolean;
  readonly recoveryProgress: RecoveryProgress;
  readonly recording: Recording;
  offer(event: HostEvent): void;
  /** Journals an operator's command; `done` hears what came of it, after it is on the disk. */
  command(command: Command, who: Commander, done: (result: CommandResult) => void): void;
  /** A second call ends at once (DUR-59). */
  requestStop(by: string): void;
  /** Reads the exchange whole, now. */
  reconcile(): void;
  connectorLost(text: string): void;
  connectorBack(): void;
  /** Calls `observer` after every turn that is on the disk (DUR-11). Returns what ends it. */
  observe(observer: (turn: TurnDone) => void): () => void;
  /** Calls `listener` with every complete read of the exchange. Returns what ends it. */
  onRead(listener: (read: ExchangeRead) => void): () => void;
}

/** The journal of a live run, to be read. */
export interface RunJournal extends JournalReader {
  /** Of records, postings and snapshots this run has written, about (OPS-16). */
  readonly bytesWritten: number;
}

export interface Run {
  readonly host: HostView;
  readonly journal: RunJournal;
  /** Resolves when what an ended run still had to say has been said, and nothing of it is left. */
  readonly left: Promise<void>;
  /** Begins recovery. */
  start(): void;
  /** Does something with the host; what it throws ends this run alone. */
  with(work: (host: HostView) => void): void;
  /** Ends a run that was never started: nothing of it is left when this resolves. */
  discard(): Promise<void>;
}
