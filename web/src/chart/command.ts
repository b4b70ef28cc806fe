// Keys of the chart come from anywhere on the page; whichever chart is on screen takes them.

export interface ChartHandle {
  readonly walk: (step: number) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly intervals: () => void;
}

let handle: ChartHandle | null = null;

/** Makes this the chart the keys act on; answers how to let go of them. */
export function holdChart(next: ChartHandle): () => void {
  handle = next;
  return () => {
    if (handle === next) handle = null;
  };
}

export const chartInSight = (): ChartHandle | null => handle;
