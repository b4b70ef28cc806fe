// Bots as texts: the drafts of a list in a file, one bot's text sent over the wire, and binding a draft to the
// instrument the exchange told (OPS-09, OPS-10). Nothing here asks the exchange.

import { stringify } from "yaml";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Instrument } from "../../market/instrument.ts";
import { assembleBot, botParts, derivedTag } from "../bot-judge.ts";
import { type BotValues, bot } from "../bot-schema.ts";
import { frozen } from "../frozen.ts";
import type { KeyInfo } from "../key.ts";
import { renameOldKeys } from "../old-names.ts";
import { type ConfigProblem, renderProblems } from "../problem.ts";
import { isSection, ProblemDesk, type Section } from "../problem-desk.ts";
import { KnownKeys } from "../schema-walk.ts";
import { readTree, type Tree } from "../tree.ts";
import type { BotDraft, BoundBot } from "./bot-draft.ts";

export const BOT_KEYS = new KnownKeys(bot);

export interface BotTextOptions {
  /** What problems call the text. */
  readonly file?: string;
  /** What `${VAR}` reads. None unless given: a text from elsewhere must not read this process's environment. */
  readonly environment?: { readonly [name: string]: string | undefined };
}

/** One bot's YAML, its keys at the top or under `bot:`. All problems at once; never throws. */
export function readBotText(text: string, options: BotTextOptions = {}): Result<BotDraft, readonly ConfigProblem[]> {
  const file = options.file ?? "the bot's configuration";
  const infoOf = (key: string): KeyInfo | undefined => BOT_KEYS.infoOf(key.replace(/^bot\./, ""));
  const read = readTree(text, { file, environment: options.environment ?? {}, infoOf });
  if (read.values === undefined || read.problems.some(({ key }) => key === "")) return fail(read.problems);
  const { tree, beside } = unwrapped(read);
  const renamed = renameOldKeys(tree, [""]);
  const desk = new ProblemDesk(renamed, file, BOT_KEYS);
  for (const one of [...tree.problems, ...renamed.problems]) desk.say(one.key, one.text);
  const parsed = bot.safeParse(renamed.values);
  if (!parsed.success) for (const issue of parsed.error.issues) desk.issue(issue);
  if (!parsed.success || desk.problems.length > 0) return fail([...desk.problems].sort((a, b) => a.line - b.line));
  const own = renamed.warnings.map((one) => renderProblems([desk.problem(one.key, one.text)]));
  const besides = beside.map((key) => `${file} ${key}: belongs to the process, and is not looked at here`);
  return ok(
    frozen(
      botDraft(parsed.data, renamed.values, {
        warnings: [...own, ...besides],
        problemAt: (key, said) => desk.problem(key, said),
      }),
    ),
  );
}

/** A text whose bot stands under `bot:` is read as if it stood at the top; `beside` names the other keys. */
function unwrapped(tree: Tree): { readonly tree: Tree; readonly beside: readonly string[] } {
  if (!isSection(tree.values) || !isSection(tree.values["bot"])) return { tree, beside: [] };
  const inner = (key: string): string => (key.startsWith("bot.") ? key.slice(4) : key);
  return {
    tree: {
      values: tree.values["bot"],
      places: new Map([...tree.places].map(([key, place]) => [inner(key), place])),
      problems: tree.problems.map((one) => ({ ...one, key: inner(one.key) })),
      inserted: tree.inserted.map((one) => ({ ...one, key: inner(one.key) })),
    },
    beside: Object.keys(tree.values).filter((key) => key !== "bot"),
  };
}

type Told = Pick<BotDraft, "warnings" | "problemAt">;

/** The draft of values that passed the schema; `written` is the section before defaults. */
export function botDraft(values: BotValues, written: unknown, told: Told): BotDraft {
  const { id, strategy, instrument } = values;
  return {
    id,
    tag: values.tag ?? derivedTag(id),
    strategy,
    symbol: instrument,
    text: stringify(escaped(written), { lineWidth: 110 }),
    values,
    ...told,
  };
}

/** Values as a file has them: `$` before `{` doubled, so that reading expands nothing twice (OPS-05). */
export function escaped(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("${", () => "$${");
  if (Array.isArray(value)) return value.map(escaped);
  if (!isSection(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
}

/** Checks strategy and risk against the instrument as the exchange has it. All problems at once. */
export function bindBot(draft: BotDraft, instrument: Instrument): Result<BoundBot, readonly ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  const say = (key: string, text: string): void => {
    if (!problems.some((one) => one.text === text)) problems.push(draft.problemAt(key, text));
  };
  if (instrument.symbol !== draft.symbol) {
    say("instrument", `${draft.symbol} is not ${instrument.symbol}, which it would be bound to`);
    return fail(problems);
  }
  const section: Section = { ...draft.values };
  const parts = botParts(section, instrument, say);
  if (problems.length > 0 || parts === null) return fail(problems.sort((a, b) => a.line - b.line));
  const { config, hash } = assembleBot(draft.values, instrument, parts);
  return ok(frozen({ ...config, hash, text: draft.text }));
}
