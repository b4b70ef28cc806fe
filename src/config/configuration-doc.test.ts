// The published documentation is the schema's own word: both files are compared with what the code says now.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { configurationDoc, configurationSchemaText } from "./configuration-doc.ts";
import { loadConfig, renderProblems } from "./load.ts";
import { CONFIG_SCHEMA } from "./schema.ts";
import { keysOf } from "./schema-walk.ts";

const published = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const HINT = "run: npm run node tools/write-configuration-doc.ts";

test("OPS-07 docs/configuration.md and docs/opensqt.schema.json are current", () => {
  assert.equal(published("configuration.md"), configurationDoc(), HINT);
  assert.equal(published("opensqt.schema.json"), configurationSchemaText(), HINT);
});

test("OPS-03 every key has a meaning and a range, and its default is allowed", () => {
  for (const { key, info } of keysOf(CONFIG_SCHEMA)) assert.ok(info.meaning !== "" && info.range !== "", key);
});

test("the example of the documentation is accepted", () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(configurationDoc())?.[1] ?? "";
  const config = loadConfig({ text: example, file: "example" }, { environment: {} });
  assert.ok(config.ok, config.ok ? "" : renderProblems(config.error));
});
