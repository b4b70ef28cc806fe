// The sentences of docs/configuration.md around its tables. What a key means stands with the key, not here.

export const INTRODUCTION = `# Configuration

One YAML file for each process, or one file for \`opensqt up\` with a section for each: \`connector\`,
\`market-maker\`, \`live-server\`. A file is looked for at
\`--config PATH\`, in the variable \`OPENSQT_CONFIG_YAML\` (the text itself), at the path in \`OPENSQT_CONFIG\`,
and at \`./opensqt.yaml\`; the first one there is wins. \`examples/configs/\` has one of each to start from.

| file for | starts | JSON Schema |
|---|---|---|
| \`opensqt up\`, \`preview\`, \`backtest\` | all processes on one machine | \`docs/schema/opensqt-up.schema.json\` |
| \`opensqt connector\` | the one process that talks to an exchange | \`docs/schema/opensqt-connector.schema.json\` |
| \`opensqt market-maker\` | the process that hosts bots | \`docs/schema/opensqt-market-maker.schema.json\` |
| \`opensqt live-server\` | the read-only console | \`docs/schema/opensqt-live-server.schema.json\` |

\`\`\`yaml
# yaml-language-server: $schema=./docs/schema/opensqt-up.schema.json
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
  empty variable counts as missing, and a missing one is an error. \`--env-file PATH\`, with every command and
  repeatable, fills the environment from lines \`NAME=value\`; what is there already wins (\`.env.example\`).
- A **secret** is \`{ env: NAME }\` or \`{ file: PATH }\`; such a file may be read by its owner alone
  (\`chmod 600\`). The text itself is taken only where the money is simulated. Secrets print as \`[secret]\`.
- A running process reads callers, keys and certificates again on SIGHUP, and within seconds of a change of
  their files. Whose key is gone is out; what is wrong is logged and changes nothing. The rest needs a restart.
- An unknown key is an error, and so is anything out of range. All errors of a file are listed at once, each
  with its line: \`opensqt.yaml:6 bot.grid.entryLevels: 1000 is not allowed; give 1–200 levels (default 10)\`.
- A key without a value takes its default. A dotted name here is a section in the file: \`dynamic.period\` is
  written \`dynamic: { period: 20 }\`; \`clients[].name\` is a key of each entry of the list \`clients\`.
- \`opensqt config check\`, \`show\`, \`schema\` and \`diff\` answer before anything runs; \`opensqt doctor\` looks
  at the machine, the accounts and the bots too.

This page is made from the schemas by \`npm run node tools/write-configuration-doc.ts\`; do not edit it.
`;

/** Before the table of a section of the file for \`up\`. */
export const NOTES: { readonly [section: string]: string } = {
  bot: `
\`instruments: [one]\` and \`config:\` are read as \`instrument\` and \`grid\`: the form all strategies share.

`,
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
  bots: `
In place of \`bot:\`. Each entry has the keys of \`bot\`; ids and tags are unique, instruments may differ.

`,
  simulated: `
\`instrument\` changes the rules of the one instrument the bots trade; \`instruments\` lists several.

`,
  alerts: `
Where people are told, beside log and console, which have every alert: engine and connector both read this section.
\`opensqt alerts test\` sends one to each; what they look like, and how each is set up, is in \`docs/alerts.md\`.

`,
};

/** Before the table of a process. */
export const PROCESS_NOTES: { readonly [process: string]: string } = {
  connector: `
\`simulated\` is the section above, with its instruments in the list \`instruments\`. Under \`connector:\` in a file
for \`up\` stand \`account\`, \`grpc\`, \`http\` and \`log\`; \`alerts\` is the section above. Somebody must be allowed to call: \`up\` makes keys
by itself, elsewhere name them in \`grpc.clients\`. In the clear it listens on loopback and unix sockets only.

`,
  "market-maker": `
\`bots[]\` has the keys of \`bot\` above; the file seeds a bot once, afterwards the bots' own register is the truth.
\`simulated\` is used with \`exchange: native\` or \`simulated\`. Under \`market-maker:\` in a file for \`up\` stand
\`limits\`, \`deadMan\`, \`grpc\`, \`operatorDoor\`, \`http\` and \`log\`; \`alerts\` is the section above. Native with \`environment: live\` is refused
without \`allowNativeLive\`.

`,
  "live-server": `
Everything but \`sources\` stands under \`live-server:\` in a file for \`up\`. It needs readers' keys and holds no
others. With \`auth.mode: jwt\` the section \`jwt\` has one of its two keys.

`,
};
