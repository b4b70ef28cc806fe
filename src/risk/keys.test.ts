// The keys of the `risk` section against what users are promised of them: docs/configuration.md, row by row.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { grouped, notAllowed, type RiskKeyType, rangeText } from "./key.ts";
import { RISK_KEYS, type RiskKey } from "./keys.ts";

const WORDS: { readonly [type in RiskKeyType]: string } = {
  money: "decimal",
  quantity: "decimal",
  ratio: "decimal",
  int: "whole number",
  choice: "choice",
  list: "list",
};

function defaultOf(row: RiskKey): string {
  if (row.default === null) return "–";
  if (row.type === "list") return "`[]`";
  return WORDS[row.type] === "decimal" ? `\`"${row.default}"\`` : `\`${row.default}\``;
}

/** The row as the documentation has it. */
function rowOf(row: RiskKey): string {
  const range = row.type === "list" ? `a list of ${rangeText(row)}` : `${rangeText(row)} ${row.unit}`.trim();
  return `| \`${row.key}\` | ${WORDS[row.type]} | ${defaultOf(row)} | ${range} | ${row.meaning} |`;
}

test("RISK-50 every key has the type, default, range, unit and meaning that the documentation tells", () => {
  const documentation = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  const [, section = ""] = documentation.split("## Limits and risk: `bot.risk`");
  const told = section.split("\n## ")[0]?.match(/^\| `[^[`]+[^.[`]` \|.*$/gm) ?? [];
  assert.deepEqual(RISK_KEYS.map(rowOf).toSorted(), told.toSorted());
});

test("RISK-50 only a choice is chosen, its first is the default, and a list is empty", () => {
  for (const row of RISK_KEYS) {
    assert.equal(row.choices.length > 0, row.type === "choice", row.key);
    if (row.type === "choice") assert.deepEqual([row.default, row.min, row.max], [row.choices[0], null, null], row.key);
    if (row.type === "list") assert.deepEqual([row.default, row.unit], ["", "instruments"]);
  }
});

test("RISK-50 a range in words: between two bounds, above one, one of several, at most so many", () => {
  const range = (type: RiskKeyType, min: string | null, max: string | null, choices: readonly string[] = []) =>
    rangeText({ type, min, max, choices });
  assert.deepEqual(
    [range("int", "1", "5000"), range("quantity", "0", null), range("choice", null, null, ["a", "b"])],
    ["1–5,000", "above 0", "a, b"],
  );
  assert.deepEqual(
    [range("list", null, "50"), range("money", "1000", "1000000000")],
    ["at most 50", "1,000–1,000,000,000"],
  );
});

test("RISK-50 thousands are set apart before the point alone", () => {
  const told = ["999", "1000", "-1234567", "0.0001", "1234.5678"].map(grouped);
  assert.deepEqual(told, ["999", "1,000", "-1,234,567", "0.0001", "1,234.5678"]);
  assert.equal(grouped(60_000), "60,000");
});

test("RISK-50 what is not allowed is told with what is, its unit where it has one, and the default", () => {
  const of = (key: string): RiskKey => {
    const row = RISK_KEYS.find((each) => each.key === key);
    assert.ok(row !== undefined, key);
    return row;
  };
  assert.equal(notAllowed(of("autoCorrect"), "x"), "x is not allowed; give on, off (default on)");
  assert.equal(
    notAllowed(of("monitor.instruments"), "x"),
    "x is not allowed; give at most 50 instruments (default none)",
  );
  assert.equal(notAllowed(of("positionQuantityMax"), "x"), "x is not allowed; give above 0 base units (default none)");
});
