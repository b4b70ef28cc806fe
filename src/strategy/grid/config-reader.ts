// Decimal texts → GridConfig (GRID-01, section 11): every problem at once, nothing guessed. Knows no files: the caller
// adds file and line to each problem (RISK-50).

import { parseDecimal, unitsOf } from "../../base/decimal.ts";
import { toSafe } from "../../base/integer.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Ticks } from "../../market/amounts.ts";
import { type Instrument, parsePrice, unitMoney } from "../../market/instrument.ts";
import { roundedUpText } from "./checks.ts";
import { type CANDLE_MS, type GridConfig, windowOrdersNeeded } from "./config.ts";
import { expectedText, nearestKey } from "./key-words.ts";
import { GRID_KEYS, type GridKey, OLD_NAMES } from "./keys.ts";
import { stepForCount } from "./lattice.ts";
import { isBetween, nearText, tickOf } from "./near-value.ts";

/** One thing wrong. `message`, where set, is said instead of the usual sentence. */
export interface GridProblem {
  readonly key: string;
  readonly value: string;
  /** Range and unit: "10–5000 bps". */
  readonly expected: string;
  readonly default: string | null;
  readonly message: string | null;
}

export interface GridReading {
  readonly config: GridConfig;
  /** Old names that were read, and keys that are ignored. */
  readonly warnings: readonly string[];
}

/** What a configuration file holds: nested groups, or keys with dots. */
export type GridTexts = { readonly [key: string]: unknown };

type Values = Map<string, unknown>;
type Rules = Pick<Instrument, "tickSize" | "lotSize" | "kind">;

/** Sentence of a problem without file and line. */
export const problemText = (problem: GridProblem): string =>
  problem.message ??
  `${problem.key}: ${problem.value} is not allowed; give ${problem.expected} (default ${problem.default ?? "none"})`;

/** Reads the texts of one grid. All problems are listed at once, in the order of the table. */
export function gridConfigFrom(texts: GridTexts, rules: Rules): Result<GridReading, readonly GridProblem[]> {
  const reader = new Reader(rules);
  const values = reader.flatten(texts);
  const config = reader.read(values);
  if (reader.problems.length === 0) reader.judge(config, values);
  return reader.problems.length > 0 ? fail(reader.problems) : ok({ config, warnings: reader.warnings });
}

const KEYS = new Map<string, GridKey>(GRID_KEYS.map((key) => [key.key, key]));
const IGNORED = new Set(["min_order_value"]);

class Reader {
  readonly problems: GridProblem[] = [];
  readonly warnings: string[] = [];
  private readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  /** Keys with dots, old names translated, unknown ones refused with the nearest name. */
  flatten(texts: GridTexts): Values {
    const values: Values = new Map();
    const visit = (group: GridTexts, prefix: string): void => {
      for (const [name, value] of Object.entries(group)) {
        const path = `${prefix}${name}`;
        if (value === undefined) continue;
        if (isGroup(value)) visit(value, `${path}.`);
        else this.take(values, path, value);
      }
    };
    visit(texts, "");
    return values;
  }

  private take(values: Values, path: string, value: unknown): void {
    if (path === "inventory_skew_factor") {
      this.say(path, value, "inventory_skew_factor has another unit; use skewLevels, gaps at full inventory");
      return;
    }
    if (IGNORED.has(path)) {
      this.warnings.push(`${path} is ignored: the instrument knows it`);
      return;
    }
    const renamed = Object.hasOwn(OLD_NAMES, path) ? OLD_NAMES[path] : undefined;
    if (renamed !== undefined) this.warnings.push(`${path} is an old name; write ${renamed}`);
    const key = renamed ?? path;
    if (!KEYS.has(key)) this.say(path, value, `${path} is unknown; the nearest key is ${nearestKey(path)}`);
    else if (values.has(key)) this.say(path, value, `${key} is given twice`);
    else values.set(key, path === "margin_lock_duration_seconds" ? seconds(value) : value);
  }

