// The table of grid.md section 11 as data: configuration reader, documentation and JSON Schema come from here.

import type { GridConfig } from "./config.ts";

/** OPS-09: live = between two events; drain = by `relattice`, lots are kept; flat = only while nothing is held. */
export type ChangeClass = "live" | "drain" | "flat";

export type KeyType = "enum" | "int" | "decimal" | "price" | "bool";

/** One key. Ranges are inclusive decimal texts; `null` bounds are open. `default: null` means none. */
export interface GridKey {
  readonly key: string;
  readonly field: keyof GridConfig;
  readonly type: KeyType;
  readonly unit: "" | "quote" | "bps" | "%" | "% of gap" | "ms" | "levels" | "slots" | "orders" | "candles" | "times";
  readonly default: string | number | boolean | null;
  readonly required: boolean;
  readonly low: string | null;
  readonly high: string | null;
  readonly values: readonly string[];
  readonly meaning: string;
  readonly change: ChangeClass;
  /** Shape of the message that is said instead of the usual one, or in addition. */
  readonly special: string | null;
}

type Row = Pick<GridKey, "key" | "field" | "type" | "meaning" | "change"> & Partial<GridKey>;

const EMPTY = {
  unit: "",
  default: null,
  required: false,
  low: null,
  high: null,
  values: [],
  special: null,
} as const;

const row = (given: Row): GridKey => ({ ...EMPTY, ...given });

const int = (
  key: keyof GridConfig,
  range: readonly [fallback: number, low: string, high: string],
  rest: Pick<GridKey, "unit" | "meaning"> & Partial<GridKey>,
): GridKey => {
  const [fallback, low, high] = range;
  return row({ key, field: key, type: "int", change: "live", default: fallback, low, high, ...rest });
};

const choice = (key: keyof GridConfig, values: readonly string[], rest: Omit<Row, "key" | "field" | "type">) =>
  row({ key, field: key, type: "enum", values, ...rest });

const price = (key: keyof GridConfig, rest: Omit<Row, "key" | "field" | "type">): GridKey =>
  row({ key, field: key, type: "price", unit: "quote", ...rest });

/** Key of a group: dynamic.period is a field of `dynamic`. */
const member = (
  group: "dynamic" | "trend",
  key: string,
  rest: Omit<Row, "key" | "field" | "change"> & { readonly meaning: string },
): GridKey => row({ key: `${group}.${key}`, field: group, change: "live", ...rest });

