// How the outcome of mutation testing is judged (testing.md section 11): scores, the ratchet that may only rise, and
// the changes that nobody could notice, each with its reason. Pure: it reads texts and answers.

/** A change to the code that no test noticed. */
export interface Survivor {
  /** Path from the root of the project. */
  readonly file: string;
  readonly line: number;
  /** Source text that was replaced, and by what. */
  readonly was: string;
  readonly became: string;
}

/** What came of the changes to one file. */
export interface FileOutcome {
  readonly file: string;
  /** Changes that a test noticed, by a failure or by never ending. */
  readonly killed: number;
  readonly survivors: readonly Survivor[];
}

/** The ratchet file: percent noticed per source file, one digit. */
export type Scores = Readonly<Record<string, number>>;

/** The share of changes that were noticed, in percent with one digit, never rounded up; 100 when there were none. */
export function scoreOf({ killed, survivors }: Pick<FileOutcome, "killed" | "survivors">): number {
  const all = killed + survivors.length;
  return all === 0 ? 100 : Math.floor((killed / all) * 1000) / 10;
}

/** The changes that `equivalent.md` says cannot be told apart: rows `| file | was | became | why |`, texts quoted. */
export function equivalentsOf(text: string): ReadonlySet<string> {
  const rows = text.matchAll(/^\| (\S+) \| `(.+?)` \| `(.*?)` \| (.+?) \|$/gm);
  return new Set([...rows].map(([, file = "", was = "", became = ""]) => keyOf({ file, was, became })));
}

/** What tells one change from another across edits elsewhere in the file: no line numbers. */
export function keyOf({ file, was, became }: Pick<Survivor, "file" | "was" | "became">): string {
  return [file, was, became].map((part) => part.replaceAll(/\s+/g, " ").replaceAll("|", "¦").trim()).join(" → ");
}

/** Rows to copy into `equivalent.md`, where somebody can say why nothing could notice. */
export function rowOf({ file, was, became }: Survivor): string {
  const cell = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("|", "¦").replaceAll("`", "'").trim();
  return `| ${file} | \`${cell(was)}\` | \`${cell(became)}\` |  |`;
}

/** The outcome without the changes that cannot be told apart. */
export function withoutEquivalents(outcome: FileOutcome, equivalents: ReadonlySet<string>): FileOutcome {
  const quoted = (survivor: Survivor): string =>
    keyOf({ ...survivor, was: survivor.was.replaceAll("`", "'"), became: survivor.became.replaceAll("`", "'") });
  return { ...outcome, survivors: outcome.survivors.filter((survivor) => !equivalents.has(quoted(survivor))) };
}

/** Files whose score fell below what it was, as sentences. */
export function fallen(before: Scores, outcomes: readonly FileOutcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => {
    const was = before[outcome.file];
    const is = scoreOf(outcome);
    return was === undefined || is >= was
      ? []
      : [`${outcome.file}: ${is} % of the changes are noticed, it was ${was} %`];
  });
}

/** The ratchet after a run: each file the better of both, sorted by name. */
export function raised(before: Scores, outcomes: readonly FileOutcome[]): Scores {
  const after: Record<string, number> = { ...before };
  for (const outcome of outcomes) after[outcome.file] = Math.max(after[outcome.file] ?? 0, scoreOf(outcome));
  return Object.fromEntries(Object.entries(after).sort(([a], [b]) => (a < b ? -1 : 1)));
}
