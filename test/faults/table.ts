// The table that a run of the faults prints, and how many of them go on beside each other. Test code only.

import { inspect } from "node:util";
import type { TrialSeen } from "./trial.ts";

const HEAD = [
  "fault",
  "fired",
  "noticed after, ms",
  "equal again after, ms",
  "well again after, ms",
  "duplicates",
  "forgotten",
  "lost fills",
  "position",
  "money, USDT",
  "fills",
] as const;

/** One line a fault, as Markdown. */
export function tableOf(seen: readonly TrialSeen[]): string {
  const rows = seen.map(({ name, fired, noticedMs, equalMs, healedMs, differences: off, fills }) => [
    name,
    fired,
    noticedMs ?? "–",
    equalMs === 0 ? "always" : equalMs,
    healedMs === 0 ? "always" : healedMs,
    off.duplicates.length,
    off.forgotten.length,
    off.fills.length,
    off.position,
    off.money,
    fills,
  ]);
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(HEAD), line(HEAD.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Works through a list, so many at a time. */
export async function inParallel<T>(
  together: number,
  list: readonly T[],
  work: (each: T) => Promise<void>,
): Promise<void> {
  const waiting = [...list];
  const hand = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: together }, hand));
}

export const trouble = (error: unknown): string => (error instanceof Error ? error.message : inspect(error));
