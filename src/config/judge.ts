// Plain values → typed configuration: the schema first, then the integers of instrument, risk and grid, then what keys
// say to each other. Sections that are whole are judged even when others are not, so that all problems come at once.

import { encodeCanonical, sha256 } from "../base/canonical.ts";
import type { Instrument } from "../market/instrument.ts";
import { type RiskLimits, riskLimitsFrom } from "../risk/limits.ts";
import { type GridConfig, windowOrdersNeeded } from "../strategy/grid/config.ts";
import { gridConfigFrom } from "../strategy/grid/config-reader.ts";
import type { BotConfigData } from "../trading/event.ts";
import { simulatedInstrument } from "./instruments.ts";
import type { BotConfig, LoadedConfig } from "./loaded.ts";
import type { Renamed } from "./old-names.ts";
import { type ConfigProblem, renderProblems, shownValue } from "./problem.ts";
import { isSection, ProblemDesk, type Section } from "./problem-desk.ts";
import { CONFIG_SCHEMA, type ConfigValues } from "./schema.ts";
import { backtestConfig, moneyOf, simulatedConfig } from "./simulation.ts";

export interface Judged {
  readonly config: LoadedConfig | null;
  readonly problems: readonly ConfigProblem[];
}

interface Source {
  readonly file: string;
  readonly text: string;
}

export function judge(tree: Renamed, source: Source): Judged {
  const desk = new ProblemDesk(tree, source.file);
  for (const one of tree.problems) desk.say(one.key, one.text);
  const parsed = CONFIG_SCHEMA.safeParse(tree.values);
  if (!parsed.success) for (const issue of parsed.error.issues) desk.issue(issue);
  const parts = judgeParts(tree.values, desk);
  if (!parsed.success || desk.problems.length > 0 || parts === null) return { config: null, problems: desk.problems };
  return { config: assemble(parsed.data, parts, { tree, source, desk }), problems: [] };
}

interface Parts {
  readonly instrument: Instrument;
  readonly grid: GridConfig;
  readonly risk: RiskLimits;
}

/** Instrument, grid and risk, each as far as its own section is whole. */
function judgeParts(values: unknown, desk: ProblemDesk): Parts | null {
  const { bot, simulated } = CONFIG_SCHEMA.shape;
  const given = sectionOf(values, "bot");
  const symbol = bot.shape.instrument.safeParse(given["instrument"]);
  const market = simulated.safeParse(sectionOf(values, "simulated"));
  if (market.success && market.data.market === "recorded" && market.data.data === undefined) {
    desk.say("simulated.data", "nothing is not allowed with market recorded; give a path");
  }
  const backtest = CONFIG_SCHEMA.shape.backtest.safeParse(sectionOf(values, "backtest"));
  if (market.success) judgeFill("simulated", market.data.fillModel, desk);
  if (backtest.success) judgeFill("backtest", backtest.data.fillModel, desk);
  if (!symbol.success || !market.success) return null;
  const instrument = simulatedInstrument(symbol.data, market.data.instrument);
  if (!instrument.ok) {
    for (const { field, text } of instrument.error) {
      desk.say(field === null ? "bot.instrument" : `simulated.instrument.${field}`, text);
    }
    return null;
  }
  const grid = gridOf(bot.shape.grid.safeParse(given["grid"]), instrument.value, desk);
  const risk = riskOf(bot.shape.risk.safeParse(given["risk"]), instrument.value, desk);
  if (grid === null || risk === null) return null;
  judgeTogether(grid, risk, desk);
  return { instrument: instrument.value, grid, risk };
}

/** BT-16, BT-17: with best quotes alone the other queue models have nothing to work on. */
function judgeFill(section: string, fill: ConfigValues["backtest"]["fillModel"], desk: ProblemDesk): void {
  if (fill.level !== "L1" || fill.queue === "front" || fill.queue === "back") return;
  desk.say(`${section}.fillModel.queue`, `${fill.queue} needs level L2; L1 knows front and back`);
}

type Parsed<T> = { readonly success: true; readonly data: T } | { readonly success: false };

