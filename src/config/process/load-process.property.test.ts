// Whatever a file holds, loading it ends in a value or in problems: it never throws, and never tells a secret.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { renderProblems } from "../problem.ts";
import { readBotText } from "./draft.ts";
import { CONFIG_KINDS, type ConfigKind } from "./kinds.ts";

const runs = { seed: 20_261_121, numRuns: Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200) };
const MARK = "marked-secret-that-nobody-may-ever-read-0000";
const environment = { KEY: MARK, SHORT: "x" };

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    1e21,
    "",
    "0.0.0.0:1",
    "unix:x",
    "[::1]:5",
    `\${KEY}`,
    `\${NONE}`,
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    { env: "KEY" },
    { env: "SHORT" },
    { env: "NONE" },
    { file: "/" },
    { file: "/nowhere" },
    MARK,
  ),
  fc.array(fc.constantFrom<unknown>("a", 1, {}, { name: "a", key: MARK }), { maxLength: 3 }),
  fc.string({ maxLength: 12 }),
);

/** A file of this kind whose values are anything, at keys that exist or nearly do. */
function fileOf(kind: ConfigKind): fc.Arbitrary<string> {
  const keys = [...kind.keys.all.keys(), "nope", "grpc.nope", "__proto__.x", "bots[].__proto__"];
  const entries = fc.array(fc.tuple(fc.constantFrom(...keys), odd), { maxLength: 8 });
  return entries.map((changes) => {
    const values: { [name: string]: unknown } = {};
    for (const [key, value] of changes) put(values, key.split("."), value);
    return stringify(values);
  });
}

function put(target: { [name: string]: unknown }, names: readonly string[], value: unknown): void {
  const [first = "", ...rest] = names;
  const listed = first.endsWith("[]");
  const name = first.replace(/\[\]$/, "");
  const inner: unknown = rest.length === 0 ? value : {};
  const there = Object.hasOwn(target, name) ? target[name] : undefined;
  const next = there ?? (listed ? [inner] : inner);
  Object.defineProperty(target, name, { value: next, enumerable: true, configurable: true, writable: true });
  const at: unknown = listed && Array.isArray(next) ? next[0] : next;
  if (rest.length > 0 && typeof at === "object" && at !== null) put(at as { [name: string]: unknown }, rest, value);
}

/** Where the person wrote the secret into a plain value, it is one. */
const written = (text: string): boolean => text.includes(`\${KEY}`) || text.includes(MARK);

for (const kind of CONFIG_KINDS) {
  test(`OPS-06 TEST-P27 no ${kind.name} file throws, and none tells a secret of the environment`, () => {
    fc.assert(
      fc.property(fileOf(kind), (text) => {
        const loaded = kind.load({ text, file: "f.yaml" }, { environment });
        if (loaded.ok) {
          assert.ok(written(text) || !inspect(loaded.value, { depth: 12 }).includes("marked-secret"));
          return;
        }
        assert.ok(loaded.error.length > 0);
        for (const one of loaded.error) assert.ok(one.file === "f.yaml" && one.line >= 0 && one.text !== "");
        assert.ok(written(text) || !renderProblems(loaded.error).includes("marked-secret"));
      }),
      runs,
    );
  });
}

test("TEST-P27 no text sent as a bot throws", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        odd.map((value) => stringify({ id: "a", grid: value, bot: value })),
      ),
      (text) => {
        const read = readBotText(text);
        assert.ok(read.ok || read.error.length > 0);
      },
    ),
    runs,
  );
});
