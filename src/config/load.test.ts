// Configurations that are read, and every way they may be wrong: the message names file, line, key, value and what to
// do.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { encodeCanonical } from "../base/canonical.ts";
import { formatMoney } from "../market/instrument.ts";
import { configSource, type LoadedConfig, loadConfig, renderProblems } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "opensqt-config-"));
after(() => rmSync(folder, { recursive: true }));

const GOOD = `bot:
  id: btc-grid
  strategy: grid
  instrument: "BTC/USDT:USDT"
  grid:
    interval: "100"
    orderQuote: "200"
`;

const load = (text: string, environment: Record<string, string> = {}) =>
  loadConfig({ text, file: "a.yaml" }, { environment });

function accepted(text: string, environment: Record<string, string> = {}): LoadedConfig {
  const config = load(text, environment);
  if (!config.ok) assert.fail(renderProblems(config.error));
  return config.value;
}

function refused(text: string, environment: Record<string, string> = {}): string {
  const config = load(text, environment);
  return config.ok ? "accepted" : renderProblems(config.error);
}

/** The good text with one line added to, or put in place of, a section. */
const withGrid = (line: string): string => GOOD.replace('    interval: "100"\n', `    interval: "100"\n    ${line}\n`);
const insteadOf = (old: string, line: string): string => GOOD.replace(old, line);

test("the smallest configuration takes every default, in integers", () => {
  const config = accepted(GOOD);
  assert.equal(config.bot.grid.interval, 1_000);
  assert.equal(config.bot.instrument.tickSize, "0.1");
  assert.equal(config.bot.risk.openOrdersMax, 50);
  assert.equal(config.simulated.seed, "1");
  assert.equal(formatMoney(config.simulated.balance), "10000");
  assert.equal(config.simulated.fill.volumeShareMaxPpm, 100_000);
  assert.deepEqual(config.backtest.latency, {
    feed: { kind: "constant", us: 5_000 },
    entry: { kind: "constant", us: 10_000 },
    response: { kind: "constant", us: 10_000 },
  });
  assert.equal(config.bot.budget, null);
  assert.deepEqual(config.warnings, []);
  assert.ok(encodeCanonical(config.bot.data).length > 0, "the journaled part is canonical");
});

test("OPS-02 what was loaded is frozen all the way down", () => {
  const config = accepted(GOOD);
  assert.ok(
    Object.isFrozen(config) && Object.isFrozen(config.bot.grid.dynamic) && Object.isFrozen(config.values.bot.risk),
  );
});

test("OPS-08 the hash covers strategy and risk, not paths, markets or how it was written", () => {
  const { hash } = accepted(GOOD);
  assert.equal(accepted(`# a comment\n${GOOD}store: { sqlite: /elsewhere }\nsimulated: { seed: 7 }\n`).hash, hash);
  assert.equal(accepted(withGrid("entryLevels: 10")).hash, hash, "a default that is written out");
  assert.notEqual(accepted(withGrid("entryLevels: 9")).hash, hash);
  assert.notEqual(accepted(`${GOOD}  risk: { priceBandBps: 99 }\n`).hash, hash);
});

test("the tag comes from the id, and is the same on every machine", () => {
  assert.equal(accepted(GOOD).bot.tag, "98aoyw");
  assert.equal(accepted(insteadOf("  id: btc-grid", "  id: btc-grid\n  tag: abc123")).bot.tag, "abc123");
});

test("OPS-01 the file is the one named, else the environment's text, else its path, else ./opensqt.yaml", () => {
  const environment = { OPENSQT_CONFIG: "b.yaml", OPENSQT_CONFIG_YAML: GOOD };
  assert.deepEqual(configSource("c.yaml", environment), { path: "c.yaml" });
  assert.deepEqual(configSource(undefined, environment), { text: GOOD, file: "OPENSQT_CONFIG_YAML" });
  assert.deepEqual(configSource(undefined, { OPENSQT_CONFIG: "b.yaml" }), { path: "b.yaml" });
  assert.deepEqual(configSource(undefined, {}), { path: "opensqt.yaml" });
});

