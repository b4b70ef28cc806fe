// The binder over config/: one bot's YAML read, bound to its instrument, and compared with another.

import { ok } from "../../base/result.ts";
import { shownValue } from "../../config/problem.ts";
import type { BotDraft } from "../../config/process/bot-draft.ts";
import { bindBot, readBotText } from "../../config/process/draft.ts";
import { GRID_KEYS } from "../../strategy/grid/keys.ts";
import type { BotBinder, BoundBot, ChangeClass, ConfigDifference } from "./binder.ts";

export const configBinder: BotBinder = {
  read: (text) => readBotText(text),
  bind: (text, instrument) => {
    const draft = readBotText(text);
    if (!draft.ok) return draft;
    const bound = bindBot(draft.value, instrument);
    return bound.ok ? ok({ ...bound.value, text }) : bound;
  },
  diff: (before, after) => differences(valuesOf(before), valuesOf(after)),
};

type Values = ReadonlyMap<string, string>;

function valuesOf({ text }: BoundBot): Values {
  const draft = readBotText(text);
  return draft.ok ? flat(draft.value.values) : new Map();
}

function flat(
  section: BotDraft["values"] | object,
  prefix = "",
  into = new Map<string, string>(),
): Map<string, string> {
  for (const [name, value] of Object.entries(section)) {
    if (typeof value === "object" && value !== null) flat(value, `${prefix}${name}.`, into);
    else if (value !== undefined) into.set(`${prefix}${name}`, shownValue(value));
  }
  return into;
}

/** In the order of the texts: the old one's keys, then what is new. */
function differences(before: Values, after: Values): readonly ConfigDifference[] {
  const counted = before.has("grid.gridCount") || after.has("grid.gridCount");
  const found: ConfigDifference[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const change = { old: before.get(key) ?? "", new: after.get(key) ?? "" };
    if (change.old !== change.new) found.push({ key, ...change, change: classOf(key, counted) });
  }
  return found;
}

/** OPS-09. Risk, budget and the stop policy are judged anew at every order, so they are live. */
function classOf(key: string, counted: boolean): ChangeClass {
  if (key === "id" || key === "tag" || key === "strategy" || key === "instrument") return "flat";
  if (!key.startsWith("grid.")) return "live";
  const row = GRID_KEYS.find((each) => `grid.${each.key}` === key);
  const bound = row?.field === "rangeLow" || row?.field === "rangeHigh";
  return bound && counted ? "drain" : (row?.change ?? "flat");
}
