// One word a concept (docs/glossary.md), units last, and no names that say nothing.

import { type Finding, patternRule, type Rule } from "./rule.ts";

/** Synonyms of glossary words: what not to write, and what instead. */
const SYNONYMS: readonly { readonly bad: RegExp; readonly good: string; readonly except?: RegExp }[] = [
  { bad: /venue/i, good: "exchange" },
  { bad: /\bcloid\b/i, good: "clientOrderId" },
  {
    bad: /\btickers?Size\b|\bstepSize\b|\blotStep\b/,
    good: "tickSize or lotSize",
    // an exchange's own words stand where its wire is spoken
    except: /^src\/exchange\/(?:emulator\/binance|ccxt\/exchanges)\//,
  },
  { bad: /\bsim(?:ulated)?Venue\b|\bmockExchange\b|\bfakeExchange\b/i, good: "the simulated exchange" },
];
const EMPTY_NAMES =
  /(?:^|\/)(?:utils?|helpers?|common|types|managers?|services?|misc|stuff)(?:\.test)?(?:\.ts)?(?=\/|$)/;
const EMPTY_CLASS = /\b(?:class|interface)\s+\w*(?:Manager|Service|Helper|Utils?)\b/;
const TEXTS = /^(?:README|ARCHITECTURE|CHANGELOG)\.md$|^docs\/(?!spec\/|glossary\.md)/;

const glossary: Rule = {
  id: "words/glossary",
  fix: "use the word of docs/glossary.md",
  check: (tree) =>
    [...tree.files.values()]
      .filter(({ path }) => (path.endsWith(".ts") && !path.startsWith("test/tidy/")) || TEXTS.test(path))
      .filter(({ path }) => /^(?:src|test|bench|tools|examples|docs)\/|^[A-Z]+\.md$/.test(path))
      .flatMap((file) =>
        file.text.split("\n").flatMap((line, index): Finding[] => {
          const found = SYNONYMS.find(({ bad, except }) => bad.test(line) && except?.test(file.path) !== true);
          if (found === undefined) return [];
          return [
            { path: file.path, line: index + 1, what: `"${found.bad.exec(line)?.[0] ?? ""}": write ${found.good}` },
          ];
        }),
      ),
};

const emptyNames: Rule = {
  id: "words/name",
  fix: "name it after the noun of the domain it holds",
  excusable: false,
  check: (tree) =>
    [...tree.files.keys()]
      .filter((path) => /^(?:src|test|bench|tools|examples)\//.test(path) && EMPTY_NAMES.test(path))
      .map((path) => ({ path, line: 1, what: `${EMPTY_NAMES.exec(path)?.[0] ?? path} says nothing` })),
};

export const wordRules: readonly Rule[] = [
  glossary,
  emptyNames,
  patternRule({
    id: "words/class",
    fix: "name it after the noun of the domain it holds",
    pattern: EMPTY_CLASS,
    files: (tree) => tree.production(),
  }),
  patternRule({
    id: "words/units-last",
    fix: "quantity, unit, bound: latencyMsMax, spreadBpsMin",
    pattern: /(?<![\w.])(?:max|min)[A-Z]\w*?(?:Ms|Bps|Ppm)\b/,
    files: (tree) => tree.production(),
  }),
];
