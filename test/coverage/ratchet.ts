// How branch coverage is judged (TEST-08): percent of branches per folder of src, a ratchet that may only rise, and how
// far a folder is from what is wanted of it. Pure: it reads counts and answers. A number, not a goal.

/** Branches of one source file. */
export interface FileBranches {
  /** Path from the root of the project: `src/risk/safety.ts`. */
  readonly path: string;
  readonly branches: number;
  readonly covered: number;
}

/** The ratchet file: percent of branches per folder of src, one digit. */
export type Coverage = Readonly<Record<string, number>>;

export const PURE = ["base", "market", "trading", "strategy", "risk", "engine", "sim"] as const;
const PURE_FOLDERS: ReadonlySet<string> = new Set(PURE);
/** Which branches of sockets and timers a run takes differs a little from run to run. */
const TREMBLE = 0.5;

export const isPure = (folder: string): boolean => PURE_FOLDERS.has(folder);

/** TEST-08, percent. */
export const wantedOf = (folder: string): number => (isPure(folder) ? 95 : 80);

/** Percent with one digit, never rounded up; 100 where there is nothing to cover. */
export function percentOf({ branches, covered }: Pick<FileBranches, "branches" | "covered">): number {
  return branches === 0 ? 100 : Math.floor((covered / branches) * 1000) / 10;
}

/** Counts of the files summed up per folder of src, sorted by name. */
export function byFolder(files: readonly FileBranches[]): ReadonlyMap<string, FileBranches> {
  const sums = new Map<string, FileBranches>();
  for (const { path, branches, covered } of files) {
    const [, folder = ""] = /^src\/([^/]+)\//.exec(path) ?? [];
    if (folder === "") continue;
    const before = sums.get(folder) ?? { path: folder, branches: 0, covered: 0 };
    sums.set(folder, { path: folder, branches: before.branches + branches, covered: before.covered + covered });
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Folders that fell below the ratchet, as sentences; outside the pure layers half a percent is no fall. */
export function fallen(before: Coverage, now: Coverage): readonly string[] {
  return Object.entries(now).flatMap(([folder, is]) => {
    const was = before[folder];
    if (was === undefined || is >= was - (isPure(folder) ? 0 : TREMBLE)) return [];
    return [`src/${folder}: ${is} % of the branches are taken by a test, it was ${was} %`];
  });
}

/** The ratchet after a run: each folder the better of both, sorted by name. */
export function raised(before: Coverage, now: Coverage): Coverage {
  const after: Record<string, number> = { ...before };
  for (const [folder, is] of Object.entries(now)) after[folder] = Math.max(after[folder] ?? 0, is);
  return Object.fromEntries(Object.entries(after).sort(([a], [b]) => (a < b ? -1 : 1)));
}
