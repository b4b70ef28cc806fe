// The page about exchanges: every configuration on it is one that the connector takes, and every row that the
// specification marks as unverified stands on it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConnector } from "../../src/config/process/load-process.ts";
import { tableOf } from "../../src/exchange/ccxt/exchanges/registry.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/exchanges.md"), "utf8");
const blocks = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");

/** Every variable a block names, filled. */
const environmentOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/env: (\w+)/g)].map(([, name = ""]) => [name, name.padEnd(43, "0")]));

test("EXCH-52 every configuration of the page is taken as it stands, with keys from the environment", () => {
  const exchanges: string[] = [];
  for (const text of blocks) {
    const loaded = loadConnector({ text, file: "docs/exchanges.md" }, { environment: environmentOf(text) });
    assert.ok(loaded.ok, loaded.ok ? "" : `${JSON.stringify(loaded.error)}\n${text}`);
    const { real } = loaded.value;
    assert.ok(real !== null && real.credentials !== null);
    const { table, generic } = tableOf(real.exchange, real.market);
    assert.equal(generic, false, `${real.exchange} has a table of its own`);
    exchanges.push(`${table.name} ${real.exchange}`);
  }
  assert.deepEqual(exchanges, [
    "binance binance",
    "okx okx",
    "bybit bybit",
    "gate gate",
    "bitget bitget",
    "bitget bitgetuta",
  ]);
});

test("EXCH-41 each matter of the table says whether it is settled or unverified", () => {
  const [, after = ""] = PAGE.split("## What was unverified, and what became of it");
  const [section = ""] = after.split("Found on the way");
  const rows = section.split("\n").filter((line) => /^\| (Gate|Bitget)/.test(line));
  assert.equal(rows.length, 12);
  for (const row of rows) assert.match(row, /\| (settled|unverified)[ :]/, row);
});