test("OPS-05 variables expand after parsing: a value never becomes YAML", () => {
  const text = insteadOf("id: btc-grid", `id: "\${NAME:-spare}"`);
  assert.equal(accepted(text).bot.id, "spare");
  assert.equal(accepted(text, { NAME: "other" }).bot.id, "other");
  assert.match(refused(text, { NAME: "a: {b: c}" }), /^a.yaml:2 bot.id: \$\{NAME:-spare\} is not allowed/);
  assert.equal(accepted(`${GOOD}store: { sqlite: "$\${HOME}/data" }\n`).store.sqlite, `\${HOME}/data`);
  assert.equal(accepted(`${GOOD}simulated: { seed: "\${SEED}" }\n`, { SEED: "42" }).simulated.seed, "42");
  assert.match(refused(`${GOOD}simulated: { seed: "\${SEED}" }\n`, { SEED: "4.2" }), /seed: \$\{SEED\} is not allowed/);
  assert.match(refused(`${GOOD}simulated: { seed: "42" }\n`), /seed: 42 is not allowed/, "a quoted number is text");
});

test("OPS-05 a missing variable is told once, with every place that uses it", () => {
  const text = `${insteadOf("id: btc-grid", `id: \${NAME}`)}store: { sqlite: "/data/\${NAME}" }\n`;
  const said = "the variable NAME is not set or empty; it is used at a.yaml:2 bot.id, a.yaml:8 store.sqlite";
  assert.equal(refused(text), `a.yaml:2 bot.id: ${said}`);
  assert.equal(refused(text, { NAME: "" }), `a.yaml:2 bot.id: ${said}`);
});

test("old names of the original system are read with a warning, and moved where they live now", () => {
  const old = GOOD.replace("interval:", "price_interval:").replace("orderQuote:", "order_quantity:");
  const config = accepted(
    `${old}    margin_lock_duration_seconds: 20\n    cancel_on_exit: false\n    min_order_value: 6\n`,
  );
  assert.equal(config.hash, accepted(`${withGrid("marginLockMs: 20000")}  cancelOnExit: none\n`).hash);
  assert.deepEqual(config.warnings, [
    "a.yaml:6 bot.grid.price_interval: is an old name; write bot.grid.interval",
    "a.yaml:7 bot.grid.order_quantity: is an old name; write bot.grid.orderQuote",
    "a.yaml:8 bot.grid.margin_lock_duration_seconds: is an old name; write bot.grid.marginLockMs",
    "a.yaml:9 bot.grid.cancel_on_exit: is an old name; write bot.cancelOnExit",
    "a.yaml:10 bot.grid.min_order_value: is ignored: the instrument knows it",
  ]);
});

