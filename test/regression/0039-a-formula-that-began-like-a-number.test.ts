// Found by reading: `opensqt export` told cells that begin like a formula as text, but took everything that begins like
// a negative number for one. `-2+3+cmd|…`, as the reason of a command, was run by the spreadsheet that opened the file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { csvLine } from "../../src/apps/opensqt/export/csv.ts";
import { pnlCsv } from "../../src/live/csv.ts";

test("OPS-11 a cell is a number or text, whatever a command's reason was", () => {
  for (const formula of ["-2+3+cmd|' /C calc'!A0", "-1 -2+A1", "-.5", "=1", "+1", "@SUM(A1)", "\t=1", "-"]) {
    assert.ok(csvLine([formula]).replace(/^"/, "").startsWith("'"), formula);
  }
  assert.equal(csvLine(["-0.25", "-0.1 -0.002", "12", "", 'say "no"']), '-0.25,-0.1 -0.002,12,,"say ""no"""\r\n');
});

test("LIVE-05 what the console downloads holds no formula either", () => {
  const [, row] = pnlCsv(new Map([["-1+cmd|x", [[0, "1", "-0.5", "0", "0", "0.5"]]]])).split("\r\n");
  assert.equal(row, "1970-01-01T00:00:00.000Z,'-1+cmd|x,1,-0.5,0,0,0.5");
});