function gridOf(
  parsed: Parsed<ConfigValues["bot"]["grid"]>,
  instrument: Instrument,
  desk: ProblemDesk,
): GridConfig | null {
  if (!parsed.success) return null;
  const grid = gridConfigFrom(parsed.data, instrument);
  if (grid.ok) return grid.value.config;
  for (const one of grid.error) {
    const usual = `${one.value} is not allowed; give ${one.expected} (default ${one.default ?? "none"})`;
    desk.say(`bot.grid.${one.key}`, one.message ?? usual);
  }
  return null;
}

function riskOf(
  parsed: Parsed<ConfigValues["bot"]["risk"]>,
  instrument: Instrument,
  desk: ProblemDesk,
): RiskLimits | null {
  if (!parsed.success) return null;
  const risk = riskLimitsFrom(textsOf(parsed.data), instrument);
  if (risk.ok) return risk.value;
  for (const one of risk.error) desk.say(`bot.risk.${one.key}`, one.text);
  return null;
}

/** Dotted key → text, as the table of risk reads it. */
function textsOf(section: { readonly [key: string]: unknown }, prefix = ""): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(section)) {
    if (typeof value === "object" && value !== null) Object.assign(texts, textsOf({ ...value }, `${prefix}${name}.`));
    else if (value !== undefined) texts[`${prefix}${name}`] = shownValue(value);
  }
  return texts;
}

/** GRID-39: the grid must not be undone by the limits and the cleaner it runs under. */
function judgeTogether(grid: GridConfig, risk: RiskLimits, desk: ProblemDesk): void {
  if (grid.openOrdersMax > risk.openOrdersMax) {
    const text = `openOrdersMax ${grid.openOrdersMax} is above risk.openOrdersMax ${risk.openOrdersMax}`;
    desk.say("bot.grid.openOrdersMax", text);
  }
  const needed = windowOrdersNeeded(grid);
  const { cleanThreshold } = risk.cleaner;
  if (needed >= cleanThreshold) {
    const cleaner = `risk.cleaner.cleanThreshold ${cleanThreshold}`;
    desk.say("bot.grid.entryLevels", `the window needs ${needed} orders, and ${cleaner} would cancel them`);
  }
}

interface Origin {
  readonly tree: Renamed;
  readonly source: Source;
  readonly desk: ProblemDesk;
}

function assemble(values: ConfigValues, parts: Parts, origin: Origin): LoadedConfig {
  const { bot } = values;
  const budget = bot.budget === undefined ? null : moneyOf(bot.budget);
  const data: BotConfigData = {
    strategy: bot.strategy,
    strategyConfig: parts.grid,
    risk: parts.risk,
    cancelOnExit: bot.cancelOnExit,
    ...(budget === null ? {} : { budget }),
  };
  const whole: BotConfig = {
    id: bot.id,
    tag: bot.tag ?? derivedTag(bot.id),
    strategy: bot.strategy,
    instrument: parts.instrument,
    budget,
    grid: parts.grid,
    risk: parts.risk,
    cancelOnExit: bot.cancelOnExit,
    data,
  };
  return {
    ...origin.source,
    hash: sha256(encodeCanonical({ ...data, instrument: bot.instrument })),
    bot: whole,
    store: values.store,
    journal: values.journal,
    exchange: values.exchange,
    simulated: simulatedConfig(values.simulated, parts.instrument),
    backtest: backtestConfig(values.backtest, parts.instrument),
    warnings: origin.tree.warnings.map((one) => renderProblems([origin.desk.problem(one.key, one.text)])),
    values,
  };
}

/** Six characters of 0-9 and a-z from the id: the same on every machine. */
export function derivedTag(id: string): string {
  const number = BigInt(`0x${sha256(id).slice(0, 16)}`) % 36n ** 6n;
  return number.toString(36).padStart(6, "0");
}

function sectionOf(values: unknown, name: string): Section {
  const inside = isSection(values) ? values[name] : undefined;
  return isSection(inside) ? inside : {};
}
