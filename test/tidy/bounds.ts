// Nothing grows or waits without a written limit.

import { type Finding, patternRule, type Rule } from "./rule.ts";

const loops: Rule = {
  id: "bounds/loop",
  fix: "say in a comment beside it what ends this loop, or give it a maximum",
  check: (tree) =>
    tree.production().flatMap((file) => {
      const lines = file.text.split("\n");
      return file.code.split("\n").flatMap((line, index): Finding[] => {
        if (!/\bwhile\s*\(\s*true\s*\)|\bfor\s*\(\s*;\s*;\s*\)/.test(line)) return [];
        const near = lines.slice(Math.max(0, index - 1), index + 2).join("\n");
        return near.includes("//") ? [] : [{ path: file.path, line: index + 1, what: line.trim() }];
      });
    }),
};

/** Names of spans of time, which mean nothing without a unit. */
const WAITS = "[tT]imeout|[dD]elay|[lL]atency|[cC]ooldown|[dD]uration";

export const boundRules: readonly Rule[] = [
  loops,
  patternRule({
    id: "bounds/unit",
    fix: "end the name with its unit: timeoutMs, delayMs, latencyMsMax, cooldownMs",
    pattern: new RegExp(`\\b(?:const|let|readonly)\\s+\\w*(?:${WAITS})\\b\\s*(?:: number|=\\s*[\\d_]+)`),
    files: (tree) => tree.production(),
  }),
];
