// The tour of the README, typed as it stands there, in a folder of its own (TEST-37). What it needs from a reader, an
// order's id, is read where the README says; what has a test of its own, or needs a terminal or a capture, is left out.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { until } from "../system/system.ts";
import { opensqt, root, startOpensqt, withFolder } from "./command-line.ts";

/** Command → why it is not run here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  demo: "test/cli/demo.test.ts",
  top: "needs a terminal: its tests stand beside it",
  data: "needs a capture: test/acceptance",
};

/** The lines of the tour's block, as words; quotes hold words together. */
function tour(): readonly (readonly string[])[] {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const block = /## A tour in[\s\S]*?```\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  return block
    .split("\n")
    .filter((line) => line.startsWith("bin/opensqt "))
    .map((line) => {
      const typed = line.slice("bin/opensqt ".length).replace(/\s+#.*$/, "");
      return [...typed.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    });
}

test("TEST-37 every command of the README's tour does what it is said to do", async () => {
  const commands = tour();
  assert.ok(commands.length >= 12);
  await withFolder(async (folder) => {
    const at = commands.findIndex(([name]) => name === "up");
    const typed = (words: readonly string[]): string => {
      const { code, out, err } = opensqt(words, { cwd: folder });
      assert.equal(code, 0, `opensqt ${words.join(" ")}: ${out}${err}`);
      return out;
    };
    const isHere = ([name = ""]: readonly string[]): boolean => ELSEWHERE[name] === undefined;
    for (const words of commands.slice(0, at).filter(isHere)) typed(words);
    const up = startOpensqt(commands[at] ?? [], { cwd: folder, timeoutMs: 240_000 });
    try {
      await up.seen(/Console {2}http/);
      let order = "";
      await until("an open order", async () => {
        const told = JSON.parse(typed(["orders", "--json"])) as { data: readonly { clientOrderId: string }[] };
        order = told.data[0]?.clientOrderId ?? "";
        return order !== "";
      });
      for (const words of commands.slice(at + 1).filter(isHere)) {
        typed(words.map((word) => (word === "ORDER" ? order : word)));
      }
    } finally {
      up.kill("SIGINT");
    }
    assert.equal((await up.ended).code, 0);
  });
});
