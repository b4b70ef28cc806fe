// What a simulated exchange is told: markets and where their rows come from, fill model, latencies, accounts, the
// habits of the exchange it stands for, and faults. Plain data and sources; equal options and seed give an equal
// exchange.

import type { Money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { Faults } from "./fault-plan.ts";
import type { MarketSource } from "./market-source.ts";
import type { RecordEntry } from "./record.ts";

/** BT-14, BT-15, BT-16: how a fill is decided. `both` paths are two runs, so it is no value here. */
export type FillModel =
  | {
      readonly level: "L0";
      readonly path: "nearest" | "olhc" | "ohlc";
      readonly rule: "through" | "touch";
      /** Our largest share of a candle's volume, millionths; null switches the cap off. */
      readonly volumeShareMaxPpm: number | null;
      /** Length of the source's candles; 60,000 unless told. */
      readonly candleMs?: number;
    }
  | { readonly level: "L1"; readonly queue: "front" | "back" }
  | { readonly level: "L2"; readonly queue: QueueModelName };

export type QueueModelName = "front" | "back" | "log" | `power:${number}`;

/** BT-18, whole microseconds. `sampled` takes the value nearest in time, `bootstrap` seeded blocks of the values. */
export type LatencyModel =
  | { readonly kind: "zero" }
  | { readonly kind: "constant"; readonly us: number }
  | { readonly kind: "sampled"; readonly atUs: readonly number[]; readonly us: readonly number[] }
  | { readonly kind: "bootstrap"; readonly us: readonly number[]; readonly block: number }
  /** Feed only: `local − exchange − offset + floor` of the tape's own rows (BT-23). */
  | { readonly kind: "recorded"; readonly floorUs: number };

export interface Latency {
  readonly feed: LatencyModel;
  readonly entry: LatencyModel;
  readonly response: LatencyModel;
  /** Share added to the entry delay for each message a second of the connection, millionths; 0 when absent. */
  readonly loadFactorPpm?: number;
}

/** BT-20. Rates in millionths of the notional, negative is a rebate; absent, the instrument's own rates hold. */
export interface FeeModel {
  readonly makerPpm: number;
  readonly takerPpm: number;
  /** Fees paid in another asset at its own price (quote for one whole unit), less a discount. */
  readonly thirdAsset?: { readonly asset: string; readonly price: Money; readonly discountPpm: number };
}

/** A tier holds up to `upTo` of position notional (null: no end). Deduction makes the tiers join. */
export interface MaintenanceTier {
  readonly upTo: Money | null;
  readonly maintenancePpm: number;
  readonly deduction: Money;
}

/** BT-21, one-way position. Tiers absent: one tier of the instrument's `maintenancePpm`. */
export interface MarginModel {
  readonly mode: "cross" | "isolated";
  readonly tiers?: readonly MaintenanceTier[];
  readonly liquidationFeePpm: number;
}

/** Settlements known from a funding file, ascending; rates × 10^12. Rows of the tape add to them. */
export interface FundingSettlement {
  readonly atUs: number;
  readonly ratePpt: number;
}

export interface MarketOptions {
  readonly instrument: Instrument;
  readonly source: MarketSource;
  readonly fill: FillModel;
  /** Which clock of the tape is the simulation's (BT-23): the exchange's, or the recorder's less `offsetUs`. */
  readonly timeline?: "exchange" | "local";
  /** `min(local − exchange)` of the tape, µs; 0 when absent. */
  readonly offsetUs?: number;
  readonly fees?: FeeModel;
  readonly margin?: MarginModel;
  readonly funding?: readonly FundingSettlement[];
  /** The fast books, or the slow obvious ones that check them. */
  readonly books?: "fast" | "slow";
  /** Half of the spread shown at L0, in ticks; 1 when absent. */
  readonly halfSpreadTicks?: number;
}

export interface AccountOptions {
  readonly name: string;
  /** Asset → opening balance. */
  readonly balances: ReadonlyMap<string, Money>;
  /** Overrides the market's fees: a tier of its own. */
  readonly fees?: FeeModel;
}

/** Habits in which exchanges differ (BT-19, EXCH-10). */
export interface ExchangeProfile {
  readonly name: string;
  /** A post-only order that would take: refused, or accepted and then cancelled. */
  readonly postOnly: "reject" | "cancel";
  readonly reduceOnly: "shrink" | "reject";
  readonly selfTrade: "cancelTaker" | "cancelMaker" | "cancelBoth" | "none";
  /** A client id is refused while its first order is open, or for ever. */
  readonly duplicateId: "whileOpen" | "always";
  /** A fill-or-kill order on spot that cannot fill: refused unless this says it is accepted and expires at once. */
  readonly fokOnSpot?: "reject" | "expire";
  /** Farthest price from the mid, millionths; null: no band. */
  readonly priceBandPpm: number | null;
  /** Mutations a second and account above which the exchange answers RATE_LIMITED; null: no limit. */
  readonly requestsPerSecondMax: number | null;
}

export interface SimulationOptions {
  readonly seed: string;
  readonly markets: readonly MarketOptions[];
  readonly accounts: readonly AccountOptions[];
  readonly latency: Latency;
  readonly profile: ExchangeProfile;
  readonly faults: Faults;
  /** A request that arrives later than this after it was sent is refused (EXCH-08). */
  readonly requestExpiryMs: number;
  readonly lookupLagMs: number;
  /** Finished orders and fills kept for look-ups, oldest forgotten first. */
  readonly ordersKept: number;
  readonly fillsKept: number;
  readonly candlesKept: number;
  /** An order's opening is also said on the stream, as exchanges do; false says it in the reply alone. */
  readonly openOnStream: boolean;
  /** Shortest time between account events; 0: none. */
  readonly accountIntervalMs: number;
  /** Sees every entry of the exchange's own record; null keeps none. */
  readonly record: ((entry: RecordEntry) => void) | null;
}

export const BINANCE_USDM: ExchangeProfile = {
  name: "binance",
  postOnly: "reject",
  reduceOnly: "shrink",
  selfTrade: "cancelTaker",
  duplicateId: "whileOpen",
  priceBandPpm: 50_000,
  requestsPerSecondMax: null,
};

/** Latency zero, no faults, a Binance-like profile: everything else is the caller's. */
export function simulationOptions(
  given: Pick<SimulationOptions, "markets" | "accounts"> & Partial<SimulationOptions>,
): SimulationOptions {
  return {
    seed: "1",
    latency: { feed: { kind: "zero" }, entry: { kind: "zero" }, response: { kind: "zero" } },
    profile: BINANCE_USDM,
    faults: {},
    requestExpiryMs: 2_000,
    lookupLagMs: 500,
    ordersKept: 1_000,
    fillsKept: 1_000,
    candlesKept: 1_500,
    openOnStream: true,
    accountIntervalMs: 5_000,
    record: null,
    ...given,
  };
}
