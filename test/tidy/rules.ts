// All rules of the style guide, and how a tree is judged: findings less the excused ones, ratchets counted.

import { boundRules } from "./bounds.ts";
import { completenessRules } from "./completeness.ts";
import { determinismRules } from "./determinism.ts";
import { errorRules } from "./errors.ts";
import { fileRules } from "./files.ts";
import { layerRules } from "./layers.ts";
import { moneyRules } from "./money.ts";
import type { Finding, Rule, Tree } from "./rule.ts";
import { sizeRules } from "./size.ts";
import { testRules } from "./tests.ts";
import { wordRules } from "./words.ts";

export const groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] = [
  { name: "layers", rules: layerRules },
  { name: "determinism", rules: determinismRules },
  { name: "money", rules: moneyRules },
  { name: "errors", rules: errorRules },
  { name: "bounds", rules: boundRules },
  { name: "size", rules: sizeRules },
  { name: "words", rules: wordRules },
  { name: "tests", rules: testRules },
  { name: "completeness", rules: completenessRules },
  { name: "files", rules: fileRules },
];

const EXCUSE = /\/\/ tidy-ok:[ \t]*(.*)$/;

/** Findings of one rule, those excused by `// tidy-ok: reason` on the line or the one above left out. */
export function judge(rule: Rule, tree: Tree): Finding[] {
  return rule.check(tree).filter((finding) => rule.excusable === false || !excused(tree, finding));
}

function excused(tree: Tree, { path, line }: Finding): boolean {
  const lines = tree.files.get(path)?.text.split("\n") ?? [];
  return [lines[line - 1], lines[line - 2]].some((text) => (EXCUSE.exec(text ?? "")?.[1] ?? "").trim().length > 3);
}

/** Places of all excuses, with or without a reason. */
export function excuses(tree: Tree): Finding[] {
  return tree
    .typescript("src", "test", "tools", "bench", "examples")
    .filter(({ path }) => !path.startsWith("test/tidy"))
    .flatMap((file) =>
      file.text.split("\n").flatMap((text, index): Finding[] => {
        const reason = EXCUSE.exec(text)?.[1];
        return reason === undefined ? [] : [{ path: file.path, line: index + 1, what: reason }];
      }),
    );
}

/** One line a finding, as editors can jump to it. */
export const printFinding = (rule: Rule, finding: Finding): string =>
  `${finding.path}:${finding.line}: ${finding.what}: ${rule.fix} (${rule.id})`;
