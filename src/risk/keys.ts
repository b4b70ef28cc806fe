// The keys of the `risk` section as one table (RISK-50): schema, limits, documentation and error texts come from it.
// Keys whose part does not exist yet (breakers, monitor, dead-man switch) are not listed, so naming one is an error.

/** `money`: quote units; `quantity`: base units; `ratio`: a plain decimal. All three are quoted decimal text. */
export type RiskKeyType = "money" | "quantity" | "ratio" | "int" | "choice";

export interface RiskKey {
  /** Dotted path inside the section. */
  readonly key: string;
  readonly type: RiskKeyType;
  readonly unit: string;
  /** Text as a user would write it; null: no limit unless one is given. */
  readonly default: string | null;
  /** Inclusive bounds as text; null is open. A quantity must be above its lower bound. */
  readonly min: string | null;
  readonly max: string | null;
  readonly choices: readonly string[];
  readonly meaning: string;
}

const money = (key: string, fallback: string, range: readonly [string, string], meaning: string): RiskKey => ({
  key,
  type: "money",
  unit: "of the quote asset",
  default: fallback,
  min: range[0],
  max: range[1],
  choices: [],
  meaning,
});

const quantity = (key: string, meaning: string): RiskKey => ({
  key,
  type: "quantity",
  unit: "base units",
  default: null,
  min: "0",
  max: null,
  choices: [],
  meaning,
});

interface Whole {
  readonly key: string;
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

const whole = (row: Whole): RiskKey => ({
  key: row.key,
  type: "int",
  unit: row.unit,
  choices: [],
  meaning: row.meaning,
  default: String(row.default),
  min: String(row.min),
  max: String(row.max),
});

const choice = (key: string, choices: readonly [string, ...string[]], meaning: string): RiskKey => ({
  key,
  type: "choice",
  unit: "",
  default: choices[0],
  min: null,
  max: null,
  choices,
  meaning,
});

const BILLION = "1000000000";

/** Every key, in the order of the documentation. */
export const RISK_KEYS: readonly RiskKey[] = [
  money("orderNotionalMax", "500", ["1", BILLION], "largest value of one order"),
  money("positionNotionalMax", "5000", ["1", BILLION], "largest worst-case position at mark"),
  money("exposureGrossMax", "20000", ["1", BILLION], "largest exposure of the bot"),
  quantity("orderQuantityMax", "largest quantity of one order"),
  quantity("positionQuantityMax", "largest worst-case position"),
  whole({ key: "priceBandBps", unit: "bps", default: 100, min: 1, max: 5000, meaning: "how far through the mid" }),
  whole({
    key: "priceBandFarBps",
    unit: "bps",
    default: 3000,
    min: 10,
    max: 10_000,
    meaning: "how far behind the mid",
  }),
  {
    key: "leverageMax",
    type: "ratio",
    unit: "times equity",
    default: "3",
    min: "0.1",
    max: "10",
    choices: [],
    meaning: "largest exposure ÷ equity, and largest leverage set on the exchange",
  },
  whole({ key: "bookAgeMsMax", unit: "ms", default: 5000, min: 100, max: 60_000, meaning: "an older book is stale" }),
  whole({
    key: "openOrdersMax",
    unit: "orders",
    default: 50,
    min: 1,
    max: 1000,
    meaning: "live orders of the instrument",
  }),
  whole({
    key: "affordableOrdersMin",
    unit: "orders",
    default: 100,
    min: 1,
    max: 1000,
    meaning: "orders the capital must pay for at start",
  }),
  whole({
    key: "ordersPerSecondMax",
    unit: "orders/s",
    default: 25,
    min: 1,
    max: 1000,
    meaning: "refill of the order budget",
  }),
  whole({
    key: "ordersBurst",
    unit: "orders",
    default: 30,
    min: 1,
    max: 1000,
    meaning: "orders that may leave at once",
  }),
  whole({
    key: "unknownOrdersMax",
    unit: "orders",
    default: 3,
    min: 1,
    max: 100,
    meaning: "unsettled orders that still allow opening",
  }),
  whole({
    key: "cleaner.cleanIntervalMs",
    unit: "ms",
    default: 10_000,
    min: 1000,
    max: 3_600_000,
    meaning: "time between cleanings",
  }),
  whole({
    key: "cleaner.cleanThreshold",
    unit: "orders",
    default: 50,
    min: 1,
    max: 1000,
    meaning: "unfilled orders that start a cleaning",
  }),
  whole({
    key: "cleaner.cleanBatch",
    unit: "orders",
    default: 10,
    min: 1,
    max: 100,
    meaning: "orders cancelled by one cleaning",
  }),
  whole({
    key: "cleaner.orderAgeMsMax",
    unit: "ms",
    default: 0,
    min: 0,
    max: 604_800_000,
    meaning: "older orders are cancelled; 0 off",
  }),
  whole({
    key: "cleaner.orderDistanceBpsMax",
    unit: "bps",
    default: 0,
    min: 0,
    max: 10_000,
    meaning: "orders farther from the mid are cancelled; 0 off",
  }),
  whole({
    key: "reconcileIntervalMs",
    unit: "ms",
    default: 60_000,
    min: 1000,
    max: 3_600_000,
    meaning: "time between reconciliations",
  }),
  whole({
    key: "divergenceBpsMax",
    unit: "bps",
    default: 500,
    min: 1,
    max: 2000,
    meaning: "a smaller divergence may be corrected",
  }),
  money("autoCorrectNotionalMax", "500", ["0", "1000000"], "largest divergence corrected without an operator"),
  choice("autoCorrect", ["on", "off"], "whether small divergences are corrected without an operator"),
  choice("onOrphan", ["cancel", "keep"], "what happens to an own order the journal does not know"),
  choice("foreignOrders", ["ignore", "alert"], "what happens to orders of somebody else"),
  whole({
    key: "slippageBpsMax",
    unit: "bps",
    default: 20,
    min: 1,
    max: 500,
    meaning: "worst average price of an aggressive order",
  }),
  whole({
    key: "participationBps",
    unit: "bps",
    default: 5000,
    min: 100,
    max: 10_000,
    meaning: "share of the visible quantity it may take",
  }),
  whole({ key: "sliceMs", unit: "ms", default: 1000, min: 100, max: 60_000, meaning: "time between its slices" }),
];

/** `1–5,000`, `above 0` or `on, off`: what the error and the documentation say is allowed. */
export function rangeText(key: Pick<RiskKey, "type" | "min" | "max" | "choices">): string {
  if (key.type === "choice") return key.choices.join(", ");
  if (key.max === null) return `above ${key.min ?? "0"}`;
  return `${grouped(key.min ?? "0")}–${grouped(key.max)}`;
}

/** Thousands set apart: 60,000. */
export function grouped(value: string | number): string {
  const [whole = "", fraction] = String(value).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** RISK-50, without the place: `{value} is not allowed; give {range} {unit} (default {default})`. */
export function notAllowed(key: RiskKey, value: string): string {
  const unit = key.unit === "" ? "" : ` ${key.unit}`;
  return `${value} is not allowed; give ${rangeText(key)}${unit} (default ${key.default ?? "none"})`;
}
