// OPS-11: whoever is told to type a command finds it. Every `opensqt …` that console, messages and documents name is
// held against the commands and options there are.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Command } from "commander";
import { COMMANDS } from "../../src/apps/opensqt/command-list.ts";

const ROOT = join(import.meta.dirname, "../..");
const READ = ["web/src/**/*.{ts,tsx}", "src/**/*.ts", "docs/*.md", "examples/**/*.{md,yaml}", "README.md"];

/** A mention up to what ends it: a quote, a full stop, the end of the line. */
const MENTION = /\bopensqt ([a-z][a-z-]*)((?: +(?:"[^"\n]*"|\$\{[^}\n]*\}|<[^>\n]*>|[^\s`'"()<>;:,|]+))*)/g;

async function everyCommand(): Promise<Command> {
  const program = new Command("opensqt");
  for (const { load } of COMMANDS) (await load()).register(program);
  return program;
}

/** What a mention gets wrong; null when it could be typed. */
function objection(program: Command, first: string, rest: string): string | null {
  let command = program.commands.find((each) => each.name() === first);
  if (command === undefined) return null; // prose about the program, or a release to come
  const words = rest.trim().split(/ +/).filter(Boolean);
  const [next = ""] = words;
  const named = command.commands.find((each) => each.name() === next.replace(/\.$/, ""));
  if (named !== undefined) command = named;
  else if (command.commands.length > 0 && /^[a-z][a-z-]*\.?$/.test(next)) return `${first} has no ${next}`;
  else if (next.startsWith("${")) return null; // which one is said elsewhere
  const known = new Set(["--help", "--env-file", ...command.options.map(({ long }) => long)]);
  const flags = words.flatMap((word) => /^--[a-z][a-z-]*/.exec(word)?.[0] ?? []);
  const strange = flags.find((flag) => !known.has(flag));
  return strange === undefined ? null : `${command.name()} has no ${strange}`;
}

test("OPS-11 every command that console, messages and documents name can be typed", async () => {
  const program = await everyCommand();
  const wrong: string[] = [];
  let mentions = 0;
  for (const path of globSync(READ, { cwd: ROOT })) {
    if (path.includes(".test.") || path.includes("generated")) continue;
    for (const [whole, first = "", rest = ""] of readFileSync(join(ROOT, path), "utf8").matchAll(MENTION)) {
      mentions += 1;
      const found = objection(program, first, rest);
      if (found !== null) wrong.push(`${path}: "${whole}": ${found}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(mentions > 100, `${mentions}`);
});
