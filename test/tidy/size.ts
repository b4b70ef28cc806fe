// How large things may be. Most limits are ratchets: what passes
// them may only become less.

import { functionsIn } from "./functions.ts";
import type { Finding, Rule, Tree } from "./rule.ts";
import type { Source } from "./source.ts";

const ours = (tree: Tree): Source[] => tree.typescript("src", "test", "tools", "bench", "examples");
const lengthOf = (file: Source): number => file.text.trimEnd().split("\n").length;
const limits: readonly { readonly file: RegExp; readonly lines: number; readonly why: string }[] = [
  { file: /^src\/apps\/.*main\.ts$/, lines: 150, why: "main.ts is a wiring diagram" },
  { file: /(?:^|\/)index\.ts$/, lines: 30, why: "index.ts only re-exports" },
  { file: /\.ts$/, lines: 500, why: "a reader loses the thread" },
];

const fileLimit: Rule = {
  id: "size/file",
  fix: "cut it along a noun of the domain",
  check: (tree) =>
    ours(tree).flatMap((file): Finding[] => {
      const limit = limits.find((each) => each.file.test(file.path));
      const lines = lengthOf(file);
      if (limit === undefined || lines <= limit.lines) return [];
      return [{ path: file.path, line: 1, what: `${lines} lines, at most ${limit.lines}: ${limit.why}` }];
    }),
};

const longFiles: Rule = {
  id: "size/file-asks",
  fix: "past 300 lines ask whether it is two things",
  ratchet: true,
  check: (tree) =>
    ours(tree)
      .filter((file) => lengthOf(file) > 300)
      .map((file) => ({ path: file.path, line: 1, what: `${lengthOf(file)} lines` })),
};

const longLines: Rule = {
  id: "size/line",
  fix: "break the line at 120 characters",
  ratchet: true,
  check: (tree) =>
    ours(tree).flatMap((file) =>
      file.text.split("\n").flatMap((line, index): Finding[] => {
        const length = Array.from(line).length;
        return length > 120 ? [{ path: file.path, line: index + 1, what: `${length} characters` }] : [];
      }),
    ),
};

const longFunctions: Rule = {
  id: "size/function",
  fix: "a function fits a screen (70 lines): name its parts",
  ratchet: true,
  check: (tree) =>
    tree.production("src", "bench", "tools").flatMap((file) =>
      functionsIn(file.code)
        .filter(({ lines }) => lines > 70)
        .map(({ name, line, lines }) => ({ path: file.path, line, what: `${name} has ${lines} lines` })),
    ),
};

const manyParameters: Rule = {
  id: "size/parameters",
  fix: "three positional parameters, then an options object",
  ratchet: true,
  check: (tree) =>
    tree.production("src", "bench", "tools").flatMap((file) =>
      functionsIn(file.code)
        .filter(({ name, parameters }) => parameters > 3 && name !== "constructor")
        .map(({ name, line, parameters }) => ({ path: file.path, line, what: `${name} takes ${parameters}` })),
    ),
};

const header: Rule = {
  id: "size/header",
  fix: "open the file with one to five comment lines: what it is for and what it must not do",
  check: (tree) =>
    ours(tree).flatMap((file): Finding[] => {
      if (file.path.endsWith(".test.ts")) return []; // its names say what it is for
      const lines = file.text.split("\n");
      const first = lines[0]?.startsWith("#!") === true ? 1 : 0;
      return /^\/[/*]/.test(lines[first] ?? "") ? [] : [{ path: file.path, line: 1, what: "no opening comment" }];
    }),
};

export const sizeRules: readonly Rule[] = [fileLimit, longFiles, longLines, longFunctions, manyParameters, header];
