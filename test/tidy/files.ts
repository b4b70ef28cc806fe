// What may lie in the repository: exact versions, known licences, no secrets, no machine paths, nothing large, nothing
// left for later, every decision linked.

import type { Finding, Rule, Tree } from "./rule.ts";
import { matches } from "./source.ts";

/** What the packages we use say of themselves; another licence is a decision (0023 for the last four). */
const LICENCES = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MIT OR Apache-2.0",
  "(MIT OR CC0-1.0)",
  "(Apache-2.0 AND BSD-3-Clause)",
  "(BSD-3-Clause AND Apache-2.0)",
  "BlueOak-1.0.0",
  "MPL-2.0",
]);
const BYTES_MAX = 1_000_000;
const SECRETS = new RegExp(
  [
    "-----BEGIN [A-Z ]*PRIVATE KEY",
    "\\bAKIA[0-9A-Z]{16}\\b",
    "\\bghp_\\w{30,}",
    "\\bxox[bp]-\\d+-",
    "(?:api_?key|secret|passphrase)[\"']?\\s*[:=]\\s*[\"'][A-Za-z0-9+/=]{24,}[\"']",
  ].join("|"),
  "i",
);
const MACHINE = /(?<![\w.~$])\/(?:work|home|root|Users)\/\w/;
const LEFTOVER = /\b(?:FIXME|TODO|XXX|HACK)\b/;

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
}

const exactVersions: Rule = {
  id: "files/exact-versions",
  fix: "write the exact version: a range installs something nobody tested",
  excusable: false,
  check: (tree) =>
    matches(tree.text("package.json") ?? "", /"([^"]+)": "([\^~>*][^"]*|latest)"/).map(({ line, groups }) => ({
      path: "package.json",
      line,
      what: `${groups[0] ?? ""} is ${groups[1] ?? ""}`,
    })),
};

function locked(tree: Tree): [string, Locked][] {
  const text = tree.text("package-lock.json");
  if (text === null) return [];
  const lock: { packages?: Record<string, Locked> } = JSON.parse(text);
  return Object.entries(lock.packages ?? {}).filter(([path]) => path !== "");
}

const lockfile: Rule = {
  id: "files/lockfile",
  fix: "run npm install again: every package comes from the registry with its digest",
  excusable: false,
  check: (tree) =>
    locked(tree)
      .filter(
        ([, { resolved, integrity }]) =>
          (resolved !== undefined && !resolved.startsWith("https://")) || integrity === undefined,
      )
      .map(([path]) => ({
        path: "package-lock.json",
        line: 1,
        what: `${path} is not from the registry, or has no digest`,
      })),
};

const licences: Rule = {
  id: "files/licence",
  fix: "choose another package, or add the licence to the list with a decision",
  excusable: false,
  check: (tree) =>
    locked(tree)
      .filter(([, { license }]) => license !== undefined && !LICENCES.has(license))
      .map(([path, { license }]) => ({ path: "package-lock.json", line: 1, what: `${path}: ${license ?? ""}` })),
};

/**
 * A rule that is one pattern over the text of every file but the lockfile, pictures, the copied requirements and this
 * folder.
 */
function everywhere(id: string, pattern: RegExp, fix: string): Rule {
  return {
    id,
    fix,
    check: (tree) =>
      [...tree.files.values()]
        .filter(({ path }) => path !== "package-lock.json" && !/^(?:test\/tidy|docs\/spec)\/|\.png$/.test(path))
        .flatMap((file) =>
          file.text.split("\n").flatMap((line, index): Finding[] => {
            const found = pattern.exec(line);
            return found === null ? [] : [{ path: file.path, line: index + 1, what: found[0] }];
          }),
        ),
  };
}

const large: Rule = {
  id: "files/size",
  fix: "keep data out of the repository: a loader and a checksum do as well",
  excusable: false,
  check: (tree) =>
    [...tree.files.values()]
      .filter(({ text }) => text.length > BYTES_MAX)
      .map(({ path, text }) => ({ path, line: 1, what: `${text.length} characters` })),
};

const decisions: Rule = {
  id: "files/decisions",
  fix: "link it in docs/decisions/README.md, numbered without a gap",
  excusable: false,
  check: (tree) => {
    const index = tree.text("docs/decisions/README.md") ?? "";
    const records = [...tree.files.keys()].filter((path) => /^docs\/decisions\/\d{4}-.*\.md$/.test(path)).sort();
    return records.flatMap((path, position): Finding[] => {
      const name = path.slice("docs/decisions/".length);
      const linked = index.includes(`(${name})`);
      const numbered = name.startsWith(String(position + 1).padStart(4, "0"));
      return linked && numbered ? [] : [{ path, line: 1, what: linked ? "number out of order" : "is not linked" }];
    });
  },
};

export const fileRules: readonly Rule[] = [
  exactVersions,
  lockfile,
  licences,
  everywhere("files/secret", SECRETS, "take it out, and consider it known to everybody"),
  everywhere("files/machine-path", MACHINE, "write a path relative to the repository"),
  everywhere("files/leftover", LEFTOVER, "do it now, or write an issue"),
  large,
  decisions,
];
