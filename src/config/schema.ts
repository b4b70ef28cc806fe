// The configuration of `opensqt up` and `opensqt backtest` as one zod schema (OPS-01…04). The grid's and risk's keys
// come from their own tables; everything else is defined here, once.

import { z } from "zod";
import { RISK_KEYS, type RiskKey } from "../risk/keys.ts";
import { GRID_KEYS, type GridKey } from "../strategy/grid/keys.ts";
import { SYMBOL } from "./instruments.ts";
import {
  choice,
  decimal,
  optionalDecimal,
  optionalText,
  optionalWhole,
  requiredChoice,
  requiredDecimal,
  requiredText,
  text,
  whole,
  yesNo,
} from "./key.ts";

const FEE_PPM = { min: -10_000, max: 10_000, unit: "millionths of the notional" } as const;
const PATH = { pattern: /^[^\0]{1,1000}$/, range: "a path" } as const;
const MS = "\\d{1,6}(\\.\\d{1,3})?";
const LATENCY = new RegExp(`^(zero|(constant|recorded):${MS},${MS},${MS})$`);
const TIME_ZONE = /^(UTC|[+-]\d{2}:\d{2})$/;
const QUEUE = /^(front|back|log|power:([1-9]|10))$/;

const fillModel = () =>
  z
    .strictObject({
      level: choice(
        "auto",
        ["auto", "L0", "L1", "L2"],
        "fidelity: candles, best quotes, full depth; auto is what the data can tell",
      ),
      path: choice(
        "nearest",
        ["nearest", "olhc", "ohlc", "both"],
        "L0: way of the price through a candle; both runs two and shows the band",
      ),
      rule: choice(
        "through",
        ["through", "touch"],
        "L0: a resting order fills when the price goes beyond it, or touches it",
      ),
      volumeShareMax: decimal("0.1", {
        min: "0",
        max: "1",
        meaning: "L0: our largest share of a candle's volume; 0 is no limit",
      }),
      queue: text("back", {
        pattern: QUEUE,
        range: "front, back, log, power:1–10",
        meaning: "L1, L2: our place in the queue",
      }),
    })
    .prefault({});

const fees = () =>
  z
    .strictObject({
      makerPpm: optionalWhole({ ...FEE_PPM, meaning: "maker fee; the instrument's own unless given" }),
      takerPpm: optionalWhole({ ...FEE_PPM, meaning: "taker fee; the instrument's own unless given" }),
    })
    .prefault({});

const latency = () =>
  text("constant:5,10,10", {
    pattern: LATENCY,
    range: "zero, constant:FEED,ENTRY,RESPONSE or recorded:FLOOR,ENTRY,RESPONSE in ms",
    meaning: "delay of market data, of requests and of replies",
  });

const seed = () => whole(1, { min: 0, max: Number.MAX_SAFE_INTEGER, meaning: "equal seeds give equal runs" });

const instrument = z
  .strictObject({
    tickSize: optionalDecimal({ min: "0", above: true, unit: "quote", meaning: "smallest price step" }),
    lotSize: optionalDecimal({ min: "0", above: true, unit: "base", meaning: "smallest quantity step" }),
    minQuantity: optionalDecimal({
      min: "0",
      above: true,
      unit: "base",
      meaning: "smallest order; one lot unless given",
    }),
    maxQuantity: optionalDecimal({ min: "0", above: true, unit: "base", meaning: "largest order" }),
    minNotional: optionalDecimal({ min: "0", unit: "quote", meaning: "smallest value of an order" }),
    makerPpm: optionalWhole({ ...FEE_PPM, meaning: "maker fee" }),
    takerPpm: optionalWhole({ ...FEE_PPM, meaning: "taker fee" }),
    openOrdersMax: optionalWhole({ min: 1, max: 10_000, unit: "orders", meaning: "open orders the exchange allows" }),
    leverage: optionalWhole({ min: 1, max: 125, unit: "times", meaning: "leverage set on the exchange; 1 on spot" }),
    maintenancePpm: optionalWhole({ min: 0, max: 500_000, unit: "millionths", meaning: "maintenance margin rate" }),
  })
  .prefault({});

const simulated = z
  .strictObject({
    market: choice("synthetic", ["synthetic", "recorded"], "a seeded market, or a recorded one"),
    data: optionalText({ ...PATH, meaning: "the recorded market: frames, candles or trades" }),
    speed: whole(1, {
      min: 0,
      max: 1_000_000,
      unit: "times",
      meaning: "seconds of the market in one second; 0 as fast as it can",
    }),
    seed: seed(),
    startPrice: optionalDecimal({ min: "0", above: true, unit: "quote", meaning: "where the synthetic market begins" }),
    balance: decimal("10000", { min: "0", unit: "quote", meaning: "quote the account opens with" }),
    baseBalance: decimal("0", { min: "0", unit: "base", meaning: "base the account opens with, on spot" }),
    margin: choice("cross", ["cross", "isolated"], "how a position is margined"),
    latency: latency(),
    fillModel: fillModel(),
    fees: fees(),
    instrument,
  })
  .prefault({});

