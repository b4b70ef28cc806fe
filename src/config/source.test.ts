// What of a file's text counts: how it is encoded, and keys without a value.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "./load.ts";
import { renderProblems } from "./problem.ts";

const GOOD = [
  "bot:",
  "  id: btc-grid",
  "  strategy: grid",
  "  instrument: BTC/USDT:USDT",
  '  grid: { interval: "100", orderQuote: "200" }',
  "",
].join("\n");

function said(source: Parameters<typeof loadConfig>[0]): string {
  const loaded = loadConfig(source, { environment: {} });
  return loaded.ok ? loaded.value.hash : renderProblems(loaded.error);
}

test("RISK-50 a key whose value was forgotten is refused: no limit is none by an accident", () => {
  const a = (text: string): string => said({ text: GOOD + text, file: "a.yaml" });
  const ending = "has no value; write one, or leave the key out for its default";
  assert.equal(a("  budget: # later\n"), `a.yaml:6 bot.budget: ${ending}`);
  assert.equal(a("  risk:\n    orderNotionalMax:\n"), `a.yaml:7 bot.risk.orderNotionalMax: ${ending}`);
  assert.equal(a("  risk:\nbacktest:\n"), a(""), "a section without keys is one of defaults");
  assert.equal(a("  budget: null\n"), a(""), "a written null is meant");
});

test("OPS-01 a file in another encoding than UTF-8 is refused by that, a mark at its beginning is not", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "source-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.yaml");
  const from = (bytes: Buffer): string => {
    writeFileSync(path, bytes);
    return said({ path });
  };
  assert.match(from(Buffer.from(`\ufeff${GOOD}`, "utf16le")), /cannot be read \(it is not UTF-8: save it as UTF-8\)/);
  assert.match(from(Buffer.concat([Buffer.from(GOOD), Buffer.from([0x23, 0xe9])])), /it is not UTF-8/);
  assert.equal(from(Buffer.from(`\ufeff${GOOD}`)), said({ text: GOOD, file: path }));
});
