// What the code can do is written down and tested: exit codes, crash points, configuration keys, our own exemptions.
// A rule about a file that does not exist yet says nothing; once the file exists, it must agree.

import { evidence } from "./evidence.ts";
import { type Finding, isTest, patternRule, type Rule, type Tree } from "./rule.ts";
import { matches } from "./source.ts";

/** The table of docs/spec/design.md; 128+n stands for signals. */
export const EXIT_CODES: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13];
const EXIT_TABLE = "src/apps/opensqt/exit-codes.ts";
const EXIT_DOCS = "docs/exit-codes.md";
const CRASH_DOCS = "docs/spec/durability.md";
const CONFIG_DOCS = "docs/configuration.md";

const exitCodes: Rule = {
  id: "completeness/exit-codes",
  fix: `one table in ${EXIT_TABLE}, every row of it in ${EXIT_DOCS}`,
  excusable: false,
  check: (tree) => {
    const table = tree.files.get(EXIT_TABLE);
    if (table === undefined) return [];
    const docs = tree.text(EXIT_DOCS) ?? "";
    return EXIT_CODES.flatMap((code): Finding[] => {
      const missing: Finding[] = [];
      if (!new RegExp(`\\b${code}\\b`).test(table.code)) {
        missing.push({ path: EXIT_TABLE, line: 1, what: `lacks ${code}` });
      }
      if (!new RegExp(`^\\| ${code} \\|`, "m").test(docs))
        missing.push({ path: EXIT_DOCS, line: 1, what: `lacks ${code}` });
      return missing;
    });
  },
};

const crashPoints: Rule = {
  id: "completeness/crash-points",
  fix: `write the point into ${CRASH_DOCS} section 16 and kill there in test/crash/`,
  excusable: false,
  check: (tree) => {
    const docs = tree.text(CRASH_DOCS) ?? "";
    const tests = tree.typescript("test/crash").map((file) => file.text);
    return tree.production().flatMap((file) =>
      matches(file.spoken, /\bcrashPoint\(\s*"([^"]+)"/).flatMap(({ line, groups }): Finding[] => {
        const name = groups[0] ?? "";
        const lacks = [
          ...(docs.includes(`\`${name}\``) ? [] : ["no row in the crash matrix"]),
          ...(tests.length === 0 || tests.some((text) => text.includes(name)) ? [] : ["no crash test"]),
        ];
        return lacks.map((what) => ({ path: file.path, line, what: `${name}: ${what}` }));
      }),
    );
  },
};

/** Where keys are declared: zod schemas in src/config/, and tables of keys (`keys.ts`) anywhere. */
const KEY_PATTERNS: readonly { readonly files: RegExp; readonly key: RegExp }[] = [
  { files: /^src\/config\//, key: /^\s+([a-z]\w*):\s*z\s*\./gm },
  { files: /\/keys\.ts$/, key: /^ {2}\w+\("([a-z][\w.]*)"|\bkey: "([a-z][\w.]*)"/gm },
];

function configKeys(tree: Tree): Map<string, Finding> {
  const keys = new Map<string, Finding>();
  for (const { files, key } of KEY_PATTERNS) {
    for (const file of tree.production().filter(({ path }) => files.test(path))) {
      for (const { line, groups } of matches(file.spoken, key)) {
        const name = groups.find((group) => group !== "") ?? "";
        keys.set(name, { path: file.path, line, what: `key ${name} is not in ${CONFIG_DOCS}` });
      }
    }
  }
  return keys;
}

const configuration: Rule = {
  id: "completeness/configuration",
  fix: `describe the key in ${CONFIG_DOCS}: meaning, unit, range, default`,
  excusable: false,
  check: (tree) => {
    const docs = tree.text(CONFIG_DOCS);
    if (docs === null) return [];
    return [...configKeys(tree)].filter(([key]) => !docs.includes(`\`${key}\``)).map(([, finding]) => finding);
  },
};

/** Kinds of things the full rule of TEST-41 covers that this code does not have yet, and what brings them. */
export const NOT_YET: readonly { readonly about: string; readonly comesWith: string }[] = [
  { about: "alert codes routed and asserted once per cause", comesWith: "alert channels (RISK-40…42)" },
  { about: "golden journals of releases unchanged by digest", comesWith: "the first release (DUR-31, DUR-32)" },
  { about: "no branded amount times a fraction", comesWith: "a type-aware linter plugin" },
];

export const completenessRules: readonly Rule[] = [
  exitCodes,
  crashPoints,
  configuration,
  evidence,
  patternRule({
    id: "completeness/exit-number",
    fix: `exit with a name of ${EXIT_TABLE}`,
    pattern: /\bprocess\.exit\(\s*\d|\bprocess\.exitCode\s*=\s*\d/,
    files: (tree) => tree.production().filter(({ path }) => path !== EXIT_TABLE && !isTest(path)),
  }),
];
