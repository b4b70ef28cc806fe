// Nothing fails silently, and what fails says which of our error codes it is.

import { PURE } from "./layers.ts";
import { type Finding, patternRule, type Rule } from "./rule.ts";
import { lineAt, matches } from "./source.ts";

const emptyCatch: Rule = {
  id: "errors/empty-catch",
  fix: "handle the error, or say in a comment inside why nothing is to be done",
  check: (tree) =>
    tree
      .typescript("src", "test", "tools", "bench")
      .flatMap((file) =>
        [...file.code.matchAll(/\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/g)]
          .filter((match) => !/\/[/*]/.test(file.text.slice(match.index, match.index + match[0].length)))
          .map((match) => ({ path: file.path, line: lineAt(file.code, match.index), what: "empty catch" })),
      ),
};

const typedErrors: Rule = {
  id: "errors/code",
  fix: "give the class `readonly code: …` with string codes, so that callers need not read messages",
  check: (tree) =>
    tree.production().flatMap((file) =>
      matches(file.code, /\bclass (\w+)(?:<[^>]*>)? extends \w*Error\b/)
        .filter(({ groups }) => groups[0] !== "BugError" && !/\bcode\b/.test(file.code))
        .map(({ line, groups }) => ({ path: file.path, line, what: `${groups[0] ?? ""} has no code` })),
    ),
};

/** Rules of the linters that must stay errors: tidy fails when somebody softens them. */
const LINT_RULES = ["no-floating-promises", "no-misused-promises", "switch-exhaustiveness-check", "no-explicit-any"];

const linters: Rule = {
  id: "errors/linters",
  fix: "set the rule to error again",
  excusable: false,
  check: (tree): Finding[] => {
    const text = tree.text(".oxlintrc.json");
    if (text === null) return [{ path: ".oxlintrc.json", line: 1, what: "is missing" }];
    return LINT_RULES.filter((rule) => !new RegExp(`typescript/${rule}":\\s*(?:\\[\\s*)?"error"`).test(text)).map(
      (rule) => ({
        path: ".oxlintrc.json",
        line: 1,
        what: `${rule} is not an error`,
      }),
    );
  },
};

export const errorRules: readonly Rule[] = [
  emptyCatch,
  typedErrors,
  linters,
  patternRule({
    id: "errors/throw-in-core",
    fix: "return a Result for what may happen, assert for our own bugs (base/result.ts, base/assert.ts)",
    pattern: /\bthrow\b(?! new BugError\b)/,
    files: (tree) => tree.production(...PURE).filter(({ path }) => !path.startsWith("src/base/")),
  }),
  patternRule({
    id: "errors/cast",
    fix: "narrow the value with a check; a double cast hides the bug it meets",
    pattern: /\bas unknown as\b|\bas any\b|@ts-ignore|@ts-nocheck/,
    files: (tree) => tree.typescript("src", "test", "bench", "tools"),
  }),
];
