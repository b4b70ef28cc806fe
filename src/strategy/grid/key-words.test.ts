// GRID-01: how messages speak of a key.

import assert from "node:assert/strict";
import { test } from "node:test";
import { expectedText, nearestKey } from "./key-words.ts";
import { GRID_KEYS } from "./keys.ts";

test("GRID-01 what a key may be is told by its type, with its range and its unit where it has one", () => {
  const any = GRID_KEYS[0];
  assert.ok(any !== undefined);
  const key = { ...any, unit: "", low: "1", high: "5", values: [] } as const;
  const range = { ...key, unit: "bps" } as const;
  assert.equal(expectedText({ ...key, type: "bool" }), "true or false");
  assert.equal(expectedText({ ...key, type: "enum", values: ["none", "all"] }), "none, all");
  assert.equal(expectedText({ ...key, type: "price" }), "a quoted price on the tick");
  const named = { ...key, type: "price", values: ["auto", "mid"] } as const;
  assert.equal(expectedText(named), "auto, mid or a quoted price on the tick");
  assert.deepEqual(
    [key, range].map((one) => expectedText({ ...one, type: "int" })),
    ["1–5", "1–5 bps"],
  );
  assert.deepEqual(
    [key, range].map((one) => expectedText({ ...one, type: "decimal" })),
    ['"1"–"5"', '"1"–"5" bps'],
  );
  assert.deepEqual(
    [key, range].map((one) => expectedText({ ...one, type: "decimal", high: null })),
    ["a quoted decimal above 0", "a quoted decimal above 0 bps"],
  );
});

test("GRID-01 the nearest key is the one with the fewest edits, the first of those that are as near", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["ENTRYLEVEL", "entryLevels"],
    ["levels", "exitLevels"],
    ["s", "mode"],
    ["rangehi", "rangeHigh"],
    ["sthigh", "stopHigh"],
    ["inter", "interval"],
    ["trend.slwo", "trend.slow"],
  ];
  for (const [name, key] of cases) assert.equal(nearestKey(name), key, name);
});
