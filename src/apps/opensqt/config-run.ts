// What `opensqt config …` does: what a file means before anything runs on it.

import { parse, stringify } from "yaml";
import { DEFAULT_CONFIG_TEXT } from "../../config/default-config.ts";
import { configSource, type LoadedConfig, loadConfig, renderProblems } from "../../config/load.ts";
import { configJsonSchema } from "../../config/schema.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson } from "./output.ts";

export interface ConfigFlags {
  readonly config?: string;
  readonly json?: true;
}

export function schema({ json }: ConfigFlags): void {
  if (json === true) printJson(configJsonSchema());
  else print(JSON.stringify(configJsonSchema(), null, 2));
}

export function check(file: string | undefined, { json }: ConfigFlags): void {
  const loaded = loadConfig(configSource(file, process.env), { environment: process.env });
  if (!loaded.ok) {
    throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error), "docs/configuration.md lists every key");
  }
  const { file: name, hash, warnings, bot } = loaded.value;
  if (json === true) {
    printJson({ file: name, hash, warnings, bot: bot.id });
    return;
  }
  for (const warning of warnings) note(warning);
  print(`${name}: good; bot ${bot.id}, ${bot.strategy} on ${bot.instrument.symbol}, hash ${hash.slice(0, 12)}`);
}

export function show(file: string | undefined, { json }: ConfigFlags): void {
  const shown = withoutEnvironment(sourceFor(file));
  if (json === true) printJson({ file: shown.file, hash: shown.hash, values: shown.values });
  else {
    print(`# ${shown.file}, hash ${shown.hash}`);
    process.stdout.write(stringify(shown.values, { lineWidth: 100 }));
  }
}

function sourceFor(file: string | undefined) {
  const source = configSource(file, process.env);
  if (file !== undefined || "text" in source || process.env["OPENSQT_CONFIG"] !== undefined) return source;
  const loaded = loadConfig(source, { environment: process.env });
  const absent =
    !loaded.ok && loaded.error.some(({ line, text }) => line === 0 && text.includes("there is no such file"));
  return absent ? { text: DEFAULT_CONFIG_TEXT, file: "built-in example" } : source;
}

/** What the environment put in may be a secret: such a value is shown as the file has it, `${NAME}`. */
function withoutEnvironment(source: ReturnType<typeof configSource>): Pick<LoadedConfig, "file" | "hash" | "values"> {
  const loaded = loadConfig(source, { environment: process.env });
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  const { file, hash, text, values } = loaded.value;
  return { file, hash, values: asWritten(values, parse(text)) };
}

/** `value` with every text of `raw` that names a variable in its place. */
function asWritten<T>(value: T, raw: unknown): T {
  if (typeof raw === "string" && raw.includes("${")) return raw as T;
  if (typeof value !== "object" || value === null || typeof raw !== "object" || raw === null) return value;
  const written = raw as { readonly [key: string]: unknown };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asWritten(item, written[key])])) as T;
}
