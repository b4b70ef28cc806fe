// Laws of configuration (TEST-P27): what is accepted fits the JSON Schema and survives being written and read again;
// what is refused names its key, its value and what is allowed; no text whatever makes the reader throw.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { z } from "zod";
import { type LoadedConfig, loadConfig, renderProblems } from "./load.ts";
import { jsonSchemaOf } from "./process/json-schema.ts";
import { kindOf } from "./process/kinds.ts";
import { CONFIG_SCHEMA } from "./schema.ts";
import { type KnownKey, keysOf } from "./schema-walk.ts";

const runs = { seed: 20_261_122, numRuns: Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200) };
// entries of lists are reached through their list
const KEYS = keysOf(CONFIG_SCHEMA).filter(({ key }) => !key.includes("[]"));

const load = (text: string) => loadConfig({ text, file: "a.yaml" }, { environment: {} });

type Plain = { [key: string]: unknown };

/** A configuration that is accepted, as plain data. */
const healthy = (): Plain => ({
  bot: {
    id: "btc-grid",
    strategy: "grid",
    instrument: "BTC/USDT:USDT",
    grid: { interval: "100", orderQuote: "200" },
  },
});

function put(target: Plain, key: string, value: unknown): void {
  const names = key.split(".");
  const last = names.pop() ?? "";
  let at = target;
  for (const name of names) {
    const next = at[name] ?? {};
    at[name] = next;
    at = next as Plain;
  }
  at[last] = value;
}

/** A value of the key's own kind: inside its range, or at its edges. */
function sensible({ info }: KnownKey): fc.Arbitrary<unknown> {
  const [low = "0", high = "1000"] = info.range.replaceAll(",", "").split("–");
  const bound = (text: string, fallback: number): number => (Number.isNaN(Number(text)) ? fallback : Number(text));
  switch (info.type) {
    case "choice":
      return fc.constantFrom(...info.range.split(", "));
    case "yes or no":
      return fc.boolean();
    case "whole number":
      return fc.integer({ min: bound(low, 0), max: Math.min(bound(high, 1_000), Number.MAX_SAFE_INTEGER) });
    case "decimal":
      return fc.integer({ min: Math.ceil(bound(low, 1)), max: Math.min(bound(high, 9_999), 1e9) }).map(String);
    case "list":
      return fc.constantFrom([], ["a"], [{}]);
    case "secret":
      return fc.constantFrom({ env: "KEY" }, "literal");
    case "text":
      return fc.constantFrom("./data", "zero", "back", "btc-grid", "auto", "abc123", "power:3");
  }
}

const anyKey = fc.constantFrom(...KEYS);
const change = (value: (key: KnownKey) => fc.Arbitrary<unknown>) =>
  fc.array(
    anyKey.chain((key) => fc.tuple(fc.constant(key), value(key))),
    { maxLength: 6 },
  );

const written = (changes: readonly (readonly [KnownKey, unknown])[]): string => {
  const values = healthy();
  for (const [{ key }, value] of changes) put(values, key, value);
  return stringify(values);
};

/** The JSON Schema as an independent reader sees it. */
const up = kindOf("up");
assert.ok(up !== undefined);
const published = z.fromJSONSchema(jsonSchemaOf(up) as Parameters<typeof z.fromJSONSchema>[0]);

function inForce(config: LoadedConfig): unknown {
  const { file: _file, text: _text, warnings: _warnings, ...rest } = config;
  return rest;
}

test("TEST-P27 accepted configurations fit the JSON Schema and survive being written and read again", () => {
  let accepted = 0;
  const law = fc.property(change(sensible), (changes) => {
    const config = load(written(changes));
    if (!config.ok) return;
    accepted += 1;
    assert.ok(published.safeParse(config.value.values).success, "the values fit the published schema");
    const again = load(stringify(config.value.values));
    assert.ok(again.ok, again.ok ? "" : renderProblems(again.error));
    assert.deepEqual(inForce(again.value), inForce(config.value));
  });
  fc.assert(law, runs);
  assert.ok(accepted > runs.numRuns / 10, `only ${accepted} were accepted: the test proves little`);
});

test("TEST-P27 reading A, then B, then A gives A", () => {
  const law = fc.property(change(sensible), change(sensible), (a, b) => {
    const first = load(written(a));
    load(written(b));
    assert.deepEqual(load(written(a)), first);
  });
  fc.assert(law, runs);
});

const nonsense = fc.oneof(
  fc.constantFrom(-1, 1e21, 0.5, "", "never", "1,000", "NaN", "０", "-1", true, [1], { deep: 1 }),
  fc.string({ maxLength: 12 }),
);

test("TEST-P27 a refused value is named with its key, its value and what is allowed", () => {
  const law = fc.property(anyKey, nonsense, ({ key, info }, value) => {
    const values = healthy();
    put(values, key, value);
    const config = load(stringify(values));
    if (config.ok) return;
    const problem = config.error.find((one) => one.key === key || one.key.startsWith(`${key}.`));
    // what is allowed alone may be refused together with another key, which then carries the message
    if (problem === undefined) return assert.ok(config.error.every((one) => one.line > 0 && one.text !== ""));
    assert.ok(problem.line > 0);
    if (problem.text.includes("is not allowed; give")) {
      assert.ok(problem.text.includes(info.range) || problem.key !== key || key === "bot.instrument", problem.text);
      assert.notEqual(problem.value, null);
    }
  });
  fc.assert(law, runs);
});

test("no text makes the reader throw, and every refusal says something", () => {
  const pieces = fc.constantFrom(
    "bot:",
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&a",
    "*a",
    "<<:",
    "!!binary",
    "|",
    ">",
    '"',
    "'",
    "#",
    "?",
    ": ",
    "%YAML",
    "---",
    "...",
    "\t",
    "${",
    "$${X}",
    "${X:-",
    "grid:",
    "id: x",
    "__proto__:",
    "constructor:",
    "\u0000",
    "\ud800",
    "null",
    "~",
    "1e999",
    "0x1f",
  );
  const anyText = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((all) => all.join("")),
    fc.string({ unit: "binary", maxLength: 80 }),
  );
  const law = fc.property(anyText, (text) => {
    const config = load(text);
    assert.ok(!config.ok && config.error.length > 0);
    assert.ok(config.error.every((one) => one.text !== "" && renderProblems([one]).startsWith("a.yaml")));
    assert.equal(({} as Plain)["polluted"], undefined);
  });
  fc.assert(law, runs);
});

test("a text that is mutated by one character is accepted or refused, never thrown at", () => {
  const good = stringify(healthy());
  const law = fc.property(fc.nat(good.length), fc.string({ maxLength: 2 }), fc.nat(3), (at, insert, cut) => {
    const config = load(good.slice(0, at) + insert + good.slice(at + cut));
    if (!config.ok) assert.ok(renderProblems(config.error).startsWith("a.yaml"));
  });
  fc.assert(law, runs);
});

test("nesting without end, a huge text and hostile names are refused in words", () => {
  for (const text of [
    "[".repeat(100_000),
    "{a: ".repeat(20_000),
    "a".repeat(1_000_001),
    "__proto__: { polluted: 1 }\n",
  ]) {
    const config = load(text);
    assert.ok(!config.ok && config.error.length > 0);
  }
  assert.equal(({} as Plain)["polluted"], undefined);
});
