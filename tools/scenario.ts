// Runs a stored scenario (a folder of examples/) and compares what it prints with what its README says it prints.
// `node tools/scenario.ts 2-recorded-capture`; without a name it lists what there is.

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { absentData, commandsOf, runExample } from "../test/example.ts";

const folder = resolve(import.meta.dirname, "../examples");
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

/** Prints each command with its output; returns the exit code. */
function main(name: string | undefined): number {
  if (name === undefined || !names.includes(name)) {
    process.stderr.write(`make backtest SCENARIO=name, one of:\n${names.map((each) => `  ${each}\n`).join("")}`);
    return 2;
  }
  const absent = absentData(commandsOf(readFileSync(resolve(folder, name, "README.md"), "utf8")));
  if (absent.length > 0) {
    process.stderr.write(`${absent.join(", ")} is absent; set OPENSQT_TEST_DATA to the folder of recorded data\n`);
    return 5;
  }
  const results = runExample(name);
  for (const { command, output, problem } of results) {
    process.stdout.write(`$ ${command.script}${output}`);
    if (problem !== null) process.stdout.write(`differs from examples/${name}/README.md: ${problem}\n`);
  }
  return results.every(({ problem }) => problem === null) ? 0 : 4;
}

process.exitCode = main(process.argv[2]);
