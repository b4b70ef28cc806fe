// Who may import whom: the table of docs/spec/design.md as data, cycles, and what pure folders may touch.

import { posix } from "node:path";
import { type Finding, isTest, patternRule, type Rule, type Tree } from "./rule.ts";
import type { Import } from "./source.ts";

/** Rows of the table from top to bottom: a folder imports only from rows above it, and within itself. */
export const LAYERS: readonly { readonly folder: string; readonly pure: boolean }[] = [
  { folder: "base", pure: true },
  { folder: "market", pure: true },
  { folder: "trading", pure: true },
  { folder: "strategy", pure: true },
  { folder: "risk", pure: true },
  { folder: "engine", pure: true },
  { folder: "sim", pure: true },
  { folder: "config", pure: false },
  { folder: "observe", pure: false },
  { folder: "journal", pure: false },
  { folder: "data", pure: false },
  { folder: "rpc", pure: false },
  { folder: "exchange", pure: false },
  { folder: "host", pure: false },
  { folder: "live", pure: false },
  { folder: "backtest", pure: false },
  { folder: "terminal", pure: false },
  { folder: "apps", pure: false },
];

export const PURE: readonly string[] = LAYERS.filter((row) => row.pure).map((row) => `src/${row.folder}`);

const rowOf = (path: string): number => LAYERS.findIndex((row) => path.startsWith(`src/${row.folder}/`));
const target = (from: string, specifier: string): string => posix.normalize(posix.join(posix.dirname(from), specifier));

/** Why this import is not allowed, or null. */
function objection(path: string, { specifier }: Import): string | null {
  if (!specifier.startsWith(".")) return null;
  const to = target(path, specifier);
  if (!to.startsWith("src/")) return `imports ${to}, which is no production code`;
  const row = rowOf(to);
  if (row === -1) return `imports ${to}, a folder the table does not know`;
  return row > rowOf(path) ? `imports ${to}, a row below its own` : null;
}

const order: Rule = {
  id: "layers/order",
  fix: "move the code up, or pass the value in (the table is in ARCHITECTURE.md and test/tidy/layers.ts)",
  excusable: false,
  check: (tree) =>
    tree.production().flatMap((file) => {
      if (rowOf(file.path) === -1) return [{ path: file.path, line: 1, what: "stands in no folder of the table" }];
      return file.imports.flatMap((each): Finding[] => {
        const what = objection(file.path, each);
        return what === null ? [] : [{ path: file.path, line: each.line, what }];
      });
    }),
};

const pureImports: Rule = {
  id: "layers/pure",
  fix: "pure folders import nothing from Node or npm but createHash of node:crypto; take the rest as a parameter",
  excusable: false,
  check: (tree) =>
    tree.production(...PURE).flatMap((file) =>
      file.imports
        .filter(({ specifier }) => !specifier.startsWith("."))
        .filter(({ specifier, clause }) => !(specifier === "node:crypto" && /^\{\s*createHash\s*\}$/.test(clause)))
        .map(({ specifier, line }) => ({ path: file.path, line, what: `imports ${specifier}` })),
    ),
};

const cycles: Rule = {
  id: "layers/cycle",
  fix: "move what both need into a third file, or import the type only",
  excusable: false,
  check: (tree) => {
    const edges = valueImports(tree);
    const state = new Map<string, "open" | "done">();
    const findings: Finding[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === "done") return;
      if (state.get(path) === "open") {
        const loop = [...trail.slice(trail.indexOf(path)), path];
        findings.push({ path, line: 1, what: `import cycle ${loop.join(" → ")}` });
        return;
      }
      state.set(path, "open");
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
      state.set(path, "done");
    };
    for (const path of edges.keys()) visit(path, []);
    return findings;
  },
};

function valueImports(tree: Tree): Map<string, string[]> {
  const sources = tree.typescript("src").filter((file) => !isTest(file.path));
  return new Map(
    sources.map((file) => [
      file.path,
      file.imports
        .filter(({ typeOnly, specifier }) => !typeOnly && specifier.startsWith("."))
        .map(({ specifier }) => target(file.path, specifier)),
    ]),
  );
}

const surroundings = patternRule({
  id: "layers/surroundings",
  fix: "only apps/ and config/ read the environment, arguments and signals; hand the value down",
  pattern: /\bprocess\.(?:env|argv)\b|\bprocess\.(?:on|once)\("SIG/,
  inStrings: true,
  files: (tree) => tree.production().filter(({ path }) => !/^src\/(?:apps|config)\//.test(path)),
});

export const layerRules: readonly Rule[] = [order, pureImports, cycles, surroundings];