const backtest = z
  .strictObject({
    data: optionalText({ ...PATH, meaning: "the recorded market to run over" }),
    fillModel: fillModel(),
    latency: latency(),
    fees: fees(),
    funding: optionalText({ ...PATH, meaning: "funding rates, CSV" }),
    fundingTimeZone: text("UTC", {
      pattern: TIME_ZONE,
      range: "UTC or an offset such as +03:00",
      meaning: "zone the dates of the funding file are written in",
    }),
    seed: seed(),
    report: text("./runs", { ...PATH, meaning: "folder the report is written into" }),
  })
  .prefault({});

/** What a key of a table becomes; absent where it has no default. */
export type TableValue = string | number | boolean | undefined;
type TableType = z.ZodType<TableValue>;

/** Groups of one depth are made from dotted names: `dynamic.period`. */
function section(rows: readonly (readonly [key: string, type: TableType])[]) {
  const shape: Record<string, TableType> = {};
  const groups: Record<string, Record<string, TableType>> = {};
  for (const [key, type] of rows) {
    const [group = "", inner] = key.split(".");
    if (inner === undefined) shape[key] = type;
    else groups[group] = { ...groups[group], [inner]: type };
  }
  const sections = Object.entries(groups).map(([name, members]) => [name, z.strictObject(members).prefault({})]);
  const whole: Record<string, z.ZodType<TableValue | Record<string, TableValue>>> = {
    ...shape,
    ...Object.fromEntries(sections),
  };
  return z.strictObject(whole);
}

function gridType(row: GridKey): TableType {
  const { meaning, unit } = row;
  const bounds = { meaning, unit, min: row.low, max: row.high, above: row.low === "0" && row.high === null };
  const fallback = row.default;
  switch (row.type) {
    case "enum":
      return choice(String(fallback), words(row.values), meaning);
    case "bool":
      return yesNo(fallback === true, meaning);
    case "int": {
      const range = { meaning, unit, min: integerOf(row.low), max: integerOf(row.high) };
      return typeof fallback === "number" ? whole(fallback, range) : optionalWhole(range);
    }
    case "price":
      if (row.values.length > 0) return text(String(fallback), wordOrPrice(row));
      return optionalDecimal({ ...bounds, min: row.low ?? "0", above: true });
    case "decimal":
      if (row.required) return requiredDecimal(bounds);
      return fallback === null ? optionalDecimal(bounds) : decimal(String(fallback), bounds);
  }
}

/** A bound of a whole-number key; its table always has both. */
const integerOf = (text: string | null): number => Number.parseInt(text ?? "", 10);

function words(values: readonly string[]): [string, ...string[]] {
  const [first = "", ...rest] = values;
  return [first, ...rest];
}

const wordOrPrice = (row: GridKey) => ({
  pattern: new RegExp(`^(${row.values.join("|")}|\\d+(\\.\\d+)?)$`),
  range: `${row.values.join(", ")} or a price`,
  meaning: row.meaning,
});

function riskType(row: RiskKey): TableType {
  const { meaning, unit } = row;
  switch (row.type) {
    case "choice":
      return choice(String(row.default), words(row.choices), meaning);
    case "int":
      return whole(integerOf(row.default), { meaning, unit, min: integerOf(row.min), max: integerOf(row.max) });
    case "money":
    case "ratio":
      return decimal(String(row.default), { meaning, unit, min: row.min, max: row.max });
    case "quantity":
      return optionalDecimal({ meaning, unit, min: row.min, max: row.max, above: true });
  }
}

const bot = z.strictObject({
  id: requiredText({
    pattern: /^[a-z0-9][a-z0-9-]{0,31}$/,
    range: "1–32 of a-z, 0-9 and -",
    meaning: "name of the bot; never changed, its journal carries it",
  }),
  tag: optionalText({
    pattern: /^[0-9a-z]{6}$/,
    range: "6 of 0-9 and a-z",
    meaning: "begins every order id, unique per account; made from the id unless given",
  }),
  strategy: requiredChoice(["grid"], "what the bot does"),
  instrument: requiredText({
    pattern: SYMBOL,
    range: "BASE/QUOTE (spot) or BASE/QUOTE:QUOTE (perpetual)",
    meaning: "what it trades",
  }),
  budget: optionalDecimal({ min: "0", above: true, unit: "quote", meaning: "most the bot may use" }),
  cancelOnExit: choice("all", ["all", "opening", "none"], "which orders a stop cancels"),
  grid: section(GRID_KEYS.map((row) => [row.key, gridType(row)])),
  risk: section(RISK_KEYS.map((row) => [row.key, riskType(row)])).prefault({}),
});

/** The whole file. Unknown keys are errors everywhere. */
export const CONFIG_SCHEMA = z.strictObject({
  bot,
  store: z.strictObject({ sqlite: text("./data", { ...PATH, meaning: "folder of the journals" }) }).prefault({}),
  journal: z
    .strictObject({ sync: choice("kill", ["kill", "send", "all"], "what must be on the disk before an order leaves") })
    .prefault({}),
  exchange: choice("simulated", ["simulated"], "where orders go"),
  simulated,
  backtest,
});

/** The validated values, with defaults. */
export type ConfigValues = z.infer<typeof CONFIG_SCHEMA>;

/** JSON Schema for editors (OPS-07), from the same definitions. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(CONFIG_SCHEMA, { io: "input", target: "draft-2020-12" });
}
