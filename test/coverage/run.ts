// Which branches do the tests take? Node's own coverage: the pure layers by their own unit and property tests, all else
// by all unit tests and the suites of ports, command line and live-server (TEST-08). `make coverage`; PURE=1 the pure
// layers alone, AREA=risk one of them by its own tests, which is not judged. Prints percent per folder and raises or
// fails on the ratchet in test/coverage.json. The branches of a file that no such test loads are not known: it is
// named, and not counted.

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { run } from "node:test";
import { parseArgs } from "node:util";
import { z } from "zod";
import {
  byFolder,
  type Coverage,
  type FileBranches,
  fallen,
  isPure,
  PURE,
  percentOf,
  raised,
  wantedOf,
} from "./ratchet.ts";

const root = resolve(import.meta.dirname, "../..");
const ratchetPath = resolve(import.meta.dirname, "../coverage.json");
const NOT_OURS = ["src/rpc/generated/**", "**/*.test.ts", "**/*.fixture.ts", "test/**", "tools/**", "bench/**"];
/** Adapters and programs are tested at their ports and at their doors; runs of the whole system do not count. */
const AT_THE_EDGES = ["src", "test/contract", "test/cli", "test/live"].map((folder) => `${folder}/**/*.test.ts`);

interface Measured {
  readonly files: readonly FileBranches[];
  readonly failures: readonly string[];
}

async function measure(tests: readonly string[], include: string): Promise<Measured> {
  const files = tests.flatMap((glob) => globSync(glob, { cwd: root })).map((path) => join(root, path));
  const failures: string[] = [];
  const found: FileBranches[] = [];
  const running = run({
    files,
    cwd: root,
    concurrency: availableParallelism(),
    execArgv: ["--import", new URL("parts.ts", import.meta.url).href],
    coverage: true,
    coverageIncludeGlobs: [include],
    coverageExcludeGlobs: NOT_OURS,
  });
  for await (const { type, data } of running) {
    if (type === "test:fail" && data.nesting === 0) failures.push(`${relative(root, data.file ?? "")}: ${data.name}`);
    // better no figure than a silent gap
    if (type === "test:diagnostic" && data.message.includes("Could not report code coverage")) {
      failures.push(data.message);
    }
    if (type !== "test:coverage") continue;
    for (const { path, totalBranchCount, coveredBranchCount } of data.summary.files) {
      found.push({ path: relative(root, path), branches: totalBranchCount, covered: coveredBranchCount });
    }
  }
  return { files: found, failures };
}

/** Whether anything is left of a file without its types, comments and imports. */
function hasCode(path: string): boolean {
  const code = stripTypeScriptTypes(readFileSync(join(root, path), "utf8"));
  return code.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|^import .*$|^export \{\};?$/gm, "").trim() !== "";
}

/** Files with code in the folders measured that no test loaded, as sentences. */
function notLoaded(loaded: readonly FileBranches[], measured: ReadonlyMap<string, unknown>): readonly string[] {
  const paths = new Set(loaded.map(({ path }) => path));
  return globSync("src/**/*.ts", { cwd: root, exclude: NOT_OURS })
    .filter((path) => measured.has(path.split("/")[1] ?? "") && !paths.has(path) && hasCode(path))
    .map((path) => `${path}: no test of these loads it; its branches are not counted`);
}

const { values } = parseArgs({ options: { pure: { type: "boolean", default: false }, area: { type: "string" } } });
const before: Coverage = z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(ratchetPath, "utf8")));
if (values.area !== undefined && !isPure(values.area)) throw new Error(`--area takes one of ${PURE.join(", ")}`);
const folders = values.area ?? `{${PURE.join(",")}}`;
const pure = await measure([`src/${folders}/**/*.test.ts`], `src/${folders}/**`);
const rest =
  values.pure || values.area !== undefined ? { files: [], failures: [] } : await measure(AT_THE_EDGES, "src/**");
const files = [...pure.files, ...rest.files.filter(({ path }) => !isPure(path.split("/")[1] ?? ""))];
const sums = byFolder(files);
const now: Coverage = Object.fromEntries([...sums].map(([folder, sum]) => [folder, percentOf(sum)]));
for (const [folder, { branches, covered }] of sums) {
  const is = now[folder] ?? 0;
  const short = is < wantedOf(folder) ? `, ${wantedOf(folder)} % wanted` : "";
  console.log(
    `${`src/${folder}`.padEnd(14)} ${is.toFixed(1).padStart(5)} %  ${covered} of ${branches} branches${short}`,
  );
}
const whole = [...sums.values()].filter(({ path }) => isPure(path));
const sum = { branches: 0, covered: 0 };
for (const { branches, covered } of whole) {
  sum.branches += branches;
  sum.covered += covered;
}
console.log(`the pure layers ${percentOf(sum)} %, ${wantedOf("base")} % wanted`);
for (const text of notLoaded(files, sums)) console.log(text);
// the ratchet holds what the tests of all pure layers take together
const isJudged = values.area === undefined;
const troubles = [...pure.failures, ...rest.failures, ...(isJudged ? fallen(before, now) : [])];
for (const text of new Set(troubles)) console.error(text);
if (troubles.length > 0) process.exitCode = 1;
else if (isJudged) writeFileSync(ratchetPath, `${JSON.stringify(raised(before, now), null, 2)}\n`);
