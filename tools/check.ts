// Everything that can be said about the code without running the product: format, lint, types, dead code, style, and
// with --unit the unit tests. Two at a time, one line each, the output of what failed. A missing tool is a failure.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What to do when it fails. */
  readonly fix: string;
}

const root = resolve(import.meta.dirname, "..");
const node = process.execPath;
const bin = (name: string): string => resolve(root, "node_modules/.bin", name);

const steps: readonly Step[] = [
  { name: "types", command: bin("tsc"), args: ["-p", "tsconfig.json"], fix: "correct the types" },
  { name: "types of the console", command: bin("tsc"), args: ["-p", "web/tsconfig.json"], fix: "correct the types" },
  {
    name: "lint",
    command: bin("oxlint"),
    args: ["--type-aware", "--deny-warnings"],
    fix: "correct what is named above",
  },
  { name: "format", command: bin("biome"), args: ["check", "--error-on-warnings", "."], fix: "make format" },
  { name: "dead code", command: bin("knip"), args: ["--no-progress"], fix: "delete it, or use it" },
  { name: "proto", command: node, args: ["tools/proto.ts", "--check"], fix: "correct proto/, then make proto" },
  { name: "style", command: node, args: ["--test", "test/tidy.test.ts"], fix: "each message names its fix" },
  ...(process.argv.includes("--unit")
    ? [{ name: "unit tests", command: node, args: ["tools/test.ts", "unit"], fix: "correct the code" }]
    : []),
];

/** Runs one step; resolves with whether it passed. Prints the output only of a step that did not. */
function runStep(step: Step): Promise<boolean> {
  const startedMs = performance.now();
  if (!existsSync(step.command)) {
    process.stdout.write(`FAIL ${step.name}: ${step.command} is missing; run 'make install'\n`);
    return Promise.resolve(false);
  }
  const { promise, resolve: done } = Promise.withResolvers<boolean>();
  const child = spawn(step.command, [...step.args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.on("error", (error) => {
    output += error.message;
    done(false);
  });
  child.on("close", (code) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const passed = code === 0;
    const lastLine = output.trimEnd().split("\n").at(-1) ?? "";
    if (passed)
      process.stdout.write(`ok   ${step.name}  ${seconds} s${lastLine.includes(" passed, ") ? `  ${lastLine}` : ""}\n`);
    else process.stdout.write(`${output.trimEnd()}\nFAIL ${step.name}  ${seconds} s: ${step.fix}\n`);
    done(passed);
  });
  return promise;
}

const waiting = [...steps];
let passed = true;
async function worker(): Promise<void> {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    passed = (await runStep(step)) && passed;
  }
}
await Promise.all([worker(), worker()]);
process.exitCode = passed ? 0 : 1;
