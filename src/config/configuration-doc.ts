// docs/configuration.md and docs/opensqt.schema.json as text, made from the schema that reads configurations. The tool
// tools/write-configuration-doc.ts writes them; a test keeps them current.

import { GRID_KEYS } from "../strategy/grid/keys.ts";
import { INSTRUMENT_PRESETS } from "./instruments.ts";
import { grouped } from "./key.ts";
import { CONFIG_SCHEMA, configJsonSchema } from "./schema.ts";
import { type KnownKey, keysOf } from "./schema-walk.ts";

const INTRODUCTION = `# Configuration

One YAML file for \`opensqt up\`, \`opensqt preview\` and \`opensqt backtest\`. It is looked for at \`--config
PATH\`, in the variable \`OPENSQT_CONFIG_YAML\` (the text itself), at the path in \`OPENSQT_CONFIG\`, and at
\`./opensqt.yaml\`; the first one there is wins.

\`\`\`yaml
# yaml-language-server: $schema=./docs/opensqt.schema.json
bot:
  id: btc-grid
  strategy: grid
  instrument: "BTC/USDT:USDT"
  budget: "5000"
  grid: { interval: "100", orderQuote: "200" }
\`\`\`

- Prices, quantities and money are **decimals in quotes**: \`"0.1"\`. A bare number is refused there, because
  YAML would read it as a float.
- \`\${VAR}\` and \`\${VAR:-default}\` inside a value come from the environment; \`$\${\` is a plain \`\${\`. An
  empty variable counts as missing, and a missing one is an error.
- An unknown key is an error, and so is anything out of range. All errors of a file are listed at once, each
  with its line: \`opensqt.yaml:6 bot.grid.entryLevels: 1000 is not allowed; give 1–200 levels (default 10)\`.
- A key without a value takes its default. A dotted name here is a section in the file: \`dynamic.period\` is
  written \`dynamic: { period: 20 }\`.

This page is made from the schema by \`npm run node tools/write-configuration-doc.ts\`; do not edit it.
`;

const TITLES: { readonly [section: string]: string } = {
  bot: "The bot",
  "bot.grid": "The grid",
  "bot.risk": "Limits and risk",
  store: "Where journals live",
  journal: "The journal",
  exchange: "The exchange",
  simulated: "The simulated exchange",
  backtest: "Backtests",
};

const NOTES: { readonly [section: string]: string } = {
  "bot.grid": `
Give exactly one of \`interval\`, \`spacingBps\` and \`gridCount\`. Every gap a price can reach must earn more
than its fees, or the start is refused with the least gap that does. \`opensqt preview\` shows orders, capital
and the worst case before you trade. The last column says what an edit of a running bot does: *live* takes
effect at once; *drain* stops entries, waits for them to be gone and moves the lattice, lots are kept; *flat*
needs a bot without position and orders. The sections \`dynamic\` (wider cells when the market moves) and
\`trend\` (no entries against it) are off unless enabled.

`,
  "bot.risk": `
An order that one of these refuses is never sent; the strategy hears of it, and the refusal says limit and
value.

`,
};

const CHANGES = new Map<string, string>(GRID_KEYS.map((one) => [`bot.grid.${one.key}`, one.change]));

/** The whole page, Markdown. */
export function configurationDoc(): string {
  const bySection = new Map<string, KnownKey[]>();
  for (const known of keysOf(CONFIG_SCHEMA)) {
    const section = sectionOf(known.key);
    bySection.set(section, [...(bySection.get(section) ?? []), known]);
  }
  const parts = Object.entries(TITLES).map(([section, title]) => {
    const head = section === "exchange" ? "key" : `\`${section}.\``;
    const rows = (bySection.get(section) ?? []).map((known) => row(known, section));
    const changes = section === "bot.grid";
    const table = [
      `| ${head} | type | default | range, unit | meaning |${changes ? " change |" : ""}`,
      `|---|---|---|---|---|${changes ? "---|" : ""}`,
      ...rows,
    ];
    return `## ${title}: \`${section}\`\n\n${NOTES[section]?.trimStart() ?? ""}${table.join("\n")}\n`;
  });
  return [INTRODUCTION, ...parts, presets()].join("\n");
}

/** JSON Schema of the file, as editors read it. */
export const configurationSchemaText = (): string => `${JSON.stringify(configJsonSchema(), null, 2)}\n`;

/** The longest title the key stands under. */
function sectionOf(key: string): string {
  const sections = Object.keys(TITLES).filter((section) => key === section || key.startsWith(`${section}.`));
  return sections.sort((a, b) => b.length - a.length)[0] ?? key;
}

function row({ key, info }: KnownKey, section: string): string {
  const name = key === section ? key : key.slice(section.length + 1);
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

Known by name; every rule can be changed under \`simulated.instrument\`, and any other symbol is made by giving its
\`tickSize\` and \`lotSize\`. Fees are 0.02 % maker and 0.05 % taker unless changed, leverage of perpetuals is 3.

| symbol | tick | lot | smallest notional, quote | largest quantity, base |
|---|---|---|---|---|
${rows.join("\n")}
`;
}
