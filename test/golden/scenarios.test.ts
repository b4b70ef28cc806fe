// BT-25: the stored scenarios give the report and the state hash they gave before, to the digit.

import assert from "node:assert/strict";
import test from "node:test";
import { differences, readGolden, runScenario, scenarioNames, whyNot, writeGolden } from "./scenario.ts";

const update = process.env["OPENSQT_GOLDEN_UPDATE"] === "1";

test("there are scenarios", () => {
  assert.ok(scenarioNames.length >= 3);
});

for (const name of scenarioNames) {
  test(`BT-25 scenario ${name} reports what it reported before`, { skip: whyNot(name) ?? false }, () => {
    const now = runScenario(name);
    assert.equal(now["tiesOut"], true, String(now["tieNote"]));
    if (update) writeGolden(name, now);
    const found = differences(now, readGolden(name));
    assert.deepEqual(found, [], `${found.join("\n")}\nlook at each; then make golden UPDATE=1`);
  });
}
