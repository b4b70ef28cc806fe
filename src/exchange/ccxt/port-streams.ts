// What the port needs of the streams behind it.

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../observe/log.ts";
import type { ExchangePort, UpstreamHealth } from "../port.ts";
import type { PublicMarket } from "../public-market.ts";
import type { CcxtInstance } from "./ccxt-instance.ts";
import type { CcxtReads } from "./ccxt-reads.ts";
import type { ExchangeTable } from "./exchanges/exchange-table.ts";
import type { Instruments } from "./instruments.ts";

export interface PortStreams {
  subscribe: ExchangePort["subscribe"];
  watchPublic: PublicMarket["watch"];
  watchHealth(listener: (health: UpstreamHealth) => void): () => void;
  close(): Promise<void>;
}

export interface StreamParts {
  readonly instance: CcxtInstance;
  readonly table: ExchangeTable;
  readonly reads: CcxtReads;
  readonly clock: Clock;
  readonly log: Log;
  readonly instruments: Instruments;
  /** With keys there are private streams. */
  readonly signed: boolean;
}

/** Until the streams stand, nothing is told. */
export function openStreams(_parts: StreamParts): PortStreams {
  return {
    subscribe: () => () => undefined,
    watchPublic: () => () => undefined,
    watchHealth: () => () => undefined,
    close: () => Promise.resolve(),
  };
}