/** What is written → what is said. */
const MESSAGES: readonly (readonly [text: string, message: string])[] = [
  [
    insteadOf('"100"', "100.5"),
    'a.yaml:6 bot.grid.interval: 100.5 is not allowed; give above 0 quote (default none), in quotes: "100.5"',
  ],
  [
    insteadOf('"100"', "1e2"),
    'a.yaml:6 bot.grid.interval: 1e2 is not allowed; give above 0 quote (default none), in quotes: "1e2"',
  ],
  [insteadOf('"100"', '"1e2"'), "a.yaml:6 bot.grid.interval: 1e2 is not allowed; give above 0 quote (default none)"],
  [insteadOf('"100"', '"-100"'), "a.yaml:6 bot.grid.interval: -100 is not allowed; give above 0 quote (default none)"],
  [
    insteadOf('"100"', '"100.05"'),
    "a.yaml:6 bot.grid.interval: interval 100.05 is not a multiple of the tick 0.1; use 100.0 or 100.1",
  ],
  [insteadOf('"100"', "[1]"), "a.yaml:6 bot.grid.interval: a list is not allowed; give above 0 quote (default none)"],
  [
    insteadOf('    orderQuote: "200"\n', ""),
    "a.yaml:5 bot.grid.orderQuote: nothing is not allowed; give above 0 quote (default none)",
  ],
  [
    insteadOf('    interval: "100"\n', ""),
    "a.yaml:5 bot.grid.interval: give exactly one of interval, spacingBps, gridCount",
  ],
  [withGrid("entryLevels: 0"), "a.yaml:7 bot.grid.entryLevels: 0 is not allowed; give 1–200 levels (default 10)"],
  [withGrid("entryLevels: 2.5"), "a.yaml:7 bot.grid.entryLevels: 2.5 is not allowed; give 1–200 levels (default 10)"],
  [withGrid("entryLevels: .nan"), "a.yaml:7 bot.grid.entryLevels: .nan is not allowed; give 1–200 levels (default 10)"],
  [withGrid("entryLevels: ten"), "a.yaml:7 bot.grid.entryLevels: ten is not allowed; give 1–200 levels (default 10)"],
  [withGrid("entryLevel: 5"), "a.yaml:7 bot.grid.entryLevel: is not a key; the nearest is entryLevels"],
  [
    withGrid("priceBandBps: 5"),
    "a.yaml:7 bot.grid.priceBandBps: is not a key here; it stands at bot.risk.priceBandBps",
  ],
  [withGrid("mode: both"), "a.yaml:7 bot.grid.mode: both is not allowed; give long, short, neutral (default long)"],
  [withGrid("postOnly: yes"), "a.yaml:7 bot.grid.postOnly: yes is not allowed; give true, false (default true)"],
  [
    withGrid("inventory_skew_factor: 2"),
    "a.yaml:7 bot.grid.inventory_skew_factor: is refused, because its unit differs; use skewLevels, gaps " +
      "at full inventory",
  ],
  [withGrid('price_interval: "5"'), "a.yaml:7 bot.grid.price_interval: and bot.grid.interval are both given"],
  [
    withGrid("dynamic: 5"),
    "a.yaml:7 bot.grid.dynamic: 5 is not allowed; give a section with enabled, period, scale, strideMax, holdCandles",
  ],
  [
    withGrid("openOrdersMax: 20"),
    "a.yaml:7 bot.grid.openOrdersMax: openOrdersMax 20 is below the 23 this window needs",
  ],
  [withGrid("openOrdersMax: 60"), "a.yaml:7 bot.grid.openOrdersMax: openOrdersMax 60 is above risk.openOrdersMax 50"],
  [withGrid('interval: "1"'), "a.yaml:7: is no YAML we read: Map keys must be unique"],
  [
    insteadOf("BTC/USDT:USDT", "BTC/USD:BTC"),
    "a.yaml:4 bot.instrument: BTC/USD:BTC is an inverse contract, settled in BTC; give one that settles in USD",
  ],
  [
    insteadOf("BTC/USDT:USDT", "btcusdt"),
    "a.yaml:4 bot.instrument: btcusdt is not allowed; give BASE/QUOTE (spot) or BASE/QUOTE:QUOTE " +
      "(perpetual) (default none)",
  ],
  [
    insteadOf("BTC/USDT:USDT", "XRP/USDT"),
    "a.yaml:4 bot.instrument: XRP/USDT is not allowed; give BTC/USDT:USDT, ETH/USDT:USDT, BTC/USDT, " +
      "ETH/USDT, or any BASE/QUOTE[:QUOTE] with simulated.instrument.tickSize and lotSize",
  ],
  [
    `${GOOD}simulated: { market: recorded }\n`,
    "a.yaml:8 simulated.data: nothing is not allowed with market recorded; give a path",
  ],
  [
    `${GOOD}simulated:\n  instrument:\n    tickSize: "0.0000000001"\n    lotSize: "0.0000000001"\n`,
    "a.yaml:10 simulated.instrument.tickSize: tick 0.0000000001 times lot 0.0000000001 is finer than " +
      "10^-18 of the quote",
  ],
  [
    `${GOOD}backtest: { fillModel: { level: L1, queue: "power:3" } }\n`,
    "a.yaml:8 backtest.fillModel.queue: power:3 needs level L2; L1 knows front and back",
  ],
  [
    `${GOOD}backtest: { latency: "5" }\n`,
    "a.yaml:8 backtest.latency: 5 is not allowed; give zero, constant:FEED,ENTRY,RESPONSE or " +
      "recorded:FLOOR,ENTRY,RESPONSE in ms (default constant:5,10,10)",
  ],
  [
    `${GOOD}  risk: { slippageBpsMax: 150 }\n`,
    "a.yaml:8 bot.risk.slippageBpsMax: slippageBpsMax 150 would be refused by priceBandBps 100",
  ],
  [
    `${GOOD}  risk: { cleaner: { cleanThreshold: 80 } }\n`,
    "a.yaml:8 bot.risk.cleaner.cleanThreshold: cleanThreshold 80 is never reached: openOrdersMax is 50",
  ],
  [
    `${GOOD}  risk: { cleaner: { cleanThreshold: 23 } }\n`,
    "a.yaml:5 bot.grid.entryLevels: the window needs 23 orders, and risk.cleaner.cleanThreshold 23 would cancel them",
  ],
  [`${GOOD}  secret: hunter2\n`, "a.yaml:8 bot.secret: is not a key here; it stands at alerts.webhook.secret"],
  [
    `${GOOD}exchange: kraken\n`,
    "a.yaml:8 exchange: kraken is not allowed; " +
      "give simulated, emulator, binance, okx, bybit, gate, bitget, ccxt (default simulated)",
  ],
  [`${GOOD}store: "\${A"\n`, `a.yaml:8 store: \${ without its }; write $\${ for a plain \${`],
  [`${GOOD}store: { sqlite: "\${A B}" }\n`, `a.yaml:8 store.sqlite: \${A B} does not name a variable`],
  [`${GOOD}store: &a { sqlite: x }\nbacktest: *a\n`, "a.yaml:9 backtest: aliases are not read; write the value out"],
  [
    GOOD.replace("  strategy", " strategy"),
    "a.yaml:3: is no YAML we read: All mapping items must start at the same column",
  ],
  ["", "a.yaml: is not a configuration: it must begin with keys such as bot: and store:"],
  ["just text", "a.yaml:1: is not a configuration: it must begin with keys such as bot: and store:"],
  [
    "store: {}\n",
    "a.yaml:1 bot: nothing is not allowed; give a section with id, tag, strategy, instrument, budget, " +
      "cancelOnExit, grid, risk",
  ],
];