export const GRID_KEYS: readonly GridKey[] = [
  choice("mode", ["long", "short", "neutral"], {
    default: "long",
    meaning: "legs in use",
    change: "flat",
    special: "spot allows mode long only",
  }),
  choice("spacing", ["arithmetic", "geometric"], { default: "arithmetic", meaning: "lattice kind", change: "drain" }),
  price("interval", {
    low: "0",
    meaning: "arithmetic gap; a multiple of the tick",
    change: "drain",
    special: "interval {value} is not a multiple of the tick {tick}; use {lower} or {upper}",
  }),
  row({
    key: "spacingBps",
    field: "spacingPpm",
    type: "decimal",
    unit: "bps",
    low: "0.01",
    high: "5000",
    meaning: "geometric gap",
    change: "drain",
  }),
  row({
    key: "gridCount",
    field: "gridCount",
    type: "int",
    unit: "slots",
    low: "2",
    high: "1000",
    meaning: "slots between the bounds",
    change: "drain",
    special: "give exactly one of interval, spacingBps, gridCount",
  }),
  price("rangeLow", { meaning: "lower bound; live, drain with gridCount", change: "live" }),
  price("rangeHigh", {
    meaning: "upper bound; live, drain with gridCount",
    change: "live",
    special: "rangeLow must be below rangeHigh",
  }),
  price("anchor", {
    default: "auto",
    values: ["auto"],
    meaning: "price of level 0; auto takes the first accepted reference price",
    change: "drain",
    special: "anchor {value} is not on the tick {tick}",
  }),
  row({
    key: "orderQuote",
    field: "orderValue",
    type: "decimal",
    unit: "quote",
    required: true,
    low: "0",
    meaning: "value of one order, in quote, never in base",
    change: "live",
    special: "orderQuote {value} is too small: level {level} needs {lots} lots ({cost}); use {least} or more",
  }),
  int("overspendPct", [10, "0", "100"], { unit: "%", meaning: "how far rounding to lots may exceed orderQuote" }),
  int("entryLevels", [10, "1", "200"], { unit: "levels", meaning: "entries wanted per leg" }),
  int("exitLevels", [10, "1", "200"], { unit: "levels", meaning: "exits wanted" }),
  int("windowSlack", [2, "0", "50"], { unit: "levels", meaning: "levels an order may lag before it is cancelled" }),
  int("heldSlotsMax", [100, "1", "1000"], { unit: "slots", meaning: "inventory cap, both legs together" }),
  int("openOrdersMax", [50, "2", "1000"], {
    unit: "orders",
    meaning: "quota of open orders",
    special: "openOrdersMax {value} is below the {needed} this window needs",
  }),
  int("entryGapPct", [10, "1", "50"], { unit: "% of gap", meaning: "how far from the price an entry must be" }),
  row({
    key: "edgeBpsMin",
    field: "edgePpm",
    type: "decimal",
    unit: "bps",
    default: "0",
    low: "-100",
    high: "1000",
    meaning: "profit per cycle required beyond fees",
    change: "live",
    special: "a cycle at {price} loses {loss}: interval {interval} must be at least {least}",
  }),
  row({ key: "postOnly", field: "postOnly", type: "bool", default: true, meaning: "maker only", change: "live" }),
  int("postOnlyRejectsMax", [3, "1", "10"], {
    unit: "times",
    meaning: "post-only rejects in a row before the fallback",
  }),
  int("postOnlyRetryMs", [500, "100", "60000"], { unit: "ms", meaning: "rest after a post-only reject" }),
  choice("postOnlyFallback", ["none", "exits", "all"], {
    default: "exits",
    meaning: "who may turn into a plain limit order",
    change: "live",
  }),
  int("marginLockMs", [10_000, "1000", "300000"], { unit: "ms", meaning: "first lock after a funds reject" }),
  int("skewLevels", [0, "0", "50"], {
    unit: "levels",
    meaning: "shift of entries at full inventory, in gaps; 0 is off",
  }),
  member("dynamic", "enabled", { type: "bool", default: false, meaning: "gap follows the true range" }),
  member("dynamic", "period", {
    type: "int",
    unit: "candles",
    default: 20,
    low: "5",
    high: "100",
    meaning: "closed candles the true range is averaged over",
  }),
  member("dynamic", "scale", {
    type: "decimal",
    unit: "times",
    default: "1.0",
    low: "0.1",
    high: "20.0",
    meaning: "gap wanted, in average true ranges",
  }),
  member("dynamic", "strideMax", {
    type: "int",
    unit: "levels",
    default: 5,
    low: "1",
    high: "20",
    meaning: "widest cell",
  }),
  member("dynamic", "holdCandles", {
    type: "int",
    unit: "candles",
    default: 3,
    low: "1",
    high: "20",
    meaning: "closed candles that must agree before the gap changes",
  }),
  member("trend", "enabled", { type: "bool", default: false, meaning: "no entries against the trend" }),
  member("trend", "fast", {
    type: "int",
    unit: "candles",
    default: 20,
    low: "2",
    high: "200",
    meaning: "short mean",
    special: "trend.fast must be below trend.slow",
  }),
  member("trend", "slow", {
    type: "int",
    unit: "candles",
    default: 60,
    low: "3",
    high: "500",
    meaning: "long mean",
  }),
  member("trend", "bandBps", {
    type: "int",
    unit: "bps",
    default: 20,
    low: "0",
    high: "1000",
    meaning: "how far apart the means count as a trend",
  }),
  choice("candleInterval", ["1m", "3m", "5m", "15m", "1h"], {
    default: "1m",
    meaning: "candles of both indicators",
    change: "live",
  }),
  price("stopLow", {
    meaning: "stop when the price is at or below",
    change: "live",
    special: "stopLow must be below the current price",
  }),
  price("stopHigh", { meaning: "stop when the price is at or above", change: "live" }),
  choice("stopAction", ["reduce", "flatten"], { default: "reduce", meaning: "what a stop does", change: "live" }),
  choice("adoptPosition", ["refuse", "ignore", "entry", "market"], {
    default: "refuse",
    meaning: "what becomes of a position no journal explains; ignore is for spot",
    change: "flat",
    special: "position {value} is not explained by the journal; set adoptPosition to entry or market, or close it",
  }),
  int("jumpBpsMax", [500, "10", "5000"], { unit: "bps", meaning: "how far a book may jump and be believed at once" }),
  int("spreadBpsMax", [100, "1", "1000"], { unit: "bps", meaning: "widest spread entries are placed in" }),
];

/** Names of the original system that are still read, with a warning. */
export const OLD_NAMES: { readonly [old: string]: string } = {
  price_interval: "interval",
  order_quantity: "orderQuote",
  buy_window_size: "entryLevels",
  sell_window_size: "exitLevels",
  order_cleanup_threshold: "openOrdersMax",
  margin_lock_duration_seconds: "marginLockMs",
  grid_mode: "mode",
  dynamic_interval: "dynamic.enabled",
  volatility_scale: "dynamic.scale",
};
