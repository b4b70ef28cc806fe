// Environment files: what their lines may be, who wins, and which files are refused.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { withEnvFiles } from "./env-file.ts";
import { renderProblems } from "./problem.ts";

const folder = mkdtempSync(join(tmpdir(), "opensqt-env-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

function refused(...paths: string[]): string {
  const read = withEnvFiles({}, paths);
  return read.ok ? "accepted" : renderProblems(read.error).replaceAll(`${folder}/`, "");
}

test("OPS-61 an env file fills in what the environment does not have; the later of two wins", () => {
  const one = file("one", "# keys\nA=1\nexport B = two words # a comment\n\nC='it # stays'\nD=\"x=y\"\nE=\n");
  const two = file("two", "A=2\r\nF=6\r\n");
  assert.deepEqual(withEnvFiles({ F: "own", G: "own", H: undefined }, [one, two]), {
    ok: true,
    value: { A: "2", B: "two words", C: "it # stays", D: "x=y", E: "", F: "own", G: "own" },
  });
});

test("OPS-61 an env file others may read is refused, and so is one that cannot be read", () => {
  const open = file("open", "A=1\n", 0o644);
  const group = file("group", "A=1\n", 0o640);
  assert.equal(
    refused(open, group, join(folder, "none"), folder),
    `open: may be read or written by others (mode 644); run: chmod 600 ${open}
group: may be read or written by others (mode 640); run: chmod 600 ${group}
none: cannot be read (there is no such file); name it with --env-file
${folder}: is no regular file; name one with NAME=value lines`.replaceAll(`${folder}/`, ""),
  );
});

test("OPS-61 a line that is no NAME=value is told by its number and never repeated", () => {
  const path = file("bad", "A=1\nsecret words\n1B=2\nC='open\n");
  assert.equal(
    refused(path),
    "bad:2: is not NAME=value\nbad:3: is not NAME=value\nbad:4: C begins with a quote that does not end",
  );
});
