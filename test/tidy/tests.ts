// Tests prove something every time: none left out silently, none that waits, none that leaves the machine.

import { type Finding, patternRule, type Rule } from "./rule.ts";
import { matches } from "./source.ts";

const propertyRuns: Rule = {
  id: "tests/runs",
  fix: 'take numRuns from OPENSQT_PROPERTY_RUNS (default "200"), so that one command hunts longer',
  check: (tree) =>
    tree
      .tests()
      .filter((file) => file.path.endsWith(".property.test.ts") && /\bfc\.assert\(/.test(file.code))
      .filter((file) => !/OPENSQT_PROPERTY_RUNS|\bnumRuns\b|\bruns\b|\bpropertyRuns\b/.test(file.spoken))
      .map((file): Finding => ({ path: file.path, line: 1, what: "no number of runs" })),
};

const skips: Rule = {
  id: "tests/skip",
  fix: 'give the reason as text: { skip: "why" }',
  check: (tree) =>
    tree
      .tests()
      .flatMap((file) =>
        [
          ...matches(file.code, /\b(?:test|it|describe|suite)\.(?:skip|todo)\(/),
          ...matches(file.code, /\bskip:\s*true\b|\bt\.skip\(\s*\)/),
        ].map(({ line, text }) => ({ path: file.path, line, what: text })),
      ),
};

export const testRules: readonly Rule[] = [
  propertyRuns,
  skips,
  patternRule({
    id: "tests/only",
    fix: "remove it: everything else would silently not run",
    pattern: /\b(?:test|it|describe|suite)\.only\(|\bonly:\s*true\b/,
    files: (tree) => tree.tests(),
  }),
  patternRule({
    id: "tests/sleep",
    fix: "wait for a condition with a deadline, never for time to pass",
    pattern: /\bsleep\(|\bawait setTimeout\(|\bawait delay\(|=>\s*(?:\{\s*)?setTimeout\(\s*resolve/,
    files: (tree) => tree.tests().filter((file) => file.path.endsWith(".test.ts")),
  }),
  patternRule({
    id: "tests/port",
    fix: "listen on port 0, or on a socket in a folder of the test's own",
    pattern: /\.listen\(\s*[1-9]/,
    files: (tree) => tree.tests(),
  }),
  patternRule({
    id: "tests/network",
    fix: "tests reach nothing beyond this machine",
    pattern: /\bfetch\(\s*["'`]https?:\/\/(?!localhost|127\.0\.0\.1|\[::1\])/,
    inStrings: true,
    files: (tree) => tree.tests(),
  }),
  patternRule({
    id: "tests/chance",
    fix: "draw from a seeded generator (base/prng.ts or fast-check) and print the seed",
    pattern: /\bMath\.random\(/,
    files: (tree) => tree.typescript("test", "src", "bench"),
  }),
];
