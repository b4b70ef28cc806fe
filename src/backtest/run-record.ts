// What a run leaves for its report: who it was, what it did, how it ended. Plain data; money as exact decimal text,
// ratios as numbers, null where a figure does not exist (with its reason in `notAvailable`).

import type { Instrument } from "../market/instrument.ts";
import type { Curve } from "./curve.ts";
import type { InventoryStats } from "./inventory.ts";
import type { MarkOut } from "./mark-outs.ts";

/** BT-14: what the data can tell. L0 candles, L1 trades and best quote, L2 full depth and trades. */
export type FidelityLevel = "L0" | "L1" | "L2";

/** A finding of the data check (BT-11) as the report keeps it. */
export interface ReportFinding {
  readonly finding: string;
  readonly count: number;
  readonly first: string;
  readonly effect: string;
  readonly action: string;
}

/** What is known before the first event. */
export interface RunIdentity {
  readonly strategy: string;
  readonly instrument: Instrument;
  readonly level: FidelityLevel;
  /** How fills are decided, in words: "queue power:3", or "path nearest, through". */
  readonly fillModel: string;
  /** Feed, order entry and response delay, in words. */
  readonly latency: string;
  /** What the position is valued at: "mid", "exchange mark", "candle path". */
  readonly markSource: string;
  readonly data: readonly { readonly name: string; readonly hash: string }[];
  readonly dataHash: string;
  /** Made, not recorded (BT-09): said on every page. */
  readonly synthetic: boolean;
  readonly configHash: string;
  /** The configuration as it was given, YAML. */
  readonly configText: string;
  readonly seed: string;
  readonly codeVersion: string;
  readonly findings: readonly ReportFinding[];
  /** Largest position in lots, for the time at the limit; null when there is none. */
  readonly positionLimitLots: number | null;
}

export interface SplitText {
  readonly spread: string;
  readonly inventory: string;
  readonly fees: string;
  readonly rebates: string;
  readonly liquidationFees: string;
  readonly funding: string;
  readonly interest: string;
  /** Their sum = equity at the end − equity at the start − transfers, exactly. */
  readonly total: string;
}

export interface DrawdownFigures {
  readonly depth: number;
  /** Fall in quote between the two samples. */
  readonly inQuote: number;
  readonly peakUs: number;
  readonly bottomUs: number;
  readonly recoveredUs: number | null;
}

export interface RunMetrics {
  readonly days: number;
  readonly dailyReturns: number;
  readonly return: number | null;
  readonly annualisedReturn: number | null;
  readonly drawdown: DrawdownFigures | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  /** True when Sharpe and Sortino are per year, false when per day (under 30 days). */
  readonly annualised: boolean;
  readonly calmar: number | null;
  readonly fillRatioLots: number | null;
  readonly fillRatioOrders: number | null;
  readonly makerShare: number | null;
  readonly turnoverPerDay: number | null;
  readonly notional: string;
  readonly inventory: InventoryStats;
  readonly markOuts: readonly MarkOut[];
}

export interface RunCounts {
  readonly ordersPlaced: number;
  readonly ordersAccepted: number;
  readonly ordersRejected: number;
  readonly ordersWithFill: number;
  readonly fills: number;
  readonly buys: number;
  readonly sells: number;
  readonly liquidations: number;
  /** Lots of all orders sent, and of all fills. */
  readonly lotsPlaced: string;
  readonly lotsFilled: string;
  /** Anything else worth a line: rejects by reason, faults by name, how often a cap bound. */
  readonly others: { readonly [name: string]: number };
}

/** A fill as charts and the short list show it. */
export interface ShownFill {
  readonly atUs: number;
  readonly side: "buy" | "sell";
  readonly price: string;
  readonly quantity: string;
  readonly maker: boolean;
}

export interface RunEnd {
  readonly stateHash: string;
  readonly whole: boolean;
  /** Why it is partial; "" when it is whole. */
  readonly reason: string;
}

/** Columns of {@link RunRecord.curve}. */
export const CurveColumn = {
  time: 0,
  mark: 1,
  position: 2,
  equity: 3,
  spread: 4,
  inventory: 5,
  fees: 6,
  funding: 7,
} as const;
export const CURVE_WIDTH = 8;

export interface RunRecord {
  readonly identity: RunIdentity;
  readonly end: RunEnd;
  readonly startUs: number;
  readonly endUs: number;
  readonly equityStart: string;
  readonly equityEnd: string;
  readonly transfers: string;
  readonly split: SplitText;
  /** The split adds up, and the engine's own ledger says the same equity. */
  readonly tiesOut: boolean;
  readonly tieNote: string;
  readonly metrics: RunMetrics;
  readonly counts: RunCounts;
  /** Why a metric that is null is null: metric → reason. */
  readonly notAvailable: { readonly [metric: string]: string };
  readonly curve: Curve;
  /** A thinned sample of the fills, evenly over the run. */
  readonly fillsShown: readonly ShownFill[];
  /** Results of the other candle paths where `both` were run (BT-15). */
  readonly band: readonly { readonly path: string; readonly equityChange: string }[];
  /** Wall-clock facts; the only part of a report that two equal runs may differ in. */
  readonly wall: { readonly startedAt: string; readonly seconds: number; readonly events: number } | null;
}
