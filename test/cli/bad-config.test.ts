// A configuration that is wrong is met with one message that names file, line, key, value and what is allowed; nothing
// starts on it and nothing is written.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { DEFAULT_CONFIG_TEXT } from "../../src/config/default-config.ts";
import { assertRefused, opensqt, withFolder } from "./command-line.ts";
import { put } from "./market-files.ts";

const GOOD = DEFAULT_CONFIG_TEXT;

/** What is wrong, the text that makes it so, and what the message must hold. */
const WRONG: readonly (readonly [what: string, from: string, to: string, message: RegExp])[] = [
  [
    "a wrong key",
    "entryLevels: 6",
    "entryLevel: 6",
    /grid\.yaml:\d+ bot\.grid\.entryLevel: is not a key; the nearest is entryLevels/,
  ],
  [
    "a wrong type",
    "entryLevels: 6",
    "entryLevels: many",
    /grid\.yaml:\d+ bot\.grid\.entryLevels: many is not allowed; give 1–200/,
  ],
  [
    "a value out of range",
    "entryLevels: 6",
    "entryLevels: 1000",
    /grid\.yaml:\d+ bot\.grid\.entryLevels: 1000 .*1–200 levels \(default 10\)/,
  ],
  [
    "a price as a float",
    'orderQuote: "130"',
    "orderQuote: 130",
    /grid\.yaml:\d+ bot\.grid\.orderQuote: 130 is not allowed; .*in quotes: "130"/,
  ],
  [
    "a unit in the value",
    'orderQuote: "130"',
    'orderQuote: "130 USDT"',
    /grid\.yaml:\d+ bot\.grid\.orderQuote: 130 USDT is not allowed/,
  ],
  [
    "a symbol nobody knows",
    '"BTC/USDT:USDT"',
    '"BTCUSDT"',
    /grid\.yaml:\d+ bot\.instrument: BTCUSDT is not allowed; give BASE\/QUOTE/,
  ],
  [
    "a strategy nobody knows",
    "strategy: grid",
    "strategy: martingale",
    /bot\.strategy: martingale is not allowed; give grid/,
  ],
  ["YAML that is none", "bot:", "bot: [", /grid\.yaml:\d+/],
];

for (const [what, from, to, message] of WRONG) {
  test(`a configuration with ${what} is refused with exit 3, by every command that reads one`, () => {
    assert.ok(GOOD.includes(from), `the example has no "${from}"`);
    withFolder((folder) => {
      const file = put(folder, "grid.yaml", GOOD.replace(from, to));
      const out = join(folder, "report");
      assertRefused(opensqt(["config", "check", file]), 3, message);
      assertRefused(opensqt(["backtest", "run", "--config", file, "--synthetic", "1m", "--out", out]), 3, message);
      assert.equal(existsSync(out), false);
    });
  });
}

test("all problems of a configuration come at once, in the order of the file", () => {
  withFolder((folder) => {
    const text = GOOD.replace("entryLevels: 6", "entryLevels: 1000").replace('balance: "10000"', "balance: 1");
    const said = opensqt(["config", "check", put(folder, "grid.yaml", text)]);
    const lines = said.err
      .trim()
      .split("\n")
      .filter((line) => line.includes("grid.yaml:"));
    assert.equal(lines.length, 2, said.err);
  });
});

test("a variable that is missing, and a file that is not there, are refused by name", () => {
  withFolder((folder) => {
    const file = put(folder, "grid.yaml", GOOD.replace('"10000"', `"\${BALANCE_OF_THE_BOT}"`));
    assertRefused(opensqt(["config", "check", file]), 3, "BALANCE_OF_THE_BOT");
    assertRefused(opensqt(["config", "check", join(folder, "none.yaml")]), 3, "there is no such file");
  });
});

test("config show leaves out what the environment put in", () => {
  withFolder((folder) => {
    const file = put(folder, "grid.yaml", GOOD.replace('"10000"', `"\${BALANCE_OF_THE_BOT}"`));
    const said = opensqt(["config", "show", file], { environment: { BALANCE_OF_THE_BOT: "77777" } });
    assert.equal(said.code, 0, said.err);
    assert.ok(said.out.includes(`\${BALANCE_OF_THE_BOT}`) && !said.out.includes("77777"), said.out);
  });
});

test("a good configuration passes, is shown with its defaults, and previewed", () => {
  withFolder((folder) => {
    const file = put(folder, "grid.yaml", GOOD);
    assert.match(opensqt(["config", "check", file]).out, /good; bot btc-grid, grid on BTC\/USDT:USDT/);
    assert.match(opensqt(["config", "show", file]).out, /windowSlack: 2/);
    const shown = JSON.parse(opensqt(["preview", "--config", file, "--json"]).out) as {
      ok: boolean;
      data: { orders: readonly unknown[] };
    };
    assert.ok(shown.ok && shown.data.orders.length === 12);
  });
});

test("preview of a grid that would be refused says why and ends with exit 4", () => {
  withFolder((folder) => {
    const file = put(folder, "grid.yaml", GOOD.replace('spacingBps: "6"', 'spacingBps: "2"'));
    const said = opensqt(["preview", "--config", file]);
    assert.equal(said.code, 4, said.out);
    assert.match(said.out, /refused: a cycle at .* loses/);
  });
});

test("BT-47 a flag that is not allowed is usage and names the flag and what it allows", () => {
  const run = (...words: string[]) => opensqt(["backtest", "run", "--synthetic", "1m", ...words]);
  assertRefused(run("--level", "L9"), 2, "--level L9 is not allowed; give auto, L0, L1, L2");
  assertRefused(run("--queue", "power:99"), 2, "--queue power:99 is not allowed; give front, back, log, power:1–10");
  assertRefused(run("--latency", "fast"), 2, "--latency fast is not allowed");
  assertRefused(run("--seed", "one"), 2, "--seed one is not allowed");
  assertRefused(run("--synthetic", "soon"), 2, "--synthetic soon is not allowed; give a time such as");
  assertRefused(run("--data", "x.csv"), 2, "'--synthetic <time>' cannot be used with option '--data");
  assertRefused(opensqt(["backtest", "run"]), 2, "give --data FILE, or --synthetic 1h");
});
