// Tests prove something every time: on real parts, none left out silently or tried again, none that waits, none that
// leaves the machine.

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

const NAME = /\b(?:test|it)\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/g;
const ID = /\b[A-Z]+-P?\d+(?:…P?\d+)?\b/g;

const sentences: Rule = {
  id: "tests/sentence",
  fix: "say in a sentence of the domain what is so: `a stale book pulls both quotes`",
  check: (tree) =>
    tree
      .tests()
      // the tracer's own test is full of made-up names
      .filter(({ path }) => path.endsWith(".test.ts") && path !== "tools/trace.test.ts")
      .flatMap((file) =>
        matches(file.spoken, NAME).flatMap(({ line, groups }): Finding[] => {
          const name = (groups[1] ?? "").replaceAll(ID, "").trim();
          const told = name.includes("${") || name.split(/\s+/).length >= 3;
          if (told && !/^(?:it )?should\b|^(?:works|test)\b/i.test(name)) return [];
          return [{ path: file.path, line, what: groups[1] ?? "" }];
        }),
      ),
};

/** What runs the tests, in CI and on a laptop. */
const RUNNERS = /^\.ci\/|^Makefile$|^package\.json$|^tools\/(?:test|check)\.ts$/;

const secondChances: Rule = {
  id: "tests/again",
  fix: "find out why it failed: a test that passes at the second try is a bug of the same day",
  excusable: false,
  check: (tree) =>
    [...tree.files.values()]
      .filter(({ path }) => RUNNERS.test(path))
      .flatMap((file) =>
        matches(file.code, /\b(?:retry|retries|rerun|flaky|quarantine|continue-on-error)\b|\|\|\s*true\b/i).map(
          ({ line, text }) => ({ path: file.path, line, what: text }),
        ),
      ),
};

export const testRules: readonly Rule[] = [
  propertyRuns,
  skips,
  sentences,
  secondChances,
  patternRule({
    id: "tests/mock",
    fix: "use the real thing: simulated exchange, memory journal and virtual clock pass the contract suites",
    pattern: /\bmock\.(?:fn|module|getter|setter|property)\(|\bmock\.method\(\s*(?!console\b|Socket\.prototype\b)/,
    files: (tree) => tree.tests(),
  }),
  patternRule({
    id: "tests/only",
    fix: "remove it: everything else would silently not run",
    pattern: /\b(?:test|it|describe|suite)\.only\(|\bonly:\s*true\b/,
    files: (tree) => tree.tests(),
  }),
  patternRule({
    id: "tests/sleep",
    fix: "wait for a condition with a deadline, never for time to pass",
    // under whatever name: a tenth of a second and more, written as a number, is a window
    pattern:
      /\bsleep\(|\bawait (?:(?:setTimeout|delay)\(|(?:wait|pause|pass)\(\d[\d_]{2,}\))|=>\s*\{?\s*setTimeout\(resolve/,
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
