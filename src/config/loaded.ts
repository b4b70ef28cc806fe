// What a loaded configuration is (OPS-02): a frozen value in the integers of the core, passed as an argument. Nothing
// changes it afterwards; a change is a new one.

import type { Money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import type { RiskLimits } from "../risk/limits.ts";
import type { FeeModel, Latency, QueueModelName } from "../sim/options.ts";
import type { GridConfig } from "../strategy/grid/config.ts";
import type { BotConfigData } from "../trading/event.ts";
import type { JournalConfig } from "./process/journal-config.ts";
import type { ConfigValues } from "./schema.ts";

/** BT-14…16 as chosen; `auto` takes the level the data can tell, `both` is two runs. */
export interface FillChoice {
  readonly level: "auto" | "L0" | "L1" | "L2";
  readonly path: "nearest" | "olhc" | "ohlc" | "both";
  readonly rule: "through" | "touch";
  /** Millionths of a candle's volume; null is no limit. */
  readonly volumeShareMaxPpm: number | null;
  readonly queue: QueueModelName;
}

export interface BotConfig {
  readonly id: string;
  /** Six characters, unique per account (DUR-41). */
  readonly tag: string;
  readonly strategy: "grid";
  readonly instrument: Instrument;
  /** Null: no budget is kept. */
  readonly budget: Money | null;
  readonly grid: GridConfig;
  readonly risk: RiskLimits;
  readonly cancelOnExit: "all" | "opening" | "none";
  /** The journaled configuration, as plain data. */
  readonly data: BotConfigData;
}

export interface SimulatedConfig {
  readonly market: "synthetic" | "recorded" | "live";
  /** Path as written; null with a synthetic market. */
  readonly data: string | null;
  /** Seconds of the market in one second; 0: as fast as it can. */
  readonly speed: number;
  readonly seed: string;
  /** Decimal text; null leaves it to the market. */
  readonly startPrice: string | null;
  readonly balance: Money;
  readonly baseBalance: Money;
  readonly margin: "cross" | "isolated";
  readonly latency: Latency;
  readonly fill: FillChoice;
  /** Null: the instrument's own. */
  readonly fees: FeeModel | null;
}

export interface BacktestConfig {
  readonly data: string | null;
  readonly fill: FillChoice;
  readonly latency: Latency;
  readonly fees: FeeModel | null;
  readonly funding: string | null;
  /** `UTC` or `±hh:mm` (BT-05). */
  readonly fundingTimeZone: string;
  readonly seed: string;
  readonly report: string;
}

export interface LoadedConfig {
  readonly file: string;
  /** As written: reports and the journal keep it. */
  readonly text: string;
  /** Over strategy and risk values only (OPS-08), SHA-256. */
  readonly hash: string;
  readonly bot: BotConfig;
  readonly store: { readonly sqlite: string };
  readonly journal: JournalConfig;
  readonly simulated: SimulatedConfig;
  readonly backtest: BacktestConfig;
  /** Old names that were read; `{file}:{line} {key}: …`. */
  readonly warnings: readonly string[];
  /** The validated texts with all defaults: writing them as YAML gives the same configuration. */
  readonly values: ConfigValues;
}
