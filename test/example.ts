// An example is a folder with a README whose commands are really run, as a reader would type them (TEST-37). A block
// "```sh" is run from the repository's root; a block "```text" after it is what must be printed: its lines in order,
// "…" standing for anything. "```sh exit=4" expects that exit code. $OUT is a folder of the run's own.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { testData, testDataFolder } from "./data.ts";

export interface Command {
  readonly script: string;
  readonly exitCode: number;
  /** Lines the output must hold in this order. */
  readonly expected: readonly string[];
}

export interface CommandResult {
  readonly command: Command;
  readonly output: string;
  /** What is wrong, or null. */
  readonly problem: string | null;
}

const root = resolve(import.meta.dirname, "..");
const BLOCK = /^```(sh|text)(?: exit=(\d+))?\n(.*?)^```$/gms;
const DATA = /\.\.\/shared\/data\/([\w./-]+)/g;
const timeoutMs = 120_000;

/** Commands of a README in order. */
export function commandsOf(readme: string): Command[] {
  const commands: Command[] = [];
  for (const [, kind, exit = "0", body = ""] of readme.matchAll(BLOCK)) {
    const last = commands.at(-1);
    if (kind === "sh") commands.push({ script: body, exitCode: Number.parseInt(exit, 10), expected: [] });
    else if (last !== undefined) {
      const expected = body.split("\n").filter((line) => line.trim() !== "");
      commands[commands.length - 1] = { ...last, expected };
    }
  }
  return commands;
}

/** Recorded files the commands read, relative to the data folder, that are absent here. */
export function absentData(commands: readonly Command[]): string[] {
  const named = commands.flatMap(({ script }) => [...script.matchAll(DATA)].map((match) => match[1] ?? ""));
  return [...new Set(named)].filter((file) => testData(file) === null);
}

/** Runs the commands of `examples/<name>/README.md` one after the other and removes what they wrote. */
export function runExample(name: string): CommandResult[] {
  const commands = commandsOf(readFileSync(join(root, "examples", name, "README.md"), "utf8"));
  const out = mkdtempSync(join(tmpdir(), "opensqt-example-"));
  try {
    return commands.map((command) => runCommand(command, out));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function runCommand(command: Command, out: string): CommandResult {
  const script = command.script.replaceAll("../shared/data", testDataFolder);
  const result = spawnSync("bash", ["-euo", "pipefail", "-c", script], {
    cwd: root,
    env: { ...process.env, OUT: out, NO_COLOR: "1", COLUMNS: "120" },
    encoding: "utf8",
    timeout: timeoutMs,
  });
  const output = `${result.stdout}${result.stderr}`;
  const problem =
    result.status === command.exitCode
      ? missingLine(output, command.expected)
      : `exit code ${result.status ?? result.signal ?? "?"}, expected ${command.exitCode}`;
  return { command, output, problem };
}

function missingLine(output: string, expected: readonly string[]): string | null {
  const lines = output.split("\n");
  let from = 0;
  for (const want of expected) {
    const pattern = new RegExp(
      `^${want
        .trim()
        .split("…")
        .map((part) => RegExp.escape(part))
        .join(".*")}$`,
    );
    const at = lines.findIndex((line, index) => index >= from && pattern.test(line.trim()));
    if (at === -1) return `not printed (in this order): ${want}`;
    from = at + 1;
  }
  return null;
}
