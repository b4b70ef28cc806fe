// What `opensqt config check | show | schema` do: what a file means before anything runs on it.

import { stringify } from "yaml";
import { configOrExample } from "../../config/default-config.ts";
import { configSource, renderProblems } from "../../config/load.ts";
import { sharesProblem } from "../../config/process/account-limits.ts";
import type { BoundBot } from "../../config/process/bot-draft.ts";
import { bindBot } from "../../config/process/draft.ts";
import { guessKind } from "../../config/process/guess.ts";
import { jsonSchemaOf } from "../../config/process/json-schema.ts";
import { CONFIG_KINDS, type ConfigKind, kindOf, type LoadedKind } from "../../config/process/kinds.ts";
import type { MarketMakerConfig } from "../../config/process/shapes.ts";
import { shownConfig } from "../../config/process/shown.ts";
import { type ConfigSource, readSource } from "../../config/source.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson, usageError } from "./output.ts";

export interface ConfigFlags {
  readonly process?: string;
  readonly json?: true;
}

/** `beside`: configurations of the other processes on the same account. */
export type CheckFlags = ConfigFlags & { readonly beside?: readonly string[] };

const HINT = "docs/configuration.md lists every key";

export function schema(process: string | undefined, { json }: ConfigFlags): void {
  const document = jsonSchemaOf(kindNamed(process ?? "up"));
  if (json === true) printJson(document);
  else print(JSON.stringify(document, null, 2));
}

export function check(file: string | undefined, flags: CheckFlags): void {
  const { config, kind } = loadedFrom(file, flags);
  const bots = boundBots(config);
  checkShares([config, ...(flags.beside ?? []).map((other) => loadedFrom(other, {}).config)]);
  if (flags.json === true) {
    const { file: name, warnings } = config;
    const told = bots.map(({ id, strategy, instrument, hash }) => ({
      id,
      strategy,
      instrument: instrument.symbol,
      hash,
    }));
    printJson({ file: name, process: kind.name, warnings, bots: told });
    return;
  }
  for (const warning of config.warnings) note(warning);
  print(`${config.file}: good; ${wordsOf(config, bots)}`);
}

function loadedFrom(file: string | undefined, flags: ConfigFlags): { config: LoadedKind; kind: ConfigKind } {
  const source = configSource(file, process.env);
  const kind = kindFor(source, flags);
  const loaded = kind.load(source, { environment: process.env });
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error), HINT);
  return { config: loaded.value, kind };
}

/** The shares several processes take of one account's limits (RISK-11). Errors: CommandError 3. */
function checkShares(configs: readonly LoadedKind[]): void {
  const shares = configs.flatMap((config) => {
    const engine = "marketMaker" in config ? config.marketMaker : "bots" in config ? config : null;
    return engine === null ? [] : [{ file: config.file, bps: engine.account.accountShareBps }];
  });
  const problem = sharesProblem(shares);
  if (problem === null) return;
  const todo = "give each process its part: risk.accountShareBps in its configuration";
  throw new CommandError(EXIT_CODES.refused, problem, todo);
}

export function show(file: string | undefined, flags: ConfigFlags): void {
  const source = sourceOrExample(file);
  const kind = kindFor(source, flags);
  const shown = shownConfig(kind, source, process.env);
  if (!shown.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(shown.error), HINT);
  const { file: name, values } = shown.value;
  const loaded = kind.load(source, { environment: process.env });
  const hashes = loaded.ok ? boundBots(loaded.value).map(({ id, hash }) => ({ id, hash })) : [];
  if (flags.json === true) printJson({ file: name, process: kind.name, bots: hashes, values });
  else {
    print([`# ${name}`, ...hashes.map(({ id, hash }) => `# ${id}: hash ${hash}`)].join("\n"));
    process.stdout.write(stringify(values, { lineWidth: 100 }));
  }
}

/** The kind the flag names, or the one the text looks like. Errors: CommandError 2. */
export function kindFor(source: ConfigSource, flags: ConfigFlags): ConfigKind {
  if (flags.process !== undefined) return kindNamed(flags.process);
  const read = readSource(source);
  return kindNamed(read.ok ? guessKind(read.value.text) : "up");
}

function kindNamed(name: string): ConfigKind {
  const kind = kindOf(name);
  if (kind !== undefined) return kind;
  throw usageError(`${name} is not a process; give ${CONFIG_KINDS.map((one) => one.name).join(", ")}`);
}

/** What is configured, or the built-in example where nothing is. */
export const sourceOrExample = (file: string | undefined): ConfigSource => configOrExample(file, process.env);

/** Bots whose instruments are known here: those of a simulated exchange. Errors: CommandError 3. */
function boundBots(config: LoadedKind): readonly BoundBot[] {
  if ("connector" in config && "marketMaker" in config) return config.bots;
  if (!("bots" in config) || config.simulated === null) return [];
  const bound: BoundBot[] = [];
  for (const draft of config.bots) {
    const market = config.simulated.instruments.find(({ instrument }) => instrument.symbol === draft.symbol);
    if (market === undefined) {
      const problem = draft.problemAt("instrument", `${draft.symbol} is not listed in simulated.instruments`);
      throw new CommandError(EXIT_CODES.refused, renderProblems([problem]), HINT);
    }
    const bot = bindBot(draft, market.instrument);
    if (!bot.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(bot.error), HINT);
    bound.push(bot.value);
  }
  return bound;
}

function wordsOf(config: LoadedKind, bots: readonly BoundBot[]): string {
  if ("liveServer" in config) return botsText(bots);
  if ("bots" in config) return marketMakerText(config, bots);
  if ("sources" in config) {
    const { sources, http } = config;
    return `live-server of ${sources.map(({ name }) => name).join(", ")} on ${http.bind}:${http.port}`;
  }
  const { simulated, real, exchange, grpc } = config;
  const symbols = simulated?.instruments.map(({ instrument }) => instrument.symbol) ?? real?.symbols ?? [];
  const name = simulated === null ? exchange : "the simulated exchange";
  return `connector to ${name} (${symbols.join(", ")}) on ${grpc.bind}, ${grpc.clients.length} callers`;
}

function marketMakerText({ exchange, connector, bots, grpc }: MarketMakerConfig, bound: readonly BoundBot[]): string {
  const where = `market-maker on ${grpc.bind}`;
  if (exchange !== "remote") return `${where}, exchange ${exchange}; ${botsText(bound)}`;
  const named = bots.map(({ id, symbol }) => `${id} on ${symbol}`).join(", ");
  const through = `${where} through ${connector.address}`;
  return `${through}; ${named === "" ? "no bots" : named}; its start checks them against the exchange's instruments`;
}

function botsText(bots: readonly BoundBot[]): string {
  if (bots.length === 0) return "no bots";
  return bots
    .map(
      ({ id, strategy, instrument, hash }) =>
        `bot ${id}, ${strategy} on ${instrument.symbol}, hash ${hash.slice(0, 12)}`,
    )
    .join("; ");
}
