// What the thread of a bot and the process's own thread tell each other (OPS-17). Plain data: it is copied on its way.
// Types only.

import type { BotRecord } from "../../../journal/registry.ts";
import type { ClientTlsFiles } from "../../../rpc/tls.ts";
import type { Command } from "../../../trading/command.ts";
import type { Commander, CommandResult } from "../../command-desk.ts";
import type { AlertOver, HostAlert, HostEvent } from "../../context.ts";
import type { HostEnd } from "../../host-error.ts";
import type { TurnDone } from "../../loop.ts";
import type { ExchangeRead } from "../../reconciler.ts";
import type { RecoveryProgress } from "../../recovery.ts";
import type { BoundBot } from "../binder.ts";
import type { FleetOptions } from "../fleet-options.ts";
import type { Recording } from "../run.ts";

/** How a thread reaches the connector: it has a connection of its own. */
export interface ConnectorTo {
  readonly address: string;
  readonly tls: ClientTlsFiles | null;
  readonly key: string | null;
}

/** Options of the fleet that a run needs and that can be copied. */
export type CopiedOptions = Pick<
  FleetOptions,
  | "folder"
  | "sync"
  | "bookIntervalMs"
  | "host"
  | "pid"
  | "release"
  | "coreHash"
  | "deadManMs"
  | "bounds"
  | "mailboxCapacity"
  | "snapshots"
  | "retention"
  | "reserveBytes"
>;

/** What a thread begins with. */
export interface ThreadStart {
  readonly options: CopiedOptions;
  readonly bound: BoundBot;
  readonly record: BotRecord;
  readonly connector: ConnectorTo;
  /** Signs of life (pulse.ts). */
  readonly pulse: SharedArrayBuffer;
  /** A module whose `engine` steps the bot; null: the production engine. */
  readonly engineModule: string | null;
}

/** Figures of a host that are no part of its state. */
export interface Figures {
  readonly waiting: number;
  readonly progress: RecoveryProgress;
  readonly recording: Recording;
  readonly bytesWritten: number;
}

/** What steps and commits took, ms. */
export interface Taken {
  readonly steps: readonly number[];
  readonly commits: readonly number[];
}

/** A turn that is on the disk; `tookMs`: from the taking of its events until now, by the exchange's clock. */
export type TurnTold = Omit<TurnDone, "takenAtMs"> & { readonly tookMs: number };

/** How a run ended; `thrownSeq`: the event a step threw at, 0 where none did. */
export interface EndTold {
  readonly end: Omit<HostEnd, "error">;
  readonly thrownSeq: number;
}

export type FromThread =
  /** The journal is open and replayed: the state as the engine writes it. */
  | { readonly kind: "opened"; readonly state: string; readonly figures: Figures }
  /** Why it cannot begin yet; empty: it can. */
  | { readonly kind: "waiting"; readonly text: string }
  | { readonly kind: "turn"; readonly turn: TurnTold; readonly taken: Taken; readonly figures: Figures }
  | { readonly kind: "figures"; readonly figures: Figures; readonly changed: boolean }
  | { readonly kind: "read"; readonly read: ExchangeRead }
  | { readonly kind: "told"; readonly id: number; readonly result: CommandResult }
  | { readonly kind: "alert"; readonly alert: HostAlert }
  | { readonly kind: "over"; readonly over: AlertOver }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "recovered"; readonly tookMs: number }
  | { readonly kind: "journal-failed"; readonly half: "events" | "effects" }
  | { readonly kind: "ended"; readonly ended: EndTold }
  /** Everything was given back. */
  | { readonly kind: "left" };

export type ToThread =
  /** Recovery begins; `record`: as the registry has the bot now. */
  | { readonly kind: "start"; readonly record: BotRecord }
  | { readonly kind: "command"; readonly id: number; readonly command: Command; readonly who: Commander }
  | { readonly kind: "offer"; readonly event: HostEvent }
  | { readonly kind: "stop"; readonly by: string }
  | { readonly kind: "reconcile" }
  | { readonly kind: "key"; readonly key: string | null };