  read(values: Values): GridConfig {
    const int = (key: string): number => this.int(key, values.get(key));
    const text = (key: string): string => this.choice(key, values.get(key));
    const bool = (key: string): boolean => this.bool(key, values.get(key));
    const price = (key: string, rounding: "exact" | "up" | "down" = "exact") =>
      this.price(key, values.get(key), rounding);
    return {
      mode: text("mode") as GridConfig["mode"],
      spacing: text("spacing") as GridConfig["spacing"],
      interval: price("interval"),
      spacingPpm: values.has("spacingBps") ? this.scaled("spacingBps", values.get("spacingBps"), 2) : null,
      gridCount: values.has("gridCount") ? int("gridCount") : null,
      rangeLow: price("rangeLow", "up"),
      rangeHigh: price("rangeHigh", "down"),
      anchor: values.get("anchor") === "auto" ? null : price("anchor"),
      orderValue: this.orderValue(values.get("orderQuote")),
      overspendPct: int("overspendPct"),
      entryLevels: int("entryLevels"),
      exitLevels: int("exitLevels"),
      windowSlack: int("windowSlack"),
      heldSlotsMax: int("heldSlotsMax"),
      openOrdersMax: int("openOrdersMax"),
      entryGapPct: int("entryGapPct"),
      edgePpm: this.scaled("edgeBpsMin", values.get("edgeBpsMin"), 2),
      postOnly: bool("postOnly"),
      postOnlyRejectsMax: int("postOnlyRejectsMax"),
      postOnlyRetryMs: int("postOnlyRetryMs"),
      postOnlyFallback: text("postOnlyFallback") as GridConfig["postOnlyFallback"],
      marginLockMs: int("marginLockMs"),
      skewLevels: int("skewLevels"),
      dynamic: {
        enabled: bool("dynamic.enabled"),
        period: int("dynamic.period"),
        scaleMilli: this.scaled("dynamic.scale", values.get("dynamic.scale"), 3),
        strideMax: int("dynamic.strideMax"),
        holdCandles: int("dynamic.holdCandles"),
      },
      trend: {
        enabled: bool("trend.enabled"),
        fast: int("trend.fast"),
        slow: int("trend.slow"),
        bandBps: int("trend.bandBps"),
      },
      candleInterval: text("candleInterval") as keyof typeof CANDLE_MS,
      stopLow: price("stopLow"),
      stopHigh: price("stopHigh"),
      stopAction: text("stopAction") as GridConfig["stopAction"],
      adoptPosition: text("adoptPosition") as GridConfig["adoptPosition"],
      jumpBpsMax: int("jumpBpsMax"),
      spreadBpsMax: int("spreadBpsMax"),
    };
  }

  /** What keys say to each other. */
  judge(config: GridConfig, values: Values): void {
    const say = (key: string, message: string): void => this.say(key, values.get(key) ?? "", message);
    const given = [config.interval, config.spacingPpm, config.gridCount].filter((value) => value !== null);
    if (given.length !== 1) say("interval", "give exactly one of interval, spacingBps, gridCount");
    if (config.interval !== null && config.spacing !== "arithmetic") {
      say("interval", "interval is for spacing arithmetic; give spacingBps or gridCount");
    }
    if (config.spacingPpm !== null && config.spacing !== "geometric") {
      say("spacingBps", "spacingBps is for spacing geometric; set spacing to geometric");
    }
    if (config.rangeLow !== null && config.rangeHigh !== null && config.rangeLow >= config.rangeHigh) {
      say("rangeLow", "rangeLow must be below rangeHigh");
    } else if (config.gridCount !== null && given.length === 1) this.judgeCount(config, say);
    if (config.stopLow !== null && config.stopHigh !== null && config.stopLow >= config.stopHigh) {
      say("stopLow", "stopLow must be below stopHigh");
    }
    if (config.trend.fast >= config.trend.slow) say("trend.fast", "trend.fast must be below trend.slow");
    if (this.rules.kind === "spot" && config.mode !== "long") say("mode", "spot allows mode long only");
    if (this.rules.kind !== "spot" && config.adoptPosition === "ignore") {
      say("adoptPosition", "adoptPosition ignore is for spot; use refuse, entry or market");
    }
    const needed = windowOrdersNeeded(config);
    if (config.openOrdersMax < needed) {
      say("openOrdersMax", `openOrdersMax ${config.openOrdersMax} is below the ${needed} this window needs`);
    }
  }

  private judgeCount(config: GridConfig, say: (key: string, message: string) => void): void {
    const { rangeLow: low, rangeHigh: high, gridCount: count } = config;
    if (low === null || high === null) say("gridCount", "gridCount needs both bounds");
    else if (count !== null && stepForCount(config, low, high, count) < 1) {
      say("gridCount", `gridCount ${count} is more than the ticks between rangeLow and rangeHigh`);
    }
    if (config.anchor !== null && config.anchor !== low) {
      say("anchor", "with gridCount the anchor is rangeLow; leave anchor out");
    }
  }

