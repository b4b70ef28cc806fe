// Numbers of a soak, kept in memory of a fixed size: one sample a minute of the machine, and turns' times by the hour
// of the simulated clock. What is kept here must not be taken for a leak of what is measured.

export interface Sample {
  /** Hours of the simulated (or the wall's) clock since the start. */
  readonly hour: number;
  readonly heapMb: number;
  readonly rssMb: number;
  /** Sockets, timers and other resources of the process that are alive. */
  readonly handles: number;
  readonly journalMb: number;
  readonly walMb: number;
  readonly archivesMb: number;
  readonly stateKb: number;
  readonly snapshotMs: number;
  /** Of the recovery before it; null: none yet. */
  readonly recoveryMs: number | null;
  readonly turnP99Us: number;
}

/** Times in buckets of 5 %: exact enough for a p99, and never larger. */
export class Times {
  private readonly counts = new Uint32Array(400);
  count = 0;

  add(us: number): void {
    const at = Math.min(this.counts.length - 1, Math.max(0, Math.round(Math.log(Math.max(1, us)) / Math.log(1.05))));
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.count += 1;
  }

  /** µs below which this share of them lies; 0 without any. */
  quantile(share: number): number {
    let left = this.count * share;
    for (const [at, count] of this.counts.entries()) {
      left -= count;
      if (left <= 0 && this.count > 0) return 1.05 ** at;
    }
    return 0;
  }
}

/** Least squares: what is added an hour, and over all the hours there were. */
export function slopeOf(points: readonly (readonly [hour: number, value: number])[]): number {
  const n = points.length;
  if (n < 2) return 0;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const across = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (across === 0) return 0;
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / across;
}
