// LIVE-17: what docs/live-parity.md claims is proved by tests that exist; and no key of the configuration goes unread.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LIVE_SERVER_SECTIONS } from "../../src/config/process/live-server-schema.ts";
import { defaultSettings } from "../../src/live/settings.ts";

function textsOf(folder: string, fits: (name: string) => boolean): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && fits(name))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

test("LIVE-17 each behaviour that is the same as the original's names a test, and the test is there", () => {
  const tests = ["src/live", "test/live"].flatMap((folder) => textsOf(folder, (name) => name.includes(".test.")));
  const rows = readFileSync("docs/live-parity.md", "utf8").split("\n");
  let named = 0;
  for (const row of rows.filter((line) => line.startsWith("|"))) {
    for (const [, name = ""] of row.matchAll(/"((?:LIVE-\d\d|the |a |\/health)[^"]*?)…?"/g)) {
      assert.ok(
        tests.some((text) => text.includes(`test("${name}`)),
        `no test is named "${name}"`,
      );
      named += 1;
    }
    const [, , ours = "", proof = ""] = row.split("|");
    if (/^ same\b/.test(ours) && rows.indexOf(row) < rows.indexOf("## Flags and configuration")) {
      assert.match(proof, /"|golden|same test/, row);
    }
  }
  assert.ok(named > 12);
});

test("every key of live-server's configuration is read by its code", () => {
  const code = [
    ...textsOf("src/live", (name) => !/\.(test|fixture)\.ts$/.test(name)),
    ...textsOf("src/apps/live-server", () => true),
  ]
    .join("\n")
    .replaceAll(/^\s*(?:readonly \w+\??:|\w+: (?:\[\]|null|"|\d)).*$/gm, "");
  const { limits, web } = defaultSettings();
  const keys = [...Object.keys(defaultSettings()), ...Object.keys(limits), ...Object.keys(web)];
  for (const key of [...keys, ...Object.keys(LIVE_SERVER_SECTIONS)]) {
    assert.match(code, new RegExp(`\\b${key}\\b`), `${key} is read by nobody`);
  }
});
