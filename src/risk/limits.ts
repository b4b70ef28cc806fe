// Limits of one bot in integers, read once from configuration text. Nothing here decides; a value out of its range or
// at odds with another is told, never clamped.

import { assert } from "../base/assert.ts";
import { parseDecimal, unitsOf } from "../base/decimal.ts";
import { toSafe } from "../base/integer.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { type Lots, lots, type Money, money } from "../market/amounts.ts";
import { type Instrument, parseMoney, parseQuantity } from "../market/instrument.ts";
import type { LimitsWanted } from "../trading/command.ts";
import { type BreakerLimits, breakerLimits } from "./breaker/limits.ts";
import { crossChecks } from "./cross-checks.ts";
import { notAllowed, RISK_KEYS, type RiskKey } from "./keys.ts";
import { type MonitorLimits, monitorLimits, namesIn } from "./monitor/limits.ts";

export { RISK_KEYS } from "./keys.ts";

export interface CleanerLimits {
  readonly cleanIntervalMs: number;
  readonly cleanThreshold: number;
  readonly cleanBatch: number;
  /** 0 is off. */
  readonly orderAgeMsMax: number;
  /** 0 is off. */
  readonly orderDistanceBpsMax: number;
}

/** Canonical data: part of the journaled configuration. Money is in the quote asset; null is "no limit". */
export interface RiskLimits {
  readonly orderNotionalMax: Money;
  readonly positionNotionalMax: Money;
  readonly exposureGrossMax: Money;
  readonly orderQuantityMax: Lots | null;
  readonly positionQuantityMax: Lots | null;
  readonly priceBandBps: number;
  readonly priceBandFarBps: number;
  /** Thousandths: 3× is 3000. */
  readonly leverageMaxMilli: number;
  readonly bookAgeMsMax: number;
  readonly openOrdersMax: number;
  readonly affordableOrdersMin: number;
  readonly ordersPerSecondMax: number;
  readonly ordersBurst: number;
  readonly unknownOrdersMax: number;
  readonly cleaner: CleanerLimits;
  readonly reconcileIntervalMs: number;
  readonly divergenceBpsMax: number;
  readonly autoCorrectNotionalMax: Money;
  readonly autoCorrect: "on" | "off";
  readonly onOrphan: "cancel" | "keep";
  readonly foreignOrders: "ignore" | "alert";
  readonly slippageBpsMax: number;
  readonly participationBps: number;
  readonly sliceMs: number;
  /** Absent in configurations of releases before: 0. */
  readonly autoCorrectApprovals?: number;
  /** Absent in configurations of releases before, which had no breakers. */
  readonly breakers?: BreakerLimits;
  /** Absent where nothing is monitored. */
  readonly monitor?: MonitorLimits;
}

/** What is wrong with one key; `text` is the sentence after `{file}:{line} {key}: `. */
export interface RiskProblem {
  readonly key: string;
  readonly value: string | null;
  readonly text: string;
}

/** Dotted key → text as written; absent keys take their defaults. Unknown keys are problems. */
export type RiskTexts = { readonly [key: string]: string | undefined };

type Value = bigint | number | string;
type Values = Map<string, Value>;

/** All problems at once, or the limits. Quantities are rounded down to whole lots: a limit never grows by rounding. */
export function riskLimitsFrom(texts: RiskTexts, instrument: Instrument): Result<RiskLimits, readonly RiskProblem[]> {
  const problems: RiskProblem[] = [];
  const values: Values = new Map();
  const known = new Map(RISK_KEYS.map((row) => [row.key, row]));
  for (const key of Object.keys(texts)) {
    if (!known.has(key)) problems.push({ key, value: texts[key] ?? null, text: "is not a key of risk" });
  }
  for (const row of RISK_KEYS) {
    const text = texts[row.key] ?? row.default;
    if (text === null) continue;
    const value = readValue(row, text, instrument);
    if (value.ok) values.set(row.key, value.value);
    else problems.push({ key: row.key, value: text, text: notAllowed(row, text) });
  }
  if (problems.length > 0) return fail(problems);
  const limits = assemble(values);
  problems.push(...crossChecks(limits));
  return problems.length > 0 ? fail(problems) : ok(limits);
}

/** What holds when the configuration says nothing about risk. */
export function defaultRiskLimits(instrument: Instrument): RiskLimits {
  const limits = riskLimitsFrom({}, instrument);
  assert(limits.ok, () => `the defaults of risk contradict each other: ${JSON.stringify(limits)}`);
  return limits.value;
}

/** RISK-08: limits changed while running are tighter at once and never looser than configured. */
export function changedLimits(configured: RiskLimits, wanted: Partial<PositionLimits>): RiskLimits {
  const next = { ...configured };
  for (const key of ["orderNotionalMax", "positionNotionalMax", "exposureGrossMax"] as const) {
    const value = wanted[key];
    if (value !== undefined && value < configured[key]) next[key] = value;
  }
  for (const key of ["orderQuantityMax", "positionQuantityMax"] as const) {
    const value = wanted[key];
    const limit = configured[key];
    if (value !== undefined && (limit === null || value < limit)) next[key] = value;
  }
  const { leverageMaxMilli } = wanted;
  if (leverageMaxMilli !== undefined && leverageMaxMilli < next.leverageMaxMilli) {
    next.leverageMaxMilli = leverageMaxMilli;
  }
  return next;
}

/** Limits in force after an operator's wish: what was tightened before stays, what is wished replaces it. */
export function wantedLimits(configured: RiskLimits, inForce: RiskLimits, wanted: LimitsWanted): RiskLimits {
  return changedLimits(configured, { ...asWanted(inForce), ...asWanted(wanted) });
}

