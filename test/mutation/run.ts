// Do the tests bite? StrykerJS changes the code a little, one change a time, and runs the tests beside it: a change no
// test notices has survived (testing.md section 11). `make mutation` for every area, AREA=risk for one,
// FILES="src/risk/exposure.ts" for some files of it. It judges; it mends nothing.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import {
  equivalentsOf,
  type FileOutcome,
  fallen,
  raised,
  rowOf,
  type Scores,
  type Survivor,
  scoreOf,
  withoutEquivalents,
} from "./score.ts";

interface Area {
  readonly name: string;
  readonly mutate: readonly string[];
  /** Tests of rung 1 and 2 that must notice. */
  readonly tests: readonly string[];
  /** Percent TEST-39 wants noticed. */
  readonly wanted: number;
}

const areas: readonly Area[] = [
  { name: "trading", mutate: ["src/trading/**/*.ts"], tests: ["src/trading/**/*.test.ts"], wanted: 90 },
  { name: "risk", mutate: ["src/risk/**/*.ts"], tests: ["src/risk/**/*.test.ts"], wanted: 90 },
  { name: "strategy", mutate: ["src/strategy/**/*.ts"], tests: ["src/strategy/**/*.test.ts"], wanted: 85 },
  { name: "engine", mutate: ["src/engine/**/*.ts"], tests: ["src/engine/**/*.test.ts"], wanted: 85 },
  {
    name: "journal",
    mutate: ["src/journal/{chain,codec,snapshot-check,verify,salvage}.ts"],
    tests: ["src/journal/*.test.ts", "test/contract/journal-damage.test.ts"],
    wanted: 85,
  },
  {
    name: "exchange",
    mutate: ["src/exchange/{proven-absence,remote-outcomes}.ts", "src/exchange/ccxt/outcome.ts"],
    tests: ["src/exchange/*.test.ts", "src/exchange/ccxt/outcome*.test.ts"],
    wanted: 85,
  },
];

const root = resolve(import.meta.dirname, "../..");
const stryker = join(import.meta.dirname, "node_modules/@stryker-mutator");
const scorePath = join(import.meta.dirname, "score.json");
const equivalentPath = join(import.meta.dirname, "equivalent.md");

const place = z.object({ line: z.int(), column: z.int() });
/** Of Stryker's report what is read here. Source: mutation-testing-report-schema 3. */
const report = z.object({
  files: z.record(
    z.string(),
    z.object({
      mutants: z.array(
        z.object({
          status: z.string(),
          replacement: z.string().optional(),
          location: z.object({ start: place, end: place }),
        }),
      ),
    }),
  ),
});
type Location = z.infer<typeof report>["files"][string]["mutants"][number]["location"];

/** Source files of an area, tests and what only serves them left out. */
function sourcesOf(area: Area): string[] {
  return globSync([...area.mutate], { cwd: root })
    .filter((file) => !/\.(test|fixture)\./.test(file))
    .sort();
}

/** What Stryker is told. Source: stryker-mutator.io, configuration and tap-runner. */
function settings(
  area: Area,
  files: readonly string[],
  { concurrency, folder }: { concurrency: number; folder: string },
) {
  return {
    testRunner: "tap",
    plugins: [join(stryker, "tap-runner/dist/src/index.js")],
    tap: { testFiles: area.tests, nodeArgs: ["--test-reporter=tap", "-r", "{{hookFile}}", "{{testFile}}"] },
    coverageAnalysis: "perTest",
    concurrency,
    mutate: files,
    // the compiler of this project has no API for Stryker's rewriting of it, and Node strips the types by itself
    tsconfigFile: "none.json",
    ignorePatterns: ["docs", "web", "deploy", "bench", "runs", "data", "test/mutation"],
    reporters: [process.stderr.isTTY ? "progress" : "dots", "json"],
    jsonReporter: { fileName: join(folder, "report.json") },
    tempDirName: join(folder, "sandbox"),
    allowConsoleColors: false,
  };
}

/** Runs one area; resolves with what came of each of its files. */
async function mutate(area: Area, files: readonly string[], concurrency: number): Promise<FileOutcome[]> {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-mutation-"));
  try {
    const config = join(folder, "stryker.json");
    writeFileSync(config, JSON.stringify(settings(area, files, { concurrency, folder })));
    const child = spawn(process.execPath, [join(stryker, "core/bin/stryker.js"), "run", config], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` },
    });
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`StrykerJS ended with ${code}; what it printed stands above`);
    const told = report.parse(JSON.parse(readFileSync(join(folder, "report.json"), "utf8")));
    return files.map((file) => outcomeOf(file, told.files[file]?.mutants ?? []));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outcomeOf(file: string, mutants: z.infer<typeof report>["files"][string]["mutants"]): FileOutcome {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const survivors = mutants
    .filter(({ status }) => status === "Survived" || status === "NoCoverage")
    .map(
      ({ location, replacement = "" }): Survivor => ({
        file,
        line: location.start.line,
        was: textAt(lines, location),
        became: replacement,
      }),
    );
  return {
    file,
    killed: mutants.filter(({ status }) => status === "Killed" || status === "Timeout").length,
    survivors,
  };
}

/** Lines and columns of a report count from 1. */
function textAt(lines: readonly string[], { start, end }: Location): string {
  const part = lines.slice(start.line - 1, end.line);
  const last = part.length - 1;
  return part
    .map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined))
    .join("\n");
}

function tell(area: Area, outcomes: readonly FileOutcome[]): void {
  const survivors = outcomes.flatMap((outcome) => outcome.survivors);
  const killed = outcomes.reduce((sum, outcome) => sum + outcome.killed, 0);
  const lines = [
    ...survivors.map((survivor) => `survived at line ${survivor.line}: ${rowOf(survivor)}`),
    ...outcomes.map((outcome) => `${scoreOf(outcome).toFixed(1).padStart(5)} %  ${outcome.file}`),
    `${area.name}: ${scoreOf({ killed, survivors })} % of ${killed + survivors.length} changes noticed;` +
      ` ${area.wanted} % wanted`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      area: { type: "string" },
      files: { type: "string" },
      concurrency: { type: "string", default: String(availableParallelism()) },
    },
  });
  const named = values.files?.split(/[\s,]+/).filter((file) => file !== "");
  const plan = areas
    .filter(({ name }) => values.area === undefined || name === values.area)
    .map((area) => ({ area, files: sourcesOf(area).filter((file) => named === undefined || named.includes(file)) }))
    .filter(({ files }) => files.length > 0);
  if (plan.length === 0) {
    const known = areas.map(({ name }) => name).join(", ");
    process.stderr.write(`nothing to change: AREA is one of ${known}; FILES are paths of an area's sources\n`);
    return 2;
  }
  const equivalents = equivalentsOf(readFileSync(equivalentPath, "utf8"));
  const before: Scores = JSON.parse(readFileSync(scorePath, "utf8"));
  let scores = before;
  let failed = false;
  for (const { area, files } of plan) {
    const all = await mutate(area, files, Number.parseInt(values.concurrency, 10));
    const outcomes = all.map((outcome) => withoutEquivalents(outcome, equivalents));
    tell(area, outcomes);
    const worse = fallen(before, outcomes);
    for (const line of worse) process.stdout.write(`FAIL ${line}\n`);
    failed ||= worse.length > 0;
    scores = raised(scores, outcomes);
    writeFileSync(scorePath, `${JSON.stringify(scores, null, 2)}\n`);
  }
  return failed ? 1 : 0;
}

process.exitCode = await main();
