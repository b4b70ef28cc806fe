// DUR-70, BT-44 on the command line: a journal's market played to the configuration it had, and to others.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openJournalReader } from "../../src/journal/reader.ts";
import { assertRefused, opensqt } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "opensqt-what-if-"));
const journal = join(folder, "j");
after(() => rmSync(folder, { recursive: true, force: true }));

const run = opensqt([
  "backtest",
  "run",
  "--synthetic",
  "10m",
  "--quiet",
  "--out",
  join(folder, "r"),
  "--journal",
  journal,
]);

const botText = (spacingBps: string): string => `id: btc-grid
strategy: grid
instrument: "BTC/USDT:USDT"
budget: "5000"
cancelOnExit: all
grid:
  { mode: neutral, spacing: geometric, spacingBps: "${spacingBps}", orderQuote: "130",
    entryLevels: 6, exitLevels: 6, heldSlotsMax: 30, openOrdersMax: 48 }
`;

function fileOf(spacingBps: string): string {
  const path = join(folder, `${spacingBps}.yaml`);
  writeFileSync(path, botText(spacingBps));
  return path;
}

interface Side {
  readonly orders: number;
  readonly fills: number;
  readonly pnl: string;
}

interface Decided {
  readonly text: string;
  readonly because: { readonly [name: string]: string };
}

interface Told {
  readonly unchanged: boolean;
  readonly replay?: { readonly effects: number; readonly stateHash: string };
  readonly before?: Side;
  readonly after?: Side;
  readonly recorded: Side & { readonly parityPercent: number | null };
  readonly orders?: { readonly onlyBefore: number; readonly onlyAfter: number; readonly both: number };
  readonly first?: { readonly before: Decided; readonly after: Decided } | null;
  readonly note?: string;
}

function asked(config: string, ...more: readonly string[]): Told {
  const said = opensqt(["what-if", journal, "--config", config, "--json", ...more]);
  assert.equal(said.code, 0, said.err);
  return (JSON.parse(said.out) as { data: Told }).data;
}

test("DUR-70 BT-44 the configuration that ran is a replay, bit for bit, however its text is written", () => {
  assert.equal(run.code, 0, run.err);
  const told = asked(fileOf("6"));
  assert.equal(told.unchanged, true);
  assert.ok(run.out.includes(`state ${told.replay?.stateHash}`), "the state of the run itself");
  const effects = [...reading((reader) => reader.records(0))].filter(({ type }) => type === "effect").length;
  assert.equal(told.replay?.effects, effects);
});

test("DUR-70 BT-44 a changed configuration is compared as simulated, its first other decision named", () => {
  const told = asked(fileOf("12"));
  assert.equal(told.unchanged, false);
  assert.equal(told.note, "fills simulated, books conflated");
  const { before, after: other, orders, recorded, first } = told;
  assert.ok(before !== undefined && other !== undefined && orders !== undefined && first);
  assert.ok(before.orders > other.orders, "a wider grid trades less");
  assert.equal(orders.both + orders.onlyBefore, before.orders);
  assert.equal(orders.both + orders.onlyAfter, other.orders);
  assert.match(first.before.text, /^place (buy|sell) 0\.00\d at \d+\.\d/);
  assert.notEqual(first.before.text, first.after.text);
  for (const { text, because } of [first.before, first.after]) {
    assert.match(because["code"] ?? "", /^entry\./);
    assert.equal(because["entry"], text.split(" ").at(-1), "the price it was placed at, as people write it");
    for (const name of ["exit", "ref0", "bid", "ask"]) assert.match(because[name] ?? "", /^\d+\.\d$/, name);
    assert.match(because["held"] ?? "", /^\d\.\d{3}$/);
  }
  const places = [...reading((reader) => reader.records(0))].filter(({ kind }) => kind === "place").length;
  assert.equal(recorded.orders, places);
  assert.ok(recorded.fills > 0 && before.fills > 0, "both lived and were simulated");
  assert.ok(recorded.parityPercent !== null && recorded.parityPercent <= 100, `parity ${recorded.parityPercent}`);
  assert.deepEqual(asked(fileOf("12")), told, "twice the same question, twice the same answer");
});

test("DUR-70 what does not serve is refused in one sentence, and nothing is written", () => {
  const bad = join(folder, "bad.yaml");
  writeFileSync(bad, botText("6").replace("interval", "x").replace("neutral", "sideways"));
  assertRefused(opensqt(["what-if", journal, "--config", bad]), 3, "sideways");
  assertRefused(opensqt(["what-if", join(folder, "none"), "--config", fileOf("6")]), 3, "there is no journal");
  assertRefused(opensqt(["what-if", journal, "--config", join(folder, "no.yaml")]), 3, "there is no such file");
  const late = ["what-if", journal, "--config", fileOf("12"), "--from", "900000000"];
  assertRefused(opensqt(late), 3, "no start of a run in that range");
});

function reading<T>(work: (reader: ReturnType<typeof openJournalReader>) => Iterable<T>): readonly T[] {
  const reader = openJournalReader(journal);
  try {
    return [...work(reader)];
  } finally {
    reader.close();
  }
}
