// Stored scenarios: a configuration, the data it runs over, and the report it gave when somebody last looked at it. A
// run that reports anything else is a changed decision: look at it, then `make golden UPDATE=1`.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { opensqt } from "../cli/command-line.ts";
import { testData, testDataFolder } from "../data.ts";

const folder = import.meta.dirname;

interface Scenario {
  /** Below the folder of recorded data; null for the synthetic market. */
  readonly data: string | null;
  /** More words of `opensqt backtest run`. */
  readonly words: readonly string[];
}

/** A report as JSON. */
type Figures = { readonly [key: string]: unknown };

export const scenarioNames: readonly string[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "scenario.json")))
  .map((entry) => entry.name)
  .sort();

/** Why it cannot run here, or null. */
export function whyNot(name: string): string | null {
  const { data } = scenarioOf(name);
  return data === null || testData(data) !== null ? null : `${data} is absent; set OPENSQT_TEST_DATA`;
}

/** Runs it through the command line; the report without what two equal runs may differ in. Throws what it said. */
export function runScenario(name: string): Figures {
  const { data, words } = scenarioOf(name);
  const out = mkdtempSync(join(tmpdir(), "opensqt-golden-"));
  const from = data === null ? [] : ["--data", join(testDataFolder, data)];
  const config = ["--config", join(folder, name, "config.yaml")];
  const said = opensqt(["backtest", "run", ...config, ...from, ...words, "--out", join(out, "report"), "--json"]);
  rmSync(out, { recursive: true, force: true });
  if (said.code !== 0) throw new Error(`scenario ${name} ended with ${said.code}: ${said.err}`);
  const { report } = (JSON.parse(said.out) as { data: { report: { header: Figures } & Figures } }).data;
  const { wall: _wall, header, ...figures } = report;
  const { codeVersion: _version, ...rest } = header;
  return { header: rest, ...figures };
}

const goldenPath = (name: string): string => join(folder, name, "golden.json");

export const readGolden = (name: string): Figures => JSON.parse(readFileSync(goldenPath(name), "utf8")) as Figures;

export function writeGolden(name: string, figures: Figures): void {
  writeFileSync(goldenPath(name), `${JSON.stringify(figures, null, 2)}\n`);
}

/** `counts.fills: 12, golden 13`: every figure that differs. */
export function differences(now: unknown, golden: unknown, key = ""): string[] {
  if (!isTree(now) || !isTree(golden)) {
    return Object.is(now, golden) ? [] : [`${key}: ${JSON.stringify(now)}, golden ${JSON.stringify(golden)}`];
  }
  const keys = new Set([...Object.keys(now), ...Object.keys(golden)]);
  return [...keys].flatMap((name) => differences(now[name], golden[name], key === "" ? name : `${key}.${name}`));
}

const isTree = (value: unknown): value is Figures => typeof value === "object" && value !== null;

const scenarioOf = (name: string): Scenario =>
  JSON.parse(readFileSync(join(folder, name, "scenario.json"), "utf8")) as Scenario;
