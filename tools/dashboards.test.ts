// Dashboards and alert rules against what processes tell: nothing is shown that nobody writes, and nothing is written
// that nobody shows.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { RULES } from "./alert-rules.ts";
import { DASHBOARDS, deployFiles } from "./dashboards.ts";
import { everyMetric } from "./told.fixture.ts";

const root = join(import.meta.dirname, "..");
const shown = Object.values(DASHBOARDS).flatMap((panels) => panels.flatMap(({ lines }) => Object.keys(lines)));
const asked = [...shown, ...RULES.map(({ expr }) => expr)].join("\n");

/** Told by Prometheus itself, by the alert channels where they are configured, or by the runtime's library. */
const FROM_ELSEWHERE = ["up", "alerts_sent_total", "alerts_dropped_total"];

test("RISK-46 OPS-26 every metric stands in a panel or a rule, and every one that stands there is told", async (t) => {
  const { metrics, end } = everyMetric(t);
  const told = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
  const own = told.filter((name) => !/^(nodejs|process)_/.test(name));
  assert.deepEqual(
    own.filter((name) => !new RegExp(`\\b${name}(_bucket)?\\b`).test(asked)),
    [],
  );
  const names = new Set([...told, ...told.map((name) => `${name}_bucket`), ...FROM_ELSEWHERE]);
  const used = asked.match(/\b[a-z]+(?:_[a-z]+)+\b|\bup\b/g) ?? [];
  const words = new Set(["histogram_quantile"]);
  assert.deepEqual(
    [...new Set(used)].filter((name) => !names.has(name) && !words.has(name)),
    [],
  );
  end();
});

test("OPS-26 OPS-27 the files are those of the table, every rule has a page that says what to do", () => {
  for (const [name, text] of deployFiles()) {
    assert.equal(readFileSync(join(root, "deploy", name), "utf8"), text, `${name}: run node tools/dashboards.ts`);
  }
  const rules = parse(readFileSync(join(root, "deploy/prometheus/rules.yml"), "utf8")) as {
    groups: { rules: { alert: string; annotations: { summary: string; runbook: string } }[] }[];
  };
  const page = readFileSync(join(root, "docs/monitoring.md"), "utf8");
  const headings = new Set(
    [...page.matchAll(/^##+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
  for (const { alert, annotations } of rules.groups.flatMap((group) => group.rules)) {
    const [file = "", heading = ""] = annotations.runbook.split("#");
    assert.equal(file, "docs/monitoring.md", alert);
    assert.ok(headings.has(heading), `${alert}: docs/monitoring.md has no heading ${heading}`);
    assert.ok(annotations.summary.length > 10, alert);
  }
});
