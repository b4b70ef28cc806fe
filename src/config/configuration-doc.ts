// docs/configuration.md and docs/schema/*.json as text, made from the schemas that read configurations. The tool
// tools/write-configuration-doc.ts writes them; a test keeps them current.

import { GRID_KEYS } from "../strategy/grid/keys.ts";
import { INTRODUCTION, NOTES, PROCESS_NOTES } from "./configuration-words.ts";
import { INSTRUMENT_PRESETS } from "./instruments.ts";
import { grouped } from "./key.ts";
import { jsonSchemaText, SCHEMA_FOLDER, schemaFile } from "./process/json-schema.ts";
import { CONFIG_KINDS, type ConfigKind } from "./process/kinds.ts";
import type { KnownKey } from "./schema-walk.ts";

/** Sections of the file for `up`, in the order of the page; those of processes have tables of their own. */
const UP_SECTIONS: { readonly [section: string]: string } = {
  bot: "The bot",
  "bot.grid": "The grid",
  "bot.risk": "Limits and risk",
  bots: "Several bots",
  store: "Where journals live",
  journal: "The journal",
  exchange: "The exchange",
  simulated: "The simulated exchange",
  backtest: "Backtests",
  alerts: "Alerts",
};

/** Described once, under `up`. */
const SHARED = ["bots", "simulated", "alerts"];
const PROCESSES = ["connector", "market-maker", "live-server"];

const CHANGES = new Map<string, string>(GRID_KEYS.map((one) => [`bot.grid.${one.key}`, one.change]));

/** The whole page, Markdown. */
export function configurationDoc(): string {
  const [up, ...processes] = CONFIG_KINDS;
  const parts = up === undefined ? [] : upParts(up);
  return [INTRODUCTION, ...parts, presets(), ...processes.map(processPart)].join("\n");
}

/** Path below the repository → text of each published schema. */
export const schemaTexts = (): ReadonlyMap<string, string> =>
  new Map(CONFIG_KINDS.map((kind) => [`${SCHEMA_FOLDER}/${schemaFile(kind.name)}`, jsonSchemaText(kind)]));

const known = (kind: ConfigKind): readonly KnownKey[] => [...kind.keys.all].map(([key, info]) => ({ key, info }));

function upParts(kind: ConfigKind): readonly string[] {
  const bySection = new Map<string, KnownKey[]>();
  for (const one of known(kind)) {
    if (PROCESSES.some((name) => one.key.startsWith(`${name}.`)) || one.key.startsWith("bots[]")) continue;
    const section = longestTitle(one.key);
    bySection.set(section, [...(bySection.get(section) ?? []), one]);
  }
  return Object.entries(UP_SECTIONS).map(([section, title]) => {
    const head = section === "exchange" || section === "bots" ? "key" : `\`${section}.\``;
    const rows = (bySection.get(section) ?? []).map((one) => row(one, section));
    const table = tableOf(head, rows, section === "bot.grid");
    return `## ${title}: \`${section}\`\n\n${NOTES[section]?.trimStart() ?? ""}${table}\n`;
  });
}

/** One table a process; what stands above in full is named only. */
function processPart(kind: ConfigKind): string {
  const own = known(kind).filter(
    ({ key }) => !SHARED.some((name) => key.startsWith(`${name}[`) || key.startsWith(`${name}.`)),
  );
  const note = PROCESS_NOTES[kind.name] ?? "";
  const table = tableOf(
    "key",
    own.map((one) => row(one, "")),
    false,
  );
  return `## \`opensqt ${kind.name}\`: ${kind.title}\n\n${note.trimStart()}${table}\n`;
}

function tableOf(head: string, rows: readonly string[], changes: boolean): string {
  return [
    `| ${head} | type | default | range, unit | meaning |${changes ? " change |" : ""}`,
    `|---|---|---|---|---|${changes ? "---|" : ""}`,
    ...rows,
  ].join("\n");
}

/** The longest title the key stands under. */
function longestTitle(key: string): string {
  const sections = Object.keys(UP_SECTIONS).filter((section) => key === section || key.startsWith(`${section}.`));
  return sections.sort((a, b) => b.length - a.length)[0] ?? key;
}

function row({ key, info }: KnownKey, section: string): string {
  const name = section === "" || key === section ? key : key.slice(section.length + 1);
  const written = info.type === "decimal" ? `"${info.default}"` : info.default;
  const fallback = info.default === null ? "–" : `\`${written}\``;
  const range = info.unit === "" ? info.range : `${info.range} ${info.unit}`;
  const change = CHANGES.get(key);
  const cells = [`\`${name}\``, info.type, fallback, range, info.meaning, ...(change === undefined ? [] : [change])];
  return `| ${cells.join(" | ")} |`;
}

function presets(): string {
  const rows = Object.entries(INSTRUMENT_PRESETS).map(
    ([symbol, one]) =>
      `| ${symbol} | ${one.tickSize} | ${one.lotSize} | ${one.minNotional} | ${grouped(one.maxQuantity)} |`,
  );
  return `## Instruments of the simulated exchange

Known by name; every rule can be changed under \`simulated.instrument\`, or in the list
\`simulated.instruments\`, and any other symbol is made by giving its \`tickSize\` and \`lotSize\`. Fees are 0.02 % maker
and 0.05 % taker unless changed, leverage of perpetuals is 3.

| symbol | tick | lot | smallest notional, quote | largest quantity, base |
|---|---|---|---|---|
${rows.join("\n")}
`;
}
