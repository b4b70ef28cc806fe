// The commit hook on a repository of its own: what it refuses, what it lets through, what it needs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const root = join(import.meta.dirname, "..");
const HOOK = join(root, "tools/pre-commit.sh");

/** A repository with our tools and rules, or without the tools. */
function repository(t: TestContext, { withTools }: { readonly withTools: boolean }) {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-hook-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) => spawnSync("git", args, { cwd: folder, encoding: "utf8" });
  git("init", "-q");
  if (withTools) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  copyFileSync(join(root, "biome.json"), join(folder, "biome.json"));
  mkdirSync(join(folder, "src"));
  return (path: string, text: string) => {
    writeFileSync(join(folder, path), text);
    git("add", "-f", path);
    const { status, stdout, stderr } = spawnSync("sh", [HOOK], { cwd: folder, encoding: "utf8" });
    git("rm", "-q", "-f", "--cached", path);
    return { status, said: `${stdout}${stderr}` };
  };
}

test("TEST-48 the commit hook refuses white space, secrets and bad form, and lets the rest pass", (t) => {
  const staged = repository(t, { withTools: true });
  const good = staged("src/good.ts", "export const answer = 42;\n");
  assert.equal(good.status, 0, good.said);
  const blank = staged("note.md", "a line with a blank at its end \n");
  assert.ok(blank.status !== 0 && blank.said.includes("trailing whitespace"), blank.said);
  const secret = staged("keys.yaml", `secret: "${"A1b2C3d4".repeat(3)}"\n`);
  assert.ok(secret.status !== 0 && secret.said.includes("look like a secret"), secret.said);
  const crooked = staged("src/crooked.ts", "export   const answer=42\n");
  assert.ok(crooked.status !== 0 && crooked.said.includes("crooked.ts"), crooked.said);
});

test("TEST-48 a missing tool fails the commit hook and is named", (t) => {
  const { status, said } = repository(t, { withTools: false })("note.md", "well\n");
  assert.ok(status !== 0 && said.includes("node_modules/.bin/biome is missing; run 'make install'"), said);
});
