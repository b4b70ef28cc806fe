// docs/emulator-faults.md from the catalogue, so that the page says what the emulator does and nothing else.

import { CATALOGUE, isFault, rowOf } from "./catalogue.ts";
import type { CatalogueRow, ParameterRule, StrikesAt } from "./row.ts";

const CHAPTERS: readonly { readonly at: StrikesAt; readonly title: string; readonly text: string }[] = [
  {
    at: "request",
    title: "Requests and replies",
    text:
      "They stand around a request, over HTTP and over the exchange's WebSocket API alike. Where the filter names no " +
      "route, those that change what becomes of an order mean the requests that place, cancel and amend.",
  },
  {
    at: "frame",
    title: "Streams",
    text: "They stand between the exchange and what a socket sends: the account's own events, or the public book.",
  },
  {
    at: "inside",
    title: "Inside the exchange",
    text: "The exchange itself behaves so while it answers.",
  },
  {
    at: "act",
    title: "Deeds",
    text:
      "Done once: at once, at `atMs`, or, where the fault has `after` or its filter names requests, by the first " +
      "request that matches, before that request is done.",
  },
];

const FIELDS = [
  ["field", "means", "where not given"],
  ["---", "---", "---"],
  ["`name`", "a fault of the tables below", "must be given"],
  ["`parameters`", "by name, as in the tables", "as in the tables"],
  [
    "`filter`",
    "everything in it must hold: `protocol`, `route` (`POST /fapi/v1/order`, `order.place`), `account`, `instrument` " +
      "(`BTC/USDT:USDT`), `side`, `clientOrderId`, `socket` (`http`, `api`, `user`, `public`); in routes and client " +
      "ids `*` stands for any text",
    "everything",
  ],
  ["`after`", "matches let pass first", "0"],
  ["`times`", "firings at most; null: without end", "without end; 1 for deeds, bans and stalls"],
  ["`probability`", "chance of each match, from the emulator's seed", "1"],
  ["`atMs`, `forMs`", "emulator time from which it is in force, and for how long", "now, until it is removed"],
]
  .map((cells) => `| ${cells.join(" | ")} |\n`)
  .join("");

const INTRODUCTION = `# Faults of the emulator

This page is made from the catalogue by \`npm run node tools/write-faults-doc.ts\`; do not edit it.

What real exchanges do badly, on demand. A fault is injected over the control API and strikes what its filter means:

\`\`\`sh
curl -X POST http://127.0.0.1:19100/control/faults -H 'content-type: application/json' -d '
  {"name": "acceptThenTimeout", "filter": {"account": "demo", "side": "buy"}, "after": 2, "times": 1}'
curl http://127.0.0.1:19100/control/faults              # what is in force, with matches and firings
curl -X DELETE http://127.0.0.1:19100/control/faults/f1 # or all of them, without an id
\`\`\`

${FIELDS}
Faults combine: each keeps its own count and its own chance, so that adding one changes nothing about another. Each
firing stands in \`GET /control/log\` with what it touched. A fault that is removed ends what it began: bans and halts
are over, held frames are sent, silent sockets speak again. What is wrong with a fault is answered by 400 with
\`field\`, \`value\` and \`expected\`.

The last two columns say how clients fare. The naive client is a fixture (\`test/emulator/naive-client.ts\`), and a
test holds that it fails under every fault that Binance can have; what holds a client to the other column is the list
that \`POST /control/compare\` answers with.
`;

/** The whole page, as Markdown. */
export function faultsPage(): string {
  const chapters = CHAPTERS.map(({ at, title, text }) => `## ${title}\n\n${text}\n\n${tableOf(at)}`);
  return `${[INTRODUCTION, ...chapters].join("\n")}`;
}

function tableOf(at: StrikesAt): string {
  const rows = Object.keys(CATALOGUE)
    .filter(isFault)
    .filter((name) => rowOf(name).strikes === at);
  const head = "| fault | parameters | on the wire | a correct client | a naive client |\n|---|---|---|---|---|\n";
  return head + rows.map((name) => lineOf(name, rowOf(name))).join("");
}

function lineOf(name: string, row: CatalogueRow): string {
  const needed = row.needs.map((field) => `filter \`${field}\``);
  const parameters = [...needed, ...Object.entries(row.parameters).map(([each, rule]) => parameterText(each, rule))];
  const where = row.onlyOn === null ? "" : `; only ${row.onlyOn.join(", ")}`;
  const cells = [`\`${name}\``, parameters.join("<br>"), row.wire + where, row.correct, row.naive];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}

function parameterText(name: string, rule: ParameterRule): string {
  const among = rule.is === "choice" ? ` (${rule.among.join(", ")})` : "";
  return `\`${name}\`${among}: ${rule.means}${unlessText(rule.unless)}`;
}

function unlessText(unless: unknown): string {
  if (unless === undefined) return "; must be given";
  return unless === null ? "" : `; default \`${JSON.stringify(unless)}\``;
}
