// Everything a host is given. Clock, port and journal are all that differ between backtest, paper and live.

import type { Clock } from "../base/clock.ts";
import type { Identity } from "../engine/state.ts";
import type { ExchangePort } from "../exchange/port.ts";
import type { Journal, Retention } from "../journal/port.ts";
import type { CandleInterval } from "../trading/event.ts";
import type { AlertOver, Engine, HostAlert } from "./context.ts";
import type { HostEnd } from "./host-error.ts";
import type { FailedHalf } from "./loop.ts";
import type { Configuration, RecoveryProgress, StartConditions } from "./recovery.ts";
import type { SnapshotCadence } from "./snapshots.ts";

export interface HostOptions {
  readonly identity: Identity;
  readonly symbol: string;
  readonly engine: Engine;
  readonly clock: Clock;
  /** The machine's own, where the market's runs at another speed: it times commits and the deadlines of a stop. */
  readonly machine?: Clock;
  readonly port: ExchangePort;
  /** Open, with its epoch raised; null where nothing is recorded (backtests). */
  readonly journal: Journal | null;
  readonly configuration: Configuration;
  readonly conditions: StartConditions;
  readonly subscription: { readonly candleInterval: CandleInterval | null; readonly bookIntervalMs: number };
  /** `scheduled`: turns run by themselves on the clock; `driven`: the driver calls `drain`. */
  readonly turns: "scheduled" | "driven";
  readonly host: string;
  readonly release: string;
  readonly coreHash: string;
  readonly onAlert: (alert: HostAlert) => void;
  /** What the host itself alerted of is over (OPS-28). Ends of what the engine alerted of follow from its events. */
  readonly onOver?: (over: AlertOver) => void;
  readonly onProgress?: (progress: RecoveryProgress) => void;
  /** Records of the journal that were replayed, of so many; called before the host is there. */
  readonly onReplay?: (done: number, total: number) => void;
  readonly onWarning?: (text: string) => void;
  /** The host is done; called once. */
  readonly onEnd: (end: HostEnd) => void;
  readonly mailboxCapacity?: number;
  /** One step of the engine took so many milliseconds of the machine (OPS-16). */
  readonly onStepped?: (ms: number) => void;
  /** A turn's records were on the disk after so many milliseconds. */
  readonly onCommitted?: (ms: number) => void;
  /** The journal did not take that half of a turn. */
  readonly onJournalFailed?: (half: Exclude<FailedHalf, "step">) => void;
  readonly snapshots?: SnapshotCadence;
  /** How long the journal keeps every record (DUR-28); for ever when absent. */
  readonly retention?: Retention;
  /** Frees room on a full disk, so that the stop can be recorded; true when there is room now (DUR-61). */
  readonly freeReserve?: () => boolean;
}
