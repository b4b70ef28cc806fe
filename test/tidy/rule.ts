// What a rule of the style guide is, and the tree of files it looks at.

import { readSource, type Source } from "./source.ts";

export interface Finding {
  readonly path: string;
  readonly line: number;
  /** What is wrong, in a few words; the rule's `fix` is added. */
  readonly what: string;
}

export interface Rule {
  /** Group and name: `layers/order`. */
  readonly id: string;
  readonly fix: string;
  /** Findings may be excused by `tidy-ok` comments unless this is false. */
  readonly excusable?: boolean;
  /** Set where old findings are allowed up to a number in ratchet.json that may only fall. */
  readonly ratchet?: boolean;
  check(tree: Tree): Finding[];
}

/** The files of the repository, by path with forward slashes. */
export class Tree {
  readonly files: ReadonlyMap<string, Source>;

  constructor(texts: ReadonlyMap<string, string>) {
    this.files = new Map([...texts].map(([path, text]) => [path, readSource(path, text)]));
  }

  /** Text of a file, or null where it does not exist. */
  text(path: string): string | null {
    return this.files.get(path)?.text ?? null;
  }

  /** TypeScript files under these folders. */
  typescript(...folders: readonly string[]): Source[] {
    return [...this.files.values()].filter(
      (file) => file.path.endsWith(".ts") && folders.some((folder) => file.path.startsWith(`${folder}/`)),
    );
  }

  /** Production code: TypeScript of `src/` (or the given folders) that is no test. */
  production(...folders: readonly string[]): Source[] {
    return this.typescript(...(folders.length === 0 ? ["src"] : folders)).filter((file) => !isTest(file.path));
  }

  /** Test files anywhere. */
  tests(): Source[] {
    return this.typescript("src", "test", "tools", "bench").filter((file) => isTest(file.path));
  }
}

export const isTest = (path: string): boolean => /\.(test|fixture)\.ts$|^test\//.test(path);

/** A rule that is one pattern over some files' bare code. */
export function patternRule(rule: {
  readonly id: string;
  readonly fix: string;
  readonly pattern: RegExp;
  readonly files: (tree: Tree) => readonly Source[];
  /** Look at strings too (comments stay out). */
  readonly inStrings?: boolean;
}): Rule {
  return {
    id: rule.id,
    fix: rule.fix,
    check: (tree) =>
      rule.files(tree).flatMap((file) =>
        [...new Map(findLines(rule.inStrings === true ? file.spoken : file.code, rule.pattern))].map(
          ([line, what]) => ({
            path: file.path,
            line,
            what,
          }),
        ),
      ),
  };
}

function findLines(text: string, pattern: RegExp): [number, string][] {
  return text.split("\n").flatMap((line, index): [number, string][] => {
    const match = pattern.exec(line);
    return match === null ? [] : [[index + 1, match[0].trim()]];
  });
}
