// Plain values → typed configuration: the schema first, then the integers of instrument, risk and grid, then what keys
// say to each other. Sections that are whole are judged even when others are not, so that all problems come at once.

import type { Instrument } from "../market/instrument.ts";
import { assembleBot, type BotParts, botParts } from "./bot-judge.ts";
import { simulatedInstrument } from "./instruments.ts";
import type { LoadedConfig } from "./loaded.ts";
import type { Renamed } from "./old-names.ts";
import { type ConfigProblem, renderProblems } from "./problem.ts";
import { isSection, ProblemDesk, type Section } from "./problem-desk.ts";
import { journalConfig } from "./process/journal-config.ts";
import { CONFIG_KEYS, CONFIG_SCHEMA, type ConfigValues } from "./schema.ts";
import { backtestConfig, simulatedConfig } from "./simulation.ts";

export interface Judged {
  readonly config: LoadedConfig | null;
  readonly problems: readonly ConfigProblem[];
}

const SEVERAL_BOTS = "lists several bots, and this command runs one; give a file with bot:";

interface Source {
  readonly file: string;
  readonly text: string;
}

export function judge(tree: Renamed, source: Source): Judged {
  const desk = new ProblemDesk(tree, source.file, CONFIG_KEYS);
  for (const one of tree.problems) desk.say(one.key, one.text);
  const parsed = CONFIG_SCHEMA.safeParse(tree.values);
  if (isSection(tree.values) && Object.hasOwn(tree.values, "bots")) desk.say("bots", SEVERAL_BOTS);
  if (!parsed.success) for (const issue of parsed.error.issues) desk.issue(issue);
  const parts = judgeParts(tree.values, desk);
  if (!parsed.success || desk.problems.length > 0 || parts === null) return { config: null, problems: desk.problems };
  return { config: assemble(parsed.data, parts, { tree, source, desk }), problems: [] };
}

interface Parts {
  readonly instrument: Instrument;
  readonly bot: BotParts;
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
  const listed = market.data.instruments.findIndex((one) => one.symbol === symbol.data);
  const rules = market.data.instruments[listed] ?? market.data.instrument;
  const instrument = simulatedInstrument(symbol.data, rules);
  if (!instrument.ok) {
    const at = listed < 0 ? "simulated.instrument" : `simulated.instruments.${listed}`;
    for (const { field, text } of instrument.error)
      desk.say(field === null ? "bot.instrument" : `${at}.${field}`, text);
    return null;
  }
  const parts = botParts(given, instrument.value, (key, text) => desk.say(`bot.${key}`, text));
  return parts === null ? null : { instrument: instrument.value, bot: parts };
}

/** BT-16, BT-17: with best quotes alone the other queue models have nothing to work on. */
function judgeFill(section: string, fill: ConfigValues["backtest"]["fillModel"], desk: ProblemDesk): void {
  if (fill.level !== "L1" || fill.queue === "front" || fill.queue === "back") return;
  desk.say(`${section}.fillModel.queue`, `${fill.queue} needs level L2; L1 knows front and back`);
}

interface Origin {
  readonly tree: Renamed;
  readonly source: Source;
  readonly desk: ProblemDesk;
}

function assemble(values: ConfigValues, parts: Parts, origin: Origin): LoadedConfig {
  const { instrument } = parts;
  const bot = assembleBot(values.bot, instrument, parts.bot);
  return {
    ...origin.source,
    hash: bot.hash,
    bot: bot.config,
    store: values.store,
    journal: journalConfig(values.journal, values.environment),
    simulated: simulatedConfig(marketOf(values), instrument),
    backtest: backtestConfig(values.backtest, instrument),
    warnings: origin.tree.warnings.map((one) => renderProblems([origin.desk.problem(one.key, one.text)])),
    values,
  };
}

/** What the list of instruments says of the bot's own comes first. */
function marketOf({ bot, simulated }: ConfigValues): ConfigValues["simulated"] {
  const own = simulated.instruments.find((one) => one.symbol === bot.instrument);
  return { ...simulated, data: own?.data ?? simulated.data, startPrice: own?.startPrice ?? simulated.startPrice };
}

function sectionOf(values: unknown, name: string): Section {
  const inside = isSection(values) ? values[name] : undefined;
  return isSection(inside) ? inside : {};
}
