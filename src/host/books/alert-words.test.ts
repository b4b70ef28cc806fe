// Every alert the code raises has a title of its own and says what to do.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { alertWords } from "./alert-words.ts";

const source = resolve(import.meta.dirname, "../..");
/** `turn.alert("x"`, `alert(turn, "x"`, `code: "x", severity`, and the switch's way to its own. */
const RAISED = /\balert\((?:(?:plan\.)?turn, )?"([a-z-]+)"|\bcode: "([a-z-]+)",\s*severity\b/g;

function raisedCodes(): readonly string[] {
  const files = globSync("{engine,host,risk,strategy,apps}/**/*.ts", { cwd: source });
  const own = files.filter((path) => !/\.(test|fixture)\.ts$/.test(path));
  const codes = own.flatMap((path) =>
    [...readFileSync(resolve(source, path), "utf8").matchAll(RAISED)].map(([, first, second]) => first ?? second ?? ""),
  );
  // `alerts test` brings its own words
  return [...new Set(codes)].filter((code) => code !== "test").sort();
}

test("OPS-29 every alert has a title and says what to do", () => {
  const codes = [
    ...raisedCodes(),
    "host-disk",
    "host-overload",
    "host-clock",
    "host-slow-steps",
    "kill-failed",
    "order-withdrawn",
  ];
  assert.ok(codes.length > 40, codes.join());
  const without = codes.filter((code) => alertWords(code).todo === "");
  assert.deepEqual(without, []);
});

test("RISK-40 a code nobody described is told by its own name", () => {
  assert.deepEqual(alertWords("a-new-one"), { title: "A new one", done: "", todo: "" });
  assert.equal(alertWords("constructor").title, "Constructor");
});
