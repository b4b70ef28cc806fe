// What every protocol sees of the emulator: the simulated exchange on the emulator's clock, the accounts with their
// keys, the instruments as the exchange itself would describe them, and the faults that strike inside it.

import type { MilliTicks, Money } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { SimulatedExchange } from "../../sim/exchange.ts";
import type { OrderRequest } from "../../sim/order-rules.ts";
import type { MutationReply, SessionMessage } from "../../sim/session.ts";
import type { WatchMessage, WatchWish } from "../../sim/watchers.ts";
import type { ProtocolName, WireTraits } from "./protocol.ts";

/** Time of the emulator (EMU-04): wall, paced or moved by hand. Everything that expires, expires by it. */
export interface EmulatorClock {
  readonly mode: "wall" | "paced" | "manual";
  nowMs(): number;
  /** Calls once, at or after `atMs`; the function it gives takes that back. */
  at(atMs: number, act: () => void): () => void;
}

export interface EmulatedAccount {
  readonly name: string;
  apiKey: string;
  /** What requests are signed with by HMAC; the PEM of a public key makes the key an Ed25519 one (Binance). */
  secret: string;
  readonly passphrase: string;
  readonly userId: number;
  rights: { readonly trade: boolean; readonly withdraw: boolean; readonly transfer: boolean };
  readonly ipRestricted: boolean;
  /** Hedge mode can be switched on and is told; orders are matched one-way all the same. */
  positionMode: "one-way" | "hedge";
  /** Leverage asked for by symbol; the instrument's own where absent. */
  readonly leverage: Map<string, number>;
  readonly marginMode: Map<string, "cross" | "isolated">;
  /** Added to the emulator's time in what this account is told and checked against (EMU-04). */
  skewMs: number;
  revoked: boolean;
}

/** An instrument, and the JSON by which its exchange describes it (EMU-07). */
export interface EmulatedInstrument {
  readonly protocol: ProtocolName;
  /** The exchange's own name: `BTCUSDT`. */
  readonly wireName: string;
  readonly instrument: Instrument;
  /** Its entry in the exchange's own list of instruments. */
  readonly description: Readonly<Record<string, unknown>>;
}

/** Wallets are apart by protocol, as they are at the exchanges: the name of an account in the simulated exchange. */
export const walletOf = (account: string, protocol: ProtocolName): string => `${account}@${protocol}`;

/** Faults only the matching side can do; each asks by name whether it strikes this request. */
export type InnerFault =
  | "cancelLost"
  | "postOnlyReject"
  | "insufficientMargin"
  | "reduceOnlyConflict"
  | "partialThenCancelRace"
  | "crossedBook"
  | "staleSnapshot"
  | "wrongRouteSilent"
  | "oddNumbers"
  | "pageLimit";

/** Null: it does not strike. Otherwise its parameters, whole numbers by name. */
export type StrikeOf = (fault: InnerFault, traits: WireTraits | null) => Readonly<Record<string, number>> | null;

/** How strict an exchange is with its clients; protocols that know no difference ignore it. */
export interface ProtocolHabits {
  /** Parameters nobody knows are refused instead of ignored (EMU-11). */
  readonly strictParameters: boolean;
  /** What becomes of addresses the exchange has retired (EMU-14). */
  readonly legacy: "serve" | "silent" | "close";
}

export interface EmulatorWorld {
  readonly habits: ProtocolHabits;
  readonly seed: string;
  readonly exchange: SimulatedExchange;
  readonly clock: EmulatorClock;
  readonly strike: StrikeOf;
  /** Instruments of one protocol; changed by `filterChange` and halts, so ask again each time. */
  instruments(protocol: ProtocolName): readonly EmulatedInstrument[];
  /** Null: no such key. */
  accountByKey(apiKey: string): EmulatedAccount | null;
  /** Time the account is shown: the clock and its skew. Null: somebody without a key. */
  timeFor(account: EmulatedAccount | null): number;
  /** Sends an order to the simulated exchange now; the answer comes before this returns. */
  place(wallet: string, order: OrderRequest): MutationReply;
  cancel(wallet: string, symbol: string, clientOrderId: string): MutationReply;
  amend(
    wallet: string,
    to: {
      readonly symbol: string;
      readonly clientOrderId: string;
      readonly price: number;
      readonly quantity: number;
      /** True: it goes to the back of its queue in any case. */
      readonly requeue?: boolean;
    },
  ): MutationReply;
  /** Everything the exchange tells one wallet, of all instruments, in order. Returns what ends it. */
  follow(wallet: string, listener: (symbol: string, message: SessionMessage) => void): () => void;
  /** Market data of one instrument. Returns what ends it. */
  watch(symbol: string, wish: WatchWish, listener: (message: WatchMessage) => void): () => void;
  /** Free balance by asset is the exchange's own `clearing`; this moves money from outside (EMU-28 `balanceDrift`). */
  deposit(wallet: string, asset: string, amount: Money): void;
  /** Told of what {@link deposit} moved, after it did. Returns what ends it. */
  followDeposits(listener: (wallet: string, asset: string, amount: Money) => void): () => void;
  /** Leverage of a wallet in one instrument, from now on; the instrument's own until then. */
  setLeverage(wallet: string, symbol: string, leverage: number): void;
  /** Index price of a perpetual: the mark, unless it was set by hand. */
  index(symbol: string): MilliTicks;
}
