// docs/risk.md against the tables of the code, and its commands against the command line.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RISK_KEYS } from "../src/risk/keys.ts";
import { RISK_PAGE, riskPage } from "./write-risk-doc.ts";

test("RISK-18 the operators' page of risk is that of the code's tables, and every key it names is one", () => {
  const page = readFileSync(RISK_PAGE, "utf8");
  assert.equal(page, riskPage(), "run: npm run node tools/write-risk-doc.ts");
  const known = new Set(RISK_KEYS.map(({ key }) => key));
  const ofBots = page.slice(page.indexOf("## Breakers of a bot"), page.indexOf("## Limits of the account"));
  const named = [...ofBots.matchAll(/`([a-zA-Z]+(?:Max|Bps|Ms|Policy|Drawdown))`/g)].map((match) => match[1] ?? "");
  assert.ok(named.length > 15);
  assert.deepEqual(
    named.filter((key) => !known.has(key)),
    [],
  );
});
