// What the exchange of a process is once its configuration is loaded: simulated, followed on paper, or real. Frozen
// values in the integers of the core, like those of shapes.ts beside it.

import type { Money } from "../../market/amounts.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { FeeModel, Latency } from "../../sim/options.ts";
import type { FillChoice } from "../loaded.ts";
import type { Secret } from "../secret.ts";

/** One instrument of the simulated exchange and its market. */
export interface SimulatedInstrument {
  readonly instrument: Instrument;
  /** Path of a recorded market; null: synthetic. */
  readonly data: string | null;
  /** Decimal text; null leaves it to the market. */
  readonly startPrice: string | null;
  /** Null: the instrument's own. */
  readonly fees: FeeModel | null;
}

/** The public market of a real exchange that a simulated one follows. */
export interface FollowedExchangeConfig {
  readonly exchange: string;
  readonly market: "perpetual" | "spot";
  /** At least one, each once, all of the market. */
  readonly symbols: readonly string[];
  readonly endpoints: { readonly rest: string; readonly websocket: string } | null;
  /** Of the paper account, on perpetuals: a public market tells none. */
  readonly leverage: number;
}

/** The simulated exchange. */
export interface SimulatedExchangeConfig {
  /** At least one, in the order of the file; none where an exchange is followed, which tells its own. */
  readonly instruments: readonly SimulatedInstrument[];
  readonly follow: FollowedExchangeConfig | null;
  /** Seconds of the market in one second; 0: as fast as it can. */
  readonly speed: number;
  readonly seed: string;
  /** Asset → what the account opens with. */
  readonly balances: ReadonlyMap<string, Money>;
  readonly margin: "cross" | "isolated";
  readonly latency: Latency;
  readonly fill: FillChoice;
}

export type ExchangeEnvironment = "live" | "testnet" | "emulator";

/** Exchanges with tables of their own, and any other that ccxt knows. */
export type RealExchangeName = "binance" | "okx" | "bybit" | "gate" | "bitget" | "ccxt";

/** One account of a real exchange, or of the emulator that speaks like one. */
export interface RealExchangeConfig {
  /** Name by which ccxt knows it; of `exchange: ccxt` the one that was given. */
  readonly exchange: string;
  readonly market: "perpetual" | "spot";
  /** At least one, each once. */
  readonly symbols: readonly string[];
  /** Null: public market data only. */
  readonly credentials: {
    readonly apiKey: Secret;
    readonly secret: Secret;
    /** OKX and Bitget have one. */
    readonly passphrase: Secret | null;
  } | null;
  /** Where it listens, in place of the exchange's own hosts; null: its own. */
  readonly endpoints: { readonly rest: string; readonly websocket: string } | null;
  /** Nothing else trades on the account (EXCH-16, EXCH-32). */
  readonly exclusive: boolean;
  readonly allowWithdrawKeys: boolean;
  /** What the account must be set to; null: whatever it is (EXCH-38). */
  readonly leverage: number | null;
  readonly marginMode: "cross" | "isolated" | null;
}

/** Frames of a real exchange, written down as they come (EXCH-60). */
export interface RecordConfig {
  readonly folder: string;
  readonly maxGiB: number;
  readonly private: boolean;
}
