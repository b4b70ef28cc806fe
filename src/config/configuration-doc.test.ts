// The published documentation is the schema's own word: both files are compared with what the code says now.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { configurationDoc, schemaTexts } from "./configuration-doc.ts";
import { loadConfig, renderProblems } from "./load.ts";
import { CONFIG_KINDS } from "./process/kinds.ts";

const published = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const HINT = "run: npm run node tools/write-configuration-doc.ts";

test("OPS-07 docs/configuration.md and the published schema of each file are current", () => {
  assert.equal(published("docs/configuration.md"), configurationDoc(), HINT);
  for (const [path, text] of schemaTexts()) assert.equal(published(path), text, `${path}; ${HINT}`);
});

test("OPS-03 every key of every file has a meaning and a range", () => {
  for (const kind of CONFIG_KINDS) {
    for (const [key, info] of kind.keys.all) assert.ok(info.meaning !== "" && info.range !== "", `${kind.name} ${key}`);
  }
});

test("the example of the documentation is accepted", () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(configurationDoc())?.[1] ?? "";
  const config = loadConfig({ text: example, file: "example" }, { environment: {} });
  assert.ok(config.ok, config.ok ? "" : renderProblems(config.error));
});
