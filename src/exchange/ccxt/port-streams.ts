// What the port needs of the streams behind it.

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../observe/log.ts";
import type { ExchangePort, FundingResult, UpstreamHealth } from "../port.ts";
import type { PublicMarket } from "../public-market.ts";
import type { CcxtInstance } from "./ccxt-instance.ts";
import type { CcxtReads } from "./ccxt-reads.ts";
import type { ExchangeTable } from "./exchanges/exchange-table.ts";
import type { Instruments } from "./instruments.ts";
import { CcxtStreams } from "./streams/ccxt-streams.ts";
import type { StreamTimes } from "./streams/times.ts";

export interface PortStreams {
  subscribe: ExchangePort["subscribe"];
  watchPublic: PublicMarket["watch"];
  watchHealth(listener: (health: UpstreamHealth) => void): () => void;
  /** The exchange took an order: its private stream has to speak of it (EXCH-22). */
  acknowledged(order: { readonly symbol: string; readonly clientOrderId: string }): void;
  /** The keys changed: the private socket is replaced by one that logs in with the new ones (EXCH-52). */
  loginAgain(): void;
  /** What the account's streams say is not everything any more: they are stale until all was read again. */
  lost(text: string): void;
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
  /** Settled funding of an instrument. */
  readonly funding: (symbol: string, sinceMs: number) => Promise<FundingResult>;
  readonly times: Partial<StreamTimes>;
}

/** Opens no connection: the first subscription does. */
export function openStreams({ signed, funding, ...parts }: StreamParts): PortStreams {
  const perpetual = parts.table.market === "perpetual";
  return new CcxtStreams({ ...parts, keys: signed, ...(perpetual ? { funding } : {}) });
}
