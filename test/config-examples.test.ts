// The configurations of examples/configs: each is read by the process it is for, named to editors, and uses no variable
// that .env.example does not show.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import test, { type TestContext } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { renderProblems } from "../src/config/problem.ts";
import { guessKind } from "../src/config/process/guess.ts";
import { jsonSchemaOf } from "../src/config/process/json-schema.ts";
import { CONFIG_KINDS, kindOf } from "../src/config/process/kinds.ts";
import { makeAuthority } from "../src/rpc/certificates.fixture.ts";

const root = resolve(import.meta.dirname, "..");
const folder = join(root, "examples/configs");
const files = readdirSync(folder).sort();
const textOf = (file: string): string => readFileSync(join(folder, file), "utf8");

/** Every variable of .env.example, commented out or not, with a value long enough for a key. */
const shown = [...readFileSync(join(root, ".env.example"), "utf8").matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
const values = Object.fromEntries(shown.map((name) => [name ?? "", `${name}-`.padEnd(43, "0")]));

/** With certificates where the examples look for them. */
function environmentOf(t: TestContext): Readonly<Record<string, string>> {
  const authority = makeAuthority(t);
  for (const name of ["connector", "engine", "view"]) authority.issue(name, [`${name}.opensqt`]);
  const url = "postgresql://opensqt:secret@127.0.0.1/opensqt";
  return { ...values, OPENSQT_CERTS: authority.folder, OPENSQT_DATABASE_URL: url };
}

for (const file of files) {
  test(`OPS-01 examples/configs/${file} is good for the process its editor line names`, (t) => {
    const text = textOf(file);
    const line = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? "";
    assert.ok(
      existsSync(join(dirname(join(folder, file)), line)),
      "OPS-07 its first line names a schema that is there",
    );
    const kind = kindOf(guessKind(text));
    assert.ok(kind !== undefined);
    assert.ok(file.startsWith(kind.name), "its name begins with the process's");
    assert.equal(guessKind(text.replace(/^#.*\n/, "")), kind.name, "its keys alone tell the process");
    const loaded = kind.load({ text, file }, { environment: environmentOf(t) });
    if (!loaded.ok) assert.fail(renderProblems(loaded.error));
    const schema = z.fromJSONSchema(jsonSchemaOf(kind) as Parameters<typeof z.fromJSONSchema>[0]);
    const judged = schema.safeParse(parse(text));
    assert.ok(judged.success, `an editor would mark it: ${judged.error?.message ?? ""}`);
  });
}

test("OPS-01 each process has an example", () => {
  for (const { name } of CONFIG_KINDS) assert.ok(files.includes(`${name}.yaml`), name);
});

test("OPS-61 .env.example shows every variable the examples use, and none that nobody reads", () => {
  const used = new Set(
    files.flatMap((file) => [...textOf(file).matchAll(/\b(OPENSQT_[A-Z_]+)\b/g)].map(([name]) => name)),
  );
  for (const name of used) assert.ok(shown.includes(name), `${name} is not in .env.example`);
  const read = readFileSync(join(root, "src/config/load.ts"), "utf8");
  for (const name of shown) assert.ok(used.has(name ?? "") || read.includes(`"${name}"`), `nobody reads ${name}`);
});
