// Every example is run from its own text, so that none of them lies.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import test from "node:test";
import { absentData, commandsOf, runExample } from "./example.ts";

const folder = resolve(import.meta.dirname, "../examples");
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  // folders without a number are no walks: configurations and clients have tests of their own
  .filter((name) => /^\d/.test(name))
  .sort();

test("examples are numbered without a gap", () => {
  assert.ok(names.length >= 1, "examples/ is empty");
  assert.deepEqual(
    names.map((name) => name.split("-", 1)[0]),
    names.map((_, index) => String(index + 1)),
  );
});

for (const name of names) {
  const commands = commandsOf(readFileSync(resolve(folder, name, "README.md"), "utf8"));
  const absent = absentData(commands);
  test(`example ${name} does what its text says`, {
    skip: absent.length > 0 ? `${absent.join(", ")} is absent` : false,
  }, () => {
    assert.ok(commands.length > 0, "the README shows no command");
    for (const { command, output, problem } of runExample(name)) {
      assert.equal(problem, null, `${command.script}\n${problem ?? ""}\n--- printed:\n${output}`);
    }
  });
}

test("a README's commands are read with exit codes and expected lines", () => {
  const readme = ["# x", "```sh", "echo 1", "```", "```text", "1", "```", "```sh exit=4", "false", "```", ""].join(
    "\n",
  );
  assert.deepEqual(commandsOf(readme), [
    { script: "echo 1\n", exitCode: 0, expected: ["1"] },
    { script: "false\n", exitCode: 4, expected: [] },
  ]);
});
