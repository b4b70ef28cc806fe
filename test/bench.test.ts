// The benches are not run by `make test`: they need a quiet machine. What is held here: that their bounds exist and are
// judged, and that a quick run of one of them works.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import test from "node:test";
import { type Row, verdictOf } from "../bench/row.ts";

const root = resolve(import.meta.dirname, "..");
const textOf = (file: string): string => readFileSync(resolve(root, "bench", file), "utf8");

test("TEST-38 a value past its bound is broken, a value short of the wish is said to be, and not run is no success", () => {
  const row: Row = { bench: "b", measure: "m", value: 3, unit: "×", must: { most: 2 }, want: null, detail: "" };
  const cases: readonly (readonly [Partial<Row>, ReturnType<typeof verdictOf>])[] = [
    [{}, "BROKEN"],
    [{ value: 2 }, "ok"],
    [{ value: 1.5, want: { most: 1 } }, "below want"],
    [{ value: 90, must: { least: 100 } }, "BROKEN"],
    [{ value: 100, must: { least: 100 } }, "ok"],
    [{ value: null }, "not run"],
    [{ must: null }, "-"],
  ];
  for (const [change, verdict] of cases) assert.equal(verdictOf({ ...row, ...change }), verdict);
});

test("BT-32 the bounds of the specification stand in the benches: none is looser", () => {
  const bounds: readonly (readonly [file: string, must: string])[] = [
    ["capture.ts", "must: { most: 2 }, want: { most: 1 }"],
    ["capture.ts", "must: { least: 800 }, want: { least: 2_000 }"],
    ["capture.ts", "must: { least: 100_000 }, want: { least: 200_000 }"],
    ["candles.ts", "must: { least: 103_000 }, want: { least: 300_000 }"],
    ["step.ts", "most: 20"],
    ["step.ts", "most: 12"],
  ];
  for (const [file, bound] of bounds) {
    const flat = textOf(file).replaceAll(/,?\s+/g, " ").replaceAll(" }", " }");
    assert.ok(flat.includes(bound.replaceAll(/,?\s+/g, " ")), `bench/${file} lacks ${bound}`);
  }
});

test("TEST-38 BT-32 a quick run of one bench prints the machine and its rows, each judged", () => {
  const args = ["bench/run.ts", "--only", "step", "--quick", "--json"];
  const run = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", timeout: 120_000 });
  const told = JSON.parse(run.stdout) as { machine: object; rows: readonly (Row & { verdict: string })[] };
  assert.ok(Object.keys(told.machine).length > 0, "the machine is not named");
  assert.ok(told.rows.length >= 2, `${told.rows.length} rows`);
  for (const { measure, verdict } of told.rows) assert.ok(["ok", "below want", "BROKEN"].includes(verdict), measure);
  // a loaded machine may break a bound; the exit code must then say so
  assert.equal(run.status, told.rows.some(({ verdict }) => verdict === "BROKEN") ? 4 : 0, run.stderr);
});
