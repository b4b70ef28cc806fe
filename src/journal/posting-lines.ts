// Each posting of a cause has a line number, so that the second copy of a fill collides with the first (DUR-06).

import type { PostingToAppend } from "./port.ts";

/**
 * Line of each posting: 0, 1, 2 … within one cause of one event. A cause that comes again, from another event, begins
 * at 0 again.
 */
export function postingLines(postings: readonly PostingToAppend[]): number[] {
  const counts = new Map<string, number>();
  return postings.map(({ seq, posting }) => {
    const key = `${seq}|${posting.cause}|${posting.causeId}`;
    const line = counts.get(key) ?? 0;
    counts.set(key, line + 1);
    return line;
  });
}
