// One bot as a zod schema. The grid's and risk's keys come from their own tables (OPS-03).

import { z } from "zod";
import { RISK_KEYS, type RiskKey } from "../risk/keys.ts";
import { GRID_KEYS, type GridKey } from "../strategy/grid/keys.ts";
import { SYMBOL } from "./instruments.ts";
import {
  choice,
  decimal,
  list,
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

/** What a key of a table becomes; absent where it has no default. */
export type TableValue = string | number | boolean | readonly string[] | undefined;
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
    case "list":
      return list(symbol, { min: 0, max: integerOf(row.max), meaning });
  }
}

const symbol = requiredText({ pattern: SYMBOL, range: "BASE/QUOTE or BASE/QUOTE:QUOTE", meaning: "an instrument" });

export const bot = z.strictObject({
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

/** The validated values of one bot, with defaults. */
export type BotValues = z.infer<typeof bot>;