for (const [text, message] of MESSAGES) {
  test(`RISK-50 ${message.slice(0, 100)}`, () => {
    assert.equal(refused(text), message);
  });
}

test("OPS-03 all errors of a file are told together, in its order", () => {
  const text = withGrid("entryLevels: 0\n    nonsense: 1")
    .replace("strategy: grid", "strategy: dip")
    .replace('"200"', '"x"');
  const lines = `${refused(`${text}  risk: { priceBandBps: 0 }\nstore: 5\n`)}\n`;
  assert.deepEqual(
    lines
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[1]),
    [
      "bot.strategy:",
      "bot.grid.entryLevels:",
      "bot.grid.nonsense:",
      "bot.grid.orderQuote:",
      "bot.risk.priceBandBps:",
      "store:",
    ],
  );
});

test("a whole section is judged even when another is broken", () => {
  const text = withGrid("openOrdersMax: 20").replace("btc-grid", "BTC");
  assert.match(refused(text), /bot.id[\s\S]*is below the 23 this window needs/);
});

test("the value of an unknown key is not repeated: it may be a secret", () => {
  assert.ok(!refused(`${GOOD}apiSecret: hunter2\n`).includes("hunter2"));
});

test("a file that cannot be read is one clear message", () => {
  const path = join(folder, "closed.yaml");
  const told = (name: string): string => {
    const config = loadConfig(name, { environment: {} });
    return config.ok ? "accepted" : renderProblems(config.error).replace(name, "FILE");
  };
  const ending = "; name the file with --config or OPENSQT_CONFIG";
  assert.equal(told(join(folder, "none.yaml")), `FILE: cannot be read (there is no such file)${ending}`);
  assert.equal(told(folder), `FILE: cannot be read (it is a folder)${ending}`);
  writeFileSync(path, GOOD);
  assert.equal(told(path), "accepted");
  if (process.getuid?.() === 0) return; // root reads everything
  chmodSync(path, 0o000);
  assert.equal(told(path), `FILE: cannot be read (permission denied)${ending}`);
});
