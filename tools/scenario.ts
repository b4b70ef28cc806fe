// Runs a stored scenario (a folder of test/golden/) and compares its report with the golden one, figure by figure.
// `node tools/scenario.ts neutral-capture`; without a name it lists what there is. Exit 4 when they differ.

import { differences, readGolden, runScenario, scenarioNames, whyNot } from "../test/golden/scenario.ts";

/** Prints state hash and differences; returns the exit code. */
function main(name: string | undefined): number {
  if (name === undefined || !scenarioNames.includes(name)) {
    process.stderr.write(
      `make backtest SCENARIO=name, one of:\n${scenarioNames.map((each) => `  ${each}\n`).join("")}`,
    );
    return 2;
  }
  const absent = whyNot(name);
  if (absent !== null) {
    process.stderr.write(`${absent}\n`);
    return 5;
  }
  const report = runScenario(name);
  const found = differences(report, readGolden(name));
  const { header } = report as { readonly header: { readonly stateHash: string } };
  process.stdout.write(`${name}: state ${header.stateHash}\n`);
  if (found.length === 0) process.stdout.write("the report is the golden one, figure by figure\n");
  for (const line of found) process.stdout.write(`differs: ${line}\n`);
  return found.length === 0 ? 0 : 4;
}

process.exitCode = main(process.argv[2]);
