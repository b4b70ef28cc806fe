// The account as the connector knows it: read whole when asked for, kept up by what streams say. One read at a time,
// and nobody is answered by one that began before the question: who compares the position with fills that were read
// a moment ago would find a difference that is none.

import type { Instrument } from "../../market/instrument.ts";
import type { Account, Position } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import type { AccountEvent } from "../../trading/event.ts";
import type { AccountResult, Unstamped } from "../port.ts";
import { marginOf, wireAccount } from "../wire/account-view.ts";
import type { ConnectorCore } from "./core.ts";
import { answered } from "./upstream.ts";

type Told = Extract<AccountResult, { result: "ok" }>;

export class AccountDesk {
  private readonly core: ConnectorCore;
  private reading: Promise<Account> | null = null;
  /** Begins when `reading` is over, for all who asked meanwhile. */
  private next: Promise<Account> | null = null;
  private newest: Account | null = null;

  constructor(core: ConnectorCore) {
    this.core = core;
  }

  /** The account as it was last heard of; null before the first read. */
  get last(): Account | null {
    return this.newest;
  }

  /** The account as it is after the question. Throws UNAVAILABLE where the exchange does not answer. */
  read(): Promise<Account> {
    // one that waits for its turn has not begun, and is not begun twice in the instant before it does
    if (this.next !== null) return this.next;
    if (this.reading === null) return this.begin();
    this.next = this.reading.then(
      () => this.begin(),
      () => this.begin(),
    );
    return this.next;
  }

  private begin(): Promise<Account> {
    this.next = null;
    const reading = this.readNow().finally(() => {
      if (this.reading === reading) this.reading = null;
    });
    this.reading = reading;
    return reading;
  }

  /** Takes what a stream said about the money; null before anything is known of the rest. */
  told(event: Unstamped<AccountEvent>): Account | null {
    if (this.newest === null) return null;
    this.newest = { ...this.newest, ...marginOf(event), atMs: this.core.clock.nowMs() };
    return this.newest;
  }

  private async readNow(): Promise<Account> {
    const { upstream, instruments, exchange, clock } = this.core;
    const told = await Promise.all(
      instruments.all.map(async (instrument): Promise<readonly [Instrument, Told]> => {
        return [instrument, answered(await upstream.account(instrument.symbol), exchange)];
      }),
    );
    this.newest = wireAccount(told, clock.nowMs());
    return this.newest;
  }
}

/** What a position is told by: the time it was read at changes nothing. */
export const positionKey = ({ symbol, size, entryPrice, liquidationPrice }: Position): string =>
  `${symbol} ${size?.value ?? ""} ${entryPrice?.value ?? ""} ${liquidationPrice?.value ?? ""}`;
