// A claim about what was measured has its evidence (TEST-44): README gives a figure only beside a link to the page of
// evidence, and each row of that page names a page that is there, the command that made it, the commit and the day.

import type { Finding, Rule } from "./rule.ts";

const EVIDENCE = "docs/evidence.md";
const README = "README.md";
const UNITS = [
  "%",
  ...["ms", "µs", "MB", "deaths", "kills", "seeds", "events", "orders/s", "frames/s"].map((u) => `${u}\\b`),
];
/** A number and what was counted or timed: what no reader can see by looking at the code. */
const FIGURE = new RegExp(`\\b\\d[\\d,.]* (?:${UNITS.join("|")}|(?:virtual|simulated) hours\\b)`);
const WANTED: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: "a command of the repository in back quotes",
    pattern: /`(?:make|node_modules\/\.bin\/node|bin\/opensqt) [^`]+`/,
  },
  { what: "a commit", pattern: /\b[0-9a-f]{7,40}\b/ },
  { what: "a day", pattern: /\b20\d\d-\d\d-\d\d\b/ },
];

function rowFindings(line: string, at: number, exists: (path: string) => boolean): Finding[] {
  const missing = WANTED.filter(({ pattern }) => !pattern.test(line)).map(({ what }) => `the row lacks ${what}`);
  const links = [...line.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, path = ""]) => path);
  const gone = links.filter((path) => !exists(path)).map((path) => `${path} is not there`);
  const none = links.length === 0 ? ["the row links no page"] : [];
  return [...missing, ...gone, ...none].map((what) => ({ path: EVIDENCE, line: at, what }));
}

/** Lines of README with a figure in a paragraph that does not link the page of evidence. */
function unproven(readme: string): Finding[] {
  const lines = readme.split("\n");
  return lines.flatMap((line, index): Finding[] => {
    const figure = FIGURE.exec(line);
    if (figure === null) return [];
    let from = index;
    while (from > 0 && lines[from - 1] !== "") from -= 1;
    const blank = lines.indexOf("", index);
    const paragraph = lines.slice(from, blank < 0 ? lines.length : blank).join("\n");
    return paragraph.includes(EVIDENCE) ? [] : [{ path: README, line: index + 1, what: `claims "${figure[0]}"` }];
  });
}

export const evidence: Rule = {
  id: "completeness/evidence",
  fix: `link ${EVIDENCE} beside the figure, and give it a row there: page, command, commit, seed, day`,
  excusable: false,
  check: (tree) => {
    const text = tree.text(EVIDENCE) ?? "";
    const rows = text.split("\n").flatMap((line, index): Finding[] => {
      const isRow = line.startsWith("| ") && !line.startsWith("| what ");
      return isRow ? rowFindings(line, index + 1, (path) => tree.text(`docs/${path}`) !== null) : [];
    });
    return [...rows, ...unproven(tree.text(README) ?? "")];
  },
};
