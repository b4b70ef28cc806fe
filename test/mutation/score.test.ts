import assert from "node:assert/strict";
import test from "node:test";
import { equivalentsOf, type FileOutcome, fallen, raised, rowOf, scoreOf, withoutEquivalents } from "./score.ts";

const survivor = { file: "src/risk/a.ts", line: 3, was: "a <= b ||\n  c", became: "a < b" };
const outcome: FileOutcome = { file: "src/risk/a.ts", killed: 2, survivors: [survivor] };

test("TEST-39 a score is the share of changes that were noticed, never rounded up", () => {
  assert.equal(scoreOf(outcome), 66.6);
  assert.equal(scoreOf({ killed: 9999, survivors: [survivor] }), 99.9);
  assert.equal(scoreOf({ killed: 0, survivors: [] }), 100);
});

test("TEST-39 the ratchet refuses a file that fell and keeps the better of both", () => {
  assert.deepEqual(fallen({ "src/risk/a.ts": 70 }, [outcome]), [
    "src/risk/a.ts: 66.6 % of the changes are noticed, it was 70 %",
  ]);
  assert.deepEqual(fallen({ "src/risk/a.ts": 66.6, "src/risk/b.ts": 90 }, [outcome]), []);
  assert.deepEqual(raised({ "src/risk/b.ts": 90, "src/risk/a.ts": 70 }, [outcome]), {
    "src/risk/a.ts": 70,
    "src/risk/b.ts": 90,
  });
});

test("TEST-40 a survivor that has a line with its reason counts no longer; one without a reason still does", () => {
  const row = rowOf(survivor);
  assert.equal(row, "| src/risk/a.ts | `a <= b ¦¦ c` | `a < b` |  |");
  assert.equal(withoutEquivalents(outcome, equivalentsOf(`# head\n${row}\n`)).survivors.length, 1);
  const reasoned = row.replace("|  |", "| b is never c |");
  assert.deepEqual(withoutEquivalents(outcome, equivalentsOf(`# head\n${reasoned}\n`)).survivors, []);
});
