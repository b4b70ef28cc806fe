// The account as the connector knows it: read whole when asked for and it is not fresh, kept up by what the streams
// say. One read at a time, whoever asks.

import type { Instrument } from "../../market/instrument.ts";
import type { Account, Position } from "../../rpc/generated/opensqt/market_maker/v1/resources.ts";
import type { AccountEvent } from "../../trading/event.ts";
import type { AccountResult, Unstamped } from "../port.ts";
import { marginOf, wireAccount } from "../wire/account-view.ts";
import type { ConnectorCore } from "./core.ts";
import { answered } from "./upstream.ts";

type Told = Extract<AccountResult, { result: "ok" }>;

/** A read serves those who ask within this time after it, unless something happened since. */
const FRESH_MS = 250;

export class AccountDesk {
  private readonly core: ConnectorCore;
  private reading: Promise<Account> | null = null;
  private newest: Account | null = null;
  private readAtMs = Number.NEGATIVE_INFINITY;
  private changes = 0;
  private changesRead = -1;

  constructor(core: ConnectorCore) {
    this.core = core;
  }

  /** The account as it was last heard of; null before the first read. */
  get last(): Account | null {
    return this.newest;
  }

  /** Something happened that changes the account: the next question is a read. */
  touched(): void {
    this.changes += 1;
  }

  /** The account now. Throws UNAVAILABLE where the exchange does not answer. */
  read(): Promise<Account> {
    const { machine } = this.core;
    const fresh = this.changesRead === this.changes && machine.monotonicMs() - this.readAtMs < FRESH_MS;
    if (fresh && this.newest !== null) return Promise.resolve(this.newest);
    this.reading ??= this.readNow().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  /** Takes what a stream said about the money; null before anything is known of the rest. */
  told(event: Unstamped<AccountEvent>): Account | null {
    if (this.newest === null) return null;
    this.newest = { ...this.newest, ...marginOf(event), atMs: this.core.clock.nowMs() };
    return this.newest;
  }

  private async readNow(): Promise<Account> {
    const { upstream, instruments, exchange, clock, machine } = this.core;
    const { changes } = this;
    const told = await Promise.all(
      instruments.all.map(async (instrument): Promise<readonly [Instrument, Told]> => {
        return [instrument, answered(await upstream.account(instrument.symbol), exchange)];
      }),
    );
    this.newest = wireAccount(told, clock.nowMs());
    this.readAtMs = machine.monotonicMs();
    this.changesRead = changes;
    return this.newest;
  }
}

/** What a position is told by: the time it was read at changes nothing. */
export const positionKey = ({ symbol, size, entryPrice, liquidationPrice }: Position): string =>
  `${symbol} ${size?.value ?? ""} ${entryPrice?.value ?? ""} ${liquidationPrice?.value ?? ""}`;
