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

const WIDTH = 1.01;

/** Times in buckets of 1 %: exact enough for a p99, and never larger. */
export class Times {
  private readonly counts = new Uint32Array(2000);
  count = 0;

  add(us: number): void {
    const at = Math.min(this.counts.length - 1, Math.max(0, Math.round(Math.log(Math.max(1, us)) / Math.log(WIDTH))));
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.count += 1;
  }

  /** µs below which this share of them lies; 0 without any. */
  quantile(share: number): number {
    let left = this.count * share;
    for (const [at, count] of this.counts.entries()) {
      left -= count;
      if (left <= 0 && this.count > 0) return WIDTH ** at;
    }
    return 0;
  }
}

export interface Line {
  /** What is added an hour. */
  readonly slope: number;
  /** What that may be off by: its standard error. */
  readonly error: number;
}

/** Least squares. */
export function lineThrough(points: readonly (readonly [hour: number, value: number])[]): Line {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const across = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (n < 2 || across === 0) return { slope: 0, error: 0 };
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / across;
  const beside = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: n < 3 ? 0 : Math.sqrt(beside / (n - 2) / across) };
}