/** A new configuration replaces the old one; what an operator tightened by hand stays tightened (RISK-08). */
export function keptTightened(
  configured: RiskLimits,
  before: { readonly configured: RiskLimits; readonly inForce: RiskLimits } | null,
): RiskLimits {
  if (before === null) return configured;
  const byHand = Object.entries(asWanted(before.inForce)).filter(
    ([key, value]) => value !== before.configured[key as keyof PositionLimits],
  );
  return byHand.length === 0 ? configured : changedLimits(configured, Object.fromEntries(byHand));
}

/** Without the keys that say nothing. */
function asWanted(limits: Partial<RiskLimits> | LimitsWanted): Partial<PositionLimits> {
  const given = Object.entries(limits).filter(([key, value]) => value !== null && CHANGEABLE.has(key));
  return Object.fromEntries(given) as Partial<PositionLimits>;
}

const CHANGEABLE: ReadonlySet<string> = new Set([
  "orderNotionalMax",
  "positionNotionalMax",
  "exposureGrossMax",
  "orderQuantityMax",
  "positionQuantityMax",
  "leverageMaxMilli",
]);

/** The limits an operator may change while the bot runs. */
export interface PositionLimits {
  readonly orderNotionalMax: Money;
  readonly positionNotionalMax: Money;
  readonly exposureGrossMax: Money;
  readonly orderQuantityMax: Lots;
  readonly positionQuantityMax: Lots;
  readonly leverageMaxMilli: number;
}

function readValue(row: RiskKey, text: string, instrument: Instrument): Result<bigint | number | string, string> {
  if (row.type === "choice") return row.choices.includes(text) ? ok(text) : fail(text);
  if (row.type !== "list" && !withinRange(row, text)) return fail(text);
  switch (row.type) {
    case "money":
      return parseMoney(text);
    case "quantity": {
      const whole = parseQuantity(instrument, text, "down");
      return whole.ok && whole.value > 0 ? whole : fail(text);
    }
    case "ratio":
      return scaled(text, 3);
    case "list":
      return namesIn(text).length <= Number.parseInt(row.max ?? "0", 10) ? ok(namesIn(text).join(" ")) : fail(text);
    case "int":
      return /^\d+$/.test(text) ? ok(Number.parseInt(text, 10)) : fail(text);
  }
}

function withinRange(row: RiskKey, text: string): boolean {
  const value = parseDecimal(text);
  if (!value.ok) return false;
  const against = (bound: string): number => {
    const limit = parseDecimal(bound);
    if (!limit.ok) return 0;
    const left = value.value.digits * 10n ** BigInt(limit.value.scale);
    const right = limit.value.digits * 10n ** BigInt(value.value.scale);
    return left < right ? -1 : left > right ? 1 : 0;
  };
  if (row.min !== null && against(row.min) < 0) return false;
  return row.max === null || against(row.max) <= 0;
}

/** Decimal text as an integer of 10^−digits; a remainder is refused. */
function scaled(text: string, digits: number): Result<number, string> {
  const value = parseDecimal(text);
  if (!value.ok) return value;
  const units = unitsOf(value.value, { digits: 1n, scale: digits }, "exact");
  return units.ok ? ok(toSafe(units.value)) : units;
}

const whole = (value: Value | undefined): number => (typeof value === "number" ? value : 0);

function assemble(values: Values): RiskLimits {
  const int = (key: string): number => whole(values.get(key));
  const cash = (key: string): Money => money(BigInt(values.get(key) ?? 0n));
  const quantity = (key: string): Lots | null => {
    const value = values.get(key);
    return value === undefined ? null : lots(whole(value));
  };
  const text = <T extends string>(key: string): T => values.get(key) as T;
  const monitor = monitorLimits({ int, text });
  return {
    orderNotionalMax: cash("orderNotionalMax"),
    positionNotionalMax: cash("positionNotionalMax"),
    exposureGrossMax: cash("exposureGrossMax"),
    orderQuantityMax: quantity("orderQuantityMax"),
    positionQuantityMax: quantity("positionQuantityMax"),
    priceBandBps: int("priceBandBps"),
    priceBandFarBps: int("priceBandFarBps"),
    leverageMaxMilli: int("leverageMax"),
    bookAgeMsMax: int("bookAgeMsMax"),
    openOrdersMax: int("openOrdersMax"),
    affordableOrdersMin: int("affordableOrdersMin"),
    ordersPerSecondMax: int("ordersPerSecondMax"),
    ordersBurst: int("ordersBurst"),
    unknownOrdersMax: int("unknownOrdersMax"),
    cleaner: {
      cleanIntervalMs: int("cleaner.cleanIntervalMs"),
      cleanThreshold: int("cleaner.cleanThreshold"),
      cleanBatch: int("cleaner.cleanBatch"),
      orderAgeMsMax: int("cleaner.orderAgeMsMax"),
      orderDistanceBpsMax: int("cleaner.orderDistanceBpsMax"),
    },
    reconcileIntervalMs: int("reconcileIntervalMs"),
    divergenceBpsMax: int("divergenceBpsMax"),
    autoCorrectNotionalMax: cash("autoCorrectNotionalMax"),
    autoCorrect: text("autoCorrect"),
    onOrphan: text("onOrphan"),
    foreignOrders: text("foreignOrders"),
    slippageBpsMax: int("slippageBpsMax"),
    participationBps: int("participationBps"),
    sliceMs: int("sliceMs"),
    autoCorrectApprovals: int("autoCorrectApprovals"),
    breakers: breakerLimits({ int, cash, text }),
    ...(monitor === null ? {} : { monitor }),
  };
}
