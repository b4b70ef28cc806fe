// Which seeds a run takes: known ones, the newest in a commit's and all in a long one, and fresh ones that follow
// from the commit, so that every commit looks somewhere else and everybody sees the same.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const NEWEST = 10;

/** Seeds that once failed, newest last; `newest` of them, or all. */
export function knownSeeds(newest = NEWEST): number[] {
  const text = readFileSync(join(import.meta.dirname, "seeds.txt"), "utf8");
  const seeds = text.split("\n").flatMap((line) => {
    const seed = /^\d+/.exec(line)?.[0];
    return seed === undefined ? [] : [Number.parseInt(seed, 10)];
  });
  return seeds.slice(-newest);
}

/** Seeds of a long run: `count` from `from` on; without one those from 1, after all that ever failed (TEST-18). */
export function longSeeds(count: number, from: number | null): number[] {
  const fresh = Array.from({ length: count }, (_, i) => (from ?? 1) + i);
  // a range is one of several whose sums are put together: each known one would be in all of them
  return from === null ? [...new Set([...knownSeeds(Number.POSITIVE_INFINITY), ...fresh])] : fresh;
}

/** Fresh seeds of a commit (hexadecimal); the same for everybody. */
export function freshSeeds(commit: string, count: number): number[] {
  const from = /^[0-9a-f]{6,}$/.test(commit)
    ? (Number.parseInt(commit.slice(0, 6), 16) % 9_000_000) + 1_000_000
    : 1_000_000;
  return Array.from({ length: count }, (_, i) => from + i);
}
