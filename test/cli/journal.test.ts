// DUR-26, DUR-68, DUR-69 on the command line: a journal verified, replayed, asked and salvaged.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertRefused, opensqt } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "opensqt-journal-"));
const journal = join(folder, "j");
const report = join(folder, "r");
after(() => rmSync(folder, { recursive: true, force: true }));

const run = opensqt(["backtest", "run", "--synthetic", "5m", "--quiet", "--out", report, "--journal", journal]);

interface Document<T> {
  readonly ok: boolean;
  readonly data: T;
}

const dataOf = <T>(words: readonly string[]): T => {
  const said = opensqt([...words, "--json"]);
  assert.equal(said.code, 0, said.err);
  return (JSON.parse(said.out) as Document<T>).data;
};

/** Cells of the first data row of a CSV of the report. */
const firstRow = (name: string): string[] => (readFileSync(join(report, name), "utf8").split("\n")[1] ?? "").split(",");

test("DUR-26 verify says what a whole journal is", () => {
  assert.equal(run.code, 0, run.err);
  assert.match(opensqt(["journal", "verify", journal]).out, /btc-grid: \d+ records, the chain is whole; epoch 1/);
  const facts = dataOf<{ records: number; chainHash: string }>(["journal", "verify", join(journal, "journal.db")]);
  assert.ok(facts.records > 100 && facts.chainHash.length === 64);
});

test("DUR-68 replay compares everything, a part too, and says the state hash of the run", () => {
  const replayed = dataOf<{ stateHash: string; events: number }>(["replay", journal]);
  assert.ok(run.out.includes(`state ${replayed.stateHash}`));
  const part = dataOf<{ events: number }>(["replay", journal, "--from", "10", "--to", "60"]);
  assert.ok(part.events < replayed.events);
  assertRefused(opensqt(["replay", journal, "--from", "9", "--to", "8"]), 2, "--from 9 is after --to 8");
  assertRefused(opensqt(["replay", journal, "--from", "900000000"]), 3, "the journal ends at event");
  assertRefused(opensqt(["replay", journal, "--to", "soon"]), 2, "--to soon is not allowed");
});

test("DUR-69 explain answers for an order and for a fill, and refuses what it does not know", () => {
  const [, , tradeId = "", clientOrderId = ""] = firstRow("fills.csv");
  const said = opensqt(["explain", clientOrderId, "--journal", journal]);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /why: entry\.window .* entry=\d+\.\d .* held=\d\.\d+/, "in prices, not in ticks");
  for (const line of ["why: entry.window", "risk:", "what became of it:", "decided 2026-01-01"]) {
    assert.ok(said.out.includes(line), said.out);
  }
  assert.equal(opensqt(["explain", tradeId, "--journal", journal]).out, said.out);
  assertRefused(opensqt(["explain", "nobody", "--journal", journal]), 3, "no order or fill nobody");
});

test("DUR-27 salvage copies what is good into a new folder and never over something", () => {
  const saved = join(folder, "saved");
  const said = opensqt(["journal", "salvage", journal, saved]);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /\d+ good records were copied to .*; it is lineage 2/);
  assert.equal(opensqt(["journal", "verify", saved]).code, 0);
  assert.notEqual(opensqt(["journal", "salvage", journal, saved]).code, 0);
  const told = opensqt(["journal", "salvage", journal, `${saved}-2`, "--json"]);
  const { ok, data } = JSON.parse(told.out) as { ok: boolean; data: { lineage: number; lost: number } };
  assert.deepEqual([told.code, ok, data.lineage, data.lost], [0, true, 2, 0]);
});
