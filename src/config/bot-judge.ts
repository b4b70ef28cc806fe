// One bot on its instrument: its texts become the integers of grid and risk, and what they say to each other is judged
// (GRID-39). Where the instrument comes from, a simulated exchange or a connector, is not known here.

import { encodeCanonical, sha256 } from "../base/canonical.ts";
import type { Instrument } from "../market/instrument.ts";
import { type RiskLimits, riskLimitsFrom } from "../risk/limits.ts";
import { type GridConfig, windowOrdersNeeded } from "../strategy/grid/config.ts";
import { gridConfigFrom } from "../strategy/grid/config-reader.ts";
import type { BotConfigData } from "../trading/event.ts";
import { type BotValues, bot } from "./bot-schema.ts";
import type { BotConfig } from "./loaded.ts";
import { shownValue } from "./problem.ts";
import type { Section } from "./problem-desk.ts";
import { moneyOf } from "./simulation.ts";

/** Grid and risk in the instrument's steps. */
export interface BotParts {
  readonly grid: GridConfig;
  readonly risk: RiskLimits;
}

/** Takes a problem at a key of the bot: `grid.interval`. */
export type Say = (key: string, text: string) => void;

/** Each section as far as it is whole by itself; null when one is not, or the integers refuse it. */
export function botParts(given: Section, instrument: Instrument, say: Say): BotParts | null {
  const grid = gridOf(bot.shape.grid.safeParse(given["grid"]), instrument, say);
  const risk = riskOf(bot.shape.risk.safeParse(given["risk"]), instrument, say);
  if (grid === null || risk === null) return null;
  judgeTogether(grid, risk, say);
  return { grid, risk };
}

/** The configuration, and its hash over strategy and risk values only (OPS-08). */
export function assembleBot(
  values: BotValues,
  instrument: Instrument,
  parts: BotParts,
): { readonly config: BotConfig; readonly hash: string } {
  const budget = values.budget === undefined ? null : moneyOf(values.budget);
  const { strategy, cancelOnExit } = values;
  const data: BotConfigData = {
    strategy,
    strategyConfig: parts.grid,
    risk: parts.risk,
    cancelOnExit,
    ...(budget === null ? {} : { budget }),
  };
  const tag = values.tag ?? derivedTag(values.id);
  return {
    config: { id: values.id, tag, strategy, instrument, budget, ...parts, cancelOnExit, data },
    hash: sha256(encodeCanonical({ ...data, instrument: values.instrument })),
  };
}

/** Six characters of 0-9 and a-z from the id: the same on every machine. */
export function derivedTag(id: string): string {
  const number = BigInt(`0x${sha256(id).slice(0, 16)}`) % 36n ** 6n;
  return number.toString(36).padStart(6, "0");
}

type Parsed<T> = { readonly success: true; readonly data: T } | { readonly success: false };

function gridOf(parsed: Parsed<BotValues["grid"]>, instrument: Instrument, say: Say): GridConfig | null {
  if (!parsed.success) return null;
  const grid = gridConfigFrom(parsed.data, instrument);
  if (grid.ok) return grid.value.config;
  for (const one of grid.error) {
    const usual = `${one.value} is not allowed; give ${one.expected} (default ${one.default ?? "none"})`;
    say(`grid.${one.key}`, one.message ?? usual);
  }
  return null;
}

function riskOf(parsed: Parsed<BotValues["risk"]>, instrument: Instrument, say: Say): RiskLimits | null {
  if (!parsed.success) return null;
  const risk = riskLimitsFrom(textsOf(parsed.data), instrument);
  if (risk.ok) return risk.value;
  for (const one of risk.error) say(`risk.${one.key}`, one.text);
  return null;
}

/** Dotted key → text, as the table of risk reads it. */
function textsOf(section: { readonly [key: string]: unknown }, prefix = ""): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(section)) {
    if (Array.isArray(value)) texts[`${prefix}${name}`] = value.map(shownValue).join(" ");
    else if (typeof value === "object" && value !== null)
      Object.assign(texts, textsOf({ ...value }, `${prefix}${name}.`));
    else if (value !== undefined) texts[`${prefix}${name}`] = shownValue(value);
  }
  return texts;
}

/** GRID-39: the grid must not be undone by the limits and the cleaner it runs under. */
function judgeTogether(grid: GridConfig, risk: RiskLimits, say: Say): void {
  if (grid.openOrdersMax > risk.openOrdersMax) {
    const text = `openOrdersMax ${grid.openOrdersMax} is above risk.openOrdersMax ${risk.openOrdersMax}`;
    say("grid.openOrdersMax", text);
  }
  const needed = windowOrdersNeeded(grid);
  const { cleanThreshold } = risk.cleaner;
  if (needed >= cleanThreshold) {
    const cleaner = `risk.cleaner.cleanThreshold ${cleanThreshold}`;
    say("grid.entryLevels", `the window needs ${needed} orders, and ${cleaner} would cancel them`);
  }
}
