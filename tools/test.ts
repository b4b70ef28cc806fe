// Runs suites of tests with the pinned Node: `node tools/test.ts unit`, `… all`, `… property`. Prints one line a file,
// failures whole, skips with their reasons, and a closing line "N passed, N failed, N skipped". A suite that must exist
// and has no file is a failure. `--shuffle 3` runs them in the third of many orders.

import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { relative, resolve } from "node:path";
import { run } from "node:test";
import { inspect, parseArgs } from "node:util";
import { budgetTable, readBudget } from "./budget.ts";
import { SUITES, type Suite } from "./suites.ts";

type SuiteName = keyof typeof SUITES;
const allNames = Object.keys(SUITES).filter(isSuite);
const root = resolve(import.meta.dirname, "..");
const timeoutMs = 12 * 60_000;
/** Half of a test's life is waiting for processes, sockets and browsers: two files more than cores keep them busy. */
const AT_ONCE = availableParallelism() + 2;

function isSuite(name: string): name is SuiteName {
  return Object.hasOwn(SUITES, name);
}

/** Files of the suites in order, each once; a `*.property.test.ts` belongs to `property` alone. */
function filesOf(names: readonly SuiteName[]): string[] {
  const files: string[] = [];
  for (const name of names) {
    const suite: Suite = SUITES[name];
    const found = suite.globs
      .flatMap((glob) => globSync(glob, { cwd: root }))
      .filter((file) => name === "property" || !file.endsWith(".property.test.ts"))
      .filter((file) => !file.includes("fixtures"))
      .sort();
    if (found.length === 0 && suite.required) throw new Error(`suite ${name} has no files: ${suite.globs.join(" ")}`);
    files.push(...found);
  }
  return [...new Set(files)];
}

/** What the files took, by suite, and all together. */
function printBudget(names: readonly SuiteName[], fileMs: ReadonlyMap<string, number>, wallMs: number): boolean {
  const tookMs = new Map<string, number>();
  for (const name of names) {
    const sum = filesOf([name]).reduce((ms, file) => ms + (fileMs.get(file) ?? 0), 0);
    tookMs.set(name, sum);
  }
  tookMs.set("wall", wallMs);
  const { text, over } = budgetTable(tookMs, readBudget());
  process.stdout.write(`time of the suites, several at once, and what test/budget.json gives them:\n${text}\n`);
  for (const line of over) process.stdout.write(`over its budget: ${line}\n`);
  return over.length === 0 || process.env["OPENSQT_TEST_BUDGET"] !== "1";
}

/** Test files that no suite takes: they would never be run, and nobody would notice. */
function strangers(): string[] {
  const taken = new Set(filesOf(allNames));
  return globSync(["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"], { cwd: root })
    .filter((file) => !file.includes("fixtures") && !file.includes("node_modules") && !taken.has(file))
    .sort();
}

/** Runs the files and prints; resolves with whether all passed. */
async function runFiles(names: readonly SuiteName[], concurrency: number): Promise<boolean> {
  const files = filesOf(names);
  const fileMs = new Map<string, number>();
  const startedMs = performance.now();
  const skips = new Map<string, number>();
  const failures: string[] = [];
  const total = { passed: 0, failed: 0, skipped: 0 };
  const stream = run({
    files: files.map((file) => resolve(root, file)),
    concurrency,
    cwd: root,
    timeout: timeoutMs,
    ...(values.shuffle === undefined ? {} : { randomSeed: Number.parseInt(values.shuffle, 10) }),
  });
  stream.on("test:stdout", ({ message }) => process.stdout.write(message));
  stream.on("test:stderr", ({ message }) => process.stderr.write(message));
  stream.on("test:pass", ({ skip, name, file }) => {
    if (skip === undefined || skip === false) return;
    const reason = typeof skip === "string" && skip !== "" ? skip : `no reason given: ${place(file)}: ${name}`;
    skips.set(reason, (skips.get(reason) ?? 0) + 1);
  });
  stream.on("test:fail", ({ name, file, line, details }) => {
    const error = details.error;
    const cause = error.cause ?? error;
    if (inspect(cause).includes("subtest failed") || inspect(cause).includes("subtests failed")) return;
    const text = typeof cause === "string" ? cause : inspect(cause, { depth: 4 });
    failures.push(`${place(file)}:${line ?? 0}: ${name}\n${text.replaceAll(/^/gm, "    ")}`);
    process.stdout.write(`FAIL ${failures.at(-1)}\n`);
  });
  stream.on("test:summary", ({ file, counts, duration_ms: durationMs, success }) => {
    if (file === undefined) {
      total.passed = counts.passed;
      total.failed = counts.tests - counts.passed - counts.skipped - counts.todo;
      total.skipped = counts.skipped + counts.todo;
      return;
    }
    const verdict = success ? "ok  " : "FAIL";
    fileMs.set(place(file), durationMs);
    process.stdout.write(`${verdict} ${place(file)}  ${counts.passed}/${counts.tests}  ${Math.round(durationMs)} ms\n`);
  });
  for await (const _event of stream.resume()) {
    // Every event has a listener above; this waits for the end.
  }
  for (const [reason, count] of skips) process.stdout.write(`skipped ${count}: ${reason}\n`);
  for (const failure of failures) process.stdout.write(`FAIL ${failure.split("\n", 1).join("")}\n`);
  const failed = Math.max(total.failed, failures.length);
  const inTime = printBudget(names, fileMs, performance.now() - startedMs);
  process.stdout.write(`${total.passed} passed, ${failed} failed, ${total.skipped} skipped\n`);
  return failed === 0 && total.passed > 0 && inTime;
}

const place = (file: string | undefined): string => (file === undefined ? "?" : relative(root, file));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: "string", default: String(AT_ONCE) }, shuffle: { type: "string" } },
});
const names = positionals.includes("all") ? allNames : positionals.filter(isSuite);
const unknown = positionals.filter((name) => name !== "all" && !isSuite(name));
if (unknown.length > 0 || names.length === 0) {
  process.stderr.write(`usage: node tools/test.ts all | ${allNames.join(" | ")}   (unknown: ${unknown.join(" ")})\n`);
  process.exitCode = 2;
} else if (strangers().length > 0) {
  process.stderr.write(`no suite of tools/test.ts runs ${strangers().join(", ")}\n`);
  process.exitCode = 1;
} else {
  process.exitCode = (await runFiles(names, Number.parseInt(values.concurrency, 10))) ? 0 : 1;
}
