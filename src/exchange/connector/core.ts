// What every part of a connector shares.

import type { Clock } from "../../base/clock.ts";
import type { Fence } from "./fence.ts";
import type { Instruments } from "./instruments.ts";
import type { ConnectorLog, ConnectorMetrics } from "./observer.ts";
import type { OrderMemory } from "./order-memory.ts";
import type { Upstream } from "./upstream.ts";

export interface ConnectorCore {
  /** Name of the exchange, as instruments carry it. */
  readonly exchange: string;
  readonly upstream: Upstream;
  /** The exchange's time. */
  readonly clock: Clock;
  /** The machine's, which nobody sets: silences and memories are measured by it. */
  readonly machine: Clock;
  /** Unix ms of the machine, for people. */
  readonly unixMs: () => number;
  readonly instruments: Instruments;
  readonly orders: OrderMemory;
  readonly fence: Fence;
  readonly log: ConnectorLog;
  readonly metrics: ConnectorMetrics;
}