  private say(key: string, value: unknown, message: string | null): void {
    const row = KEYS.get(key);
    this.problems.push({
      key,
      value: shown(value),
      expected: row === undefined ? "a known key" : expectedText(row),
      default: row === undefined || row.default === null ? null : String(row.default),
      message,
    });
  }

  private int(key: string, value: unknown): number {
    const row = KEYS.get(key);
    const taken = value ?? row?.default ?? 0;
    if (typeof taken === "number" && Number.isSafeInteger(taken)) {
      const whole = { digits: BigInt(taken), scale: 0 };
      if (isBetween(whole, row?.low ?? null, row?.high ?? null)) return taken;
    }
    this.say(key, value, null);
    return 0;
  }

  private bool(key: string, value: unknown): boolean {
    const taken = value ?? KEYS.get(key)?.default ?? false;
    if (typeof taken === "boolean") return taken;
    this.say(key, value, null);
    return false;
  }

  private choice(key: string, value: unknown): string {
    const row = KEYS.get(key);
    const taken = value ?? row?.default;
    if (typeof taken === "string" && row?.values.includes(taken) === true) return taken;
    this.say(key, value, null);
    return String(row?.default ?? "");
  }

  /** Decimal text × 10^digits, exact, inside the range of the table. */
  private scaled(key: string, value: unknown, digits: number): number {
    const row = KEYS.get(key);
    const parsed = this.decimal(key, value ?? row?.default);
    if (parsed === null) return 0;
    const units = unitsOf(parsed, { digits: 1n, scale: digits }, "exact");
    const inRange = units.ok && isBetween(parsed, row?.low ?? null, row?.high ?? null);
    if (!inRange || !units.ok) {
      this.say(key, value, units.ok ? null : `${key} ${shown(value)} has more than ${digits} decimals`);
      return 0;
    }
    return toSafe(units.value);
  }

  private decimal(key: string, value: unknown) {
    const parsed = typeof value === "string" ? parseDecimal(value) : null;
    if (parsed?.ok === true) return parsed.value;
    const bare = typeof value === "number";
    this.say(key, value, bare ? `${key}: write the decimal in quotes: "${shown(value)}"` : null);
    return null;
  }

  private price(key: string, value: unknown, rounding: "exact" | "up" | "down"): Ticks | null {
    if (value === undefined || value === null) return null;
    const parsed = this.decimal(key, value);
    if (parsed === null) return null;
    const text = shown(value);
    const price = parsePrice(this.rules, text, rounding);
    if (price.ok && price.value > 0) return price.value;
    const isStep = unitsOf(parsed, tickOf(this.rules), "exact");
    const offGrid = parsed.digits > 0n && !isStep.ok;
    this.say(key, value, offGrid ? this.offTick(key, text) : null);
    return null;
  }

  private offTick(key: string, text: string): string {
    const tick = this.rules.tickSize;
    if (key !== "interval") return `${key} ${text} is not on the tick ${tick}`;
    const lower = nearText(this.rules, text, "down");
    const upper = nearText(this.rules, text, "up");
    const use = lower === null ? upper : `${lower} or ${upper}`;
    return `interval ${text} is not a multiple of the tick ${tick}; use ${use}`;
  }

  /** orderValue = floorDiv(orderQuote, value unit): at least one unit, small enough for exact comparisons. */
  private orderValue(value: unknown): number {
    const parsed = this.decimal("orderQuote", value);
    if (parsed === null) return 0;
    const unit = unitMoney(this.rules);
    const units = unitsOf(parsed, { digits: unit, scale: 18 }, "down");
    if (!units.ok || parsed.digits <= 0n) {
      this.say("orderQuote", value, null);
      return 0;
    }
    if (units.value < 1n) this.say("orderQuote", value, `orderQuote is below one tick × lot, ${roundedUpText(unit)}`);
    const most = BigInt(Number.MAX_SAFE_INTEGER) / 4n;
    if (units.value > most) this.say("orderQuote", value, "orderQuote is too large to be counted in tick × lot");
    return units.value > most ? 0 : toSafe(units.value);
  }
}

const isGroup = (value: unknown): value is GridTexts =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const seconds = (value: unknown): unknown => (typeof value === "number" ? value * 1000 : value);

const shown = (value: unknown): string => {
  if (value === undefined || value === null) return "nothing";
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : JSON.stringify(value);
};
