// The binder over config/: one bot's YAML read, bound to its instrument, and compared with another.

import { ok } from "../../base/result.ts";
import { diffBotConfig } from "../../config/process/bot-diff.ts";
import { bindBot, readBotText } from "../../config/process/draft.ts";
import type { BotBinder } from "./binder.ts";

export const configBinder: BotBinder = {
  read: (text) => readBotText(text),
  bind: (text, instrument) => {
    const draft = readBotText(text);
    if (!draft.ok) return draft;
    const bound = bindBot(draft.value, instrument);
    // the text as it was written: comments are worth keeping
    return bound.ok ? ok({ ...bound.value, text }) : bound;
  },
  diff: (before, after) => {
    const was = readBotText(before);
    const is = readBotText(after);
    if (!was.ok || !is.ok) return [];
    const changes = diffBotConfig(was.value.values, is.value.values);
    return changes.map(({ key, old, new: next, change }) => ({ key, old: old ?? "", new: next ?? "", change }));
  },
};
