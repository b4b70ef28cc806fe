// What `opensqt config diff` does: two files against each other, or a file against the register of bots, key by key
// with what each change may do to a running bot (OPS-09, OPS-18). Changes nothing.

import { resolve } from "node:path";
import { renderProblems } from "../../config/load.ts";
import { diffBotConfig } from "../../config/process/bot-diff.ts";
import type { BotDraft } from "../../config/process/bot-draft.ts";
import { readBotText } from "../../config/process/draft.ts";
import type { LoadedKind } from "../../config/process/kinds.ts";
import { shownConfig } from "../../config/process/shown.ts";
import { type ConfigFlags, kindFor, sourceOrExample } from "./config-run.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, print, printJson, usageError } from "./output.ts";
import { registeredBots } from "./registered.ts";

export interface DiffFlags extends ConfigFlags {
  readonly dataDir?: string;
}

/** `bot` null: a key of the process. `old` and `new` null: not there. */
interface Difference {
  readonly bot: string | null;
  readonly key: string;
  readonly old: string | null;
  readonly new: string | null;
  readonly change: "live" | "drain" | "flat" | "restart" | "added" | "removed";
}

const MEANINGS: { readonly [change in Difference["change"]]: string } = {
  live: "live: takes effect at once",
  drain: "drain: entries end first, lots are kept",
  flat: "flat: needs a bot without position and orders",
  restart: "restart: a key of the process",
  added: "a new bot: opensqt bot add",
  removed: "a bot of the first that the second does not have",
};

/** Exit 4 when something differs. Errors: CommandError 2 and 3. */
export function diff(first: string | undefined, second: string | undefined, flags: DiffFlags): void {
  const found = second === undefined ? againstRegister(first, flags) : betweenFiles(first, second, flags);
  if (flags.json === true) printJson({ differences: found }, found.length === 0);
  else print(found.length === 0 ? "nothing differs" : found.map(line).join("\n"));
  if (found.length > 0) process.exitCode = EXIT_CODES.checkFailed;
}

function againstRegister(file: string | undefined, flags: DiffFlags): readonly Difference[] {
  const { config } = loaded(file, flags);
  const dataDir = flags.dataDir ?? storeOf(config);
  const registered = registeredBots(resolve(dataDir));
  if (registered === null) {
    const hint = "Name the folder with --data-dir, or give two files to compare.";
    throw new CommandError(EXIT_CODES.refused, `no bots are registered in ${dataDir}`, hint);
  }
  const kept = registered.map(({ id, config: text }) => {
    const read = readBotText(text, { file: `the register, ${id}` });
    if (!read.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(read.error));
    return read.value;
  });
  return botDifferences(kept, botsOf(config));
}

function betweenFiles(first: string | undefined, second: string, flags: DiffFlags): readonly Difference[] {
  const before = loaded(first, flags);
  const after = loaded(second, flags);
  if (before.kind.name !== after.kind.name) {
    throw usageError(`${first} is for ${before.kind.name}, ${second} for ${after.kind.name}; give two of one kind`);
  }
  const own = keyDifferences(keysOf(before), keysOf(after));
  return [...botDifferences(botsOf(before.config), botsOf(after.config)), ...own];
}

function loaded(file: string | undefined, flags: DiffFlags) {
  const source = sourceOrExample(file);
  const kind = kindFor(source, flags);
  const read = kind.load(source, { environment: process.env });
  if (!read.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(read.error));
  return { source, kind, config: read.value };
}

/** Every key but those of bots; secrets stay hidden, values of the environment stay names. */
function keysOf({ source, kind }: Pick<ReturnType<typeof loaded>, "source" | "kind">): ReadonlyMap<string, string> {
  const shown = shownConfig(kind, source, process.env);
  const keys = new Map<string, string>();
  if (shown.ok) flatten(shown.value.values, "", keys);
  return new Map([...keys].filter(([key]) => !/^bots?(\.|\[|$)/.test(key)));
}

function flatten(value: unknown, key: string, into: Map<string, string>): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) flatten(item, `${key}[${index}]`, into);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) flatten(item, key === "" ? name : `${key}.${name}`, into);
  } else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    into.set(key, `${value}`);
}

function keyDifferences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Difference[] {
  const found: Difference[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key) ?? null, after.get(key) ?? null];
    if (was !== is) found.push({ bot: null, key, old: was, new: is, change: "restart" });
  }
  return found;
}

function botDifferences(before: readonly BotDraft[], after: readonly BotDraft[]): Difference[] {
  const found: Difference[] = [];
  for (const draft of before) {
    const other = after.find(({ id }) => id === draft.id);
    if (other === undefined) found.push({ bot: draft.id, key: "", old: draft.symbol, new: null, change: "removed" });
    else for (const one of diffBotConfig(draft.values, other.values)) found.push({ bot: draft.id, ...one });
  }
  for (const { id, symbol } of after) {
    if (before.some((one) => one.id === id)) continue;
    found.push({ bot: id, key: "", old: null, new: symbol, change: "added" });
  }
  return found;
}

export function botsOf(config: LoadedKind): readonly BotDraft[] {
  if ("liveServer" in config) return config.marketMaker.bots;
  return "bots" in config ? config.bots : [];
}

function storeOf(config: LoadedKind): string {
  if ("store" in config && "sqlite" in config.store) return config.store.sqlite;
  throw usageError("this process hosts no bots; give two files to compare");
}

function line({ bot, key, old, new: now, change }: Difference): string {
  const what = [bot ?? "", key].filter((part) => part !== "").join(" ");
  return `${what}: ${old ?? "none"} → ${now ?? "none"}  (${MEANINGS[change]})`;
}
