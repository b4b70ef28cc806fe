// Prometheus itself reads what we write for it: metrics, alert rules, every query of the dashboards. Where its promtool
// is not on the machine the tests are skipped and say so; tools/dashboards.test.ts holds what needs no Prometheus.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { DASHBOARDS } from "./dashboards.ts";
import { everyMetric } from "./told.fixture.ts";

const promtool = process.env["PROMTOOL"] ?? "promtool";
const skip =
  spawnSync(promtool, ["--version"]).status === 0
    ? false
    : "there is no promtool on this machine: apt-get install prometheus, or name one in PROMTOOL";

function run(words: readonly string[], input = ""): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(promtool, words, { input, encoding: "utf8", timeout: 60_000 });
  return { code: status, said: `${stdout}${stderr}` };
}

function checkRules(t: TestContext, rules: readonly Readonly<Record<string, string>>[]): string {
  const folder = mkdtempSync(join(tmpdir(), "promtool-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "rules.yml");
  writeFileSync(path, stringify({ groups: [{ name: "queries", rules }] }));
  const { code, said } = run(["check", "rules", path]);
  assert.equal(code, 0, said);
  return said;
}

test("TEST-32 promtool parses the alert rules", { skip }, () => {
  const { code, said } = run(["check", "rules", join(import.meta.dirname, "../deploy/prometheus/rules.yml")]);
  assert.equal(code, 0, said);
  assert.match(said, /SUCCESS: [1-9]\d* rules found/);
});

test("TEST-32 promtool parses every query of the dashboards, and no rubbish", { skip }, (t) => {
  const queries = Object.values(DASHBOARDS).flatMap((panels) => panels.flatMap(({ lines }) => Object.keys(lines)));
  const rules = queries.map((expr, n) => ({ record: `query:${n}`, expr }));
  assert.match(checkRules(t, rules), new RegExp(`SUCCESS: ${queries.length} rules found`));
  assert.throws(() => checkRules(t, [{ record: "query:bad", expr: "sum by (" }]));
});

test("TEST-32 promtool parses every metric the processes tell", { skip }, async (t) => {
  const { metrics, end } = everyMetric(t);
  const text = await metrics.text();
  end();
  const { code, said } = run(["check", "metrics"], text);
  // 3: it was parsed, and promtool has opinions about names that are other people's requirements (RISK-45)
  assert.ok(code === 0 || code === 3, said);
  assert.doesNotMatch(said, /error while linting|parse error|no help text/i);
  assert.equal(run(["check", "metrics"], "bad metric{ 1").code, 1);
});
