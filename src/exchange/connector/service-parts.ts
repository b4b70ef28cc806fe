// What the calls of ExchangeService are made of, and the check all of them begin with.

import { chosenExchange } from "../../rpc/fields.ts";
import type { ExchangeServiceImplementation } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { ProcessInfo } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { AccountShares } from "./account-shares.ts";
import type { CancelDesk } from "./cancel-desk.ts";
import type { ConnectorCore } from "./core.ts";
import type { DeadMan } from "./dead-man.ts";
import type { MarketStreams } from "./market-streams.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { PublicReads } from "./public-reads.ts";
import type { Reads } from "./reads.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { TagOwners } from "./tag-owners.ts";

export interface ServiceParts {
  readonly core: ConnectorCore;
  readonly release: string;
  /** What orders are worth: `live`, `testnet`, `emulator`; "" where nobody said. */
  readonly environment: string;
  readonly process: () => ProcessInfo;
  readonly ratePpm: number;
  readonly orders: OrderDesk;
  readonly cancels: CancelDesk;
  readonly deadMan: DeadMan;
  /** The exchange's own dead-man timer stands behind the connector's. */
  readonly guarded: boolean;
  readonly reads: Reads;
  readonly publicReads: PublicReads;
  readonly markets: MarketStreams;
  readonly subscriptions: Subscriptions;
  readonly owners: TagOwners;
  readonly shares: AccountShares;
}

export type ExchangeHandlers = ExchangeServiceImplementation;

/** Some of the calls. */
export type Part<N extends keyof ExchangeHandlers> = Pick<ExchangeHandlers, N>;

/** Throws INVALID_ARGUMENT for an exchange that is not served (API-06). `at` names the message the field is in. */
export const checkExchange = ({ exchange }: ConnectorCore, request: { readonly exchange: string }, at = ""): void =>
  void chosenExchange(request.exchange, [exchange], `${at}exchange`);
