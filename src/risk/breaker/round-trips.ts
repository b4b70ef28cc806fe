// Round trips of orders (RISK-18 `latency`): a ring of the last 200, of which those of the last minute count, and the
// p99 by nearest rank.

/** Samples kept. */
export const ROUND_TRIPS_MAX = 200;
const WINDOW_MS = 60_000;
const JUDGE_EVERY_MS = 5_000;
const JUDGED_OVER_MAX = 3;
/** Fewer say nothing. */
export const SAMPLES_MIN = 20;

export interface RoundTrips {
  /** [event time, took], ms, oldest first. */
  samples: [atMs: number, tookMs: number][];
  /** Judgements in a row that found the p99 above the limit. */
  over: number;
  judgedAtMs: number;
}

export function addRoundTrip(trips: RoundTrips, atMs: number, tookMs: number): void {
  trips.samples.push([atMs, tookMs]);
  if (trips.samples.length > ROUND_TRIPS_MAX) trips.samples.shift();
}

/** Nearest rank: the ⌈0.99 n⌉-th of the sorted sample; null of fewer than 20. */
export function p99(sample: readonly number[]): number | null {
  if (sample.length < SAMPLES_MIN) return null;
  const sorted = sample.toSorted((a, b) => a - b);
  return sorted[Math.ceil((sample.length * 99) / 100) - 1] ?? null;
}

/** p99 of the last 200 or of the last minute, whichever are fewer; null of fewer than 20. */
export const p99Now = (trips: RoundTrips, nowMs: number): number | null =>
  p99(trips.samples.filter(([atMs]) => atMs > nowMs - WINDOW_MS).map(([, tookMs]) => tookMs));

/** Judges every 5 s; the p99 that was too high three times in a row, else null. */
export function judgeRoundTrips(trips: RoundTrips, limitMs: number, nowMs: number): number | null {
  if (nowMs - trips.judgedAtMs < JUDGE_EVERY_MS) return null;
  trips.judgedAtMs = nowMs;
  const found = p99Now(trips, nowMs);
  trips.over = found !== null && found > limitMs ? trips.over + 1 : 0;
  return trips.over >= JUDGED_OVER_MAX ? found : null;
}

/** Whether an open breaker's cause holds: at half the limit or above. No fresh sample speaks for neither side. */
export function latencyHolds(trips: RoundTrips, limitMs: number, nowMs: number): boolean {
  const found = p99Now(trips, nowMs);
  return found !== null && found * 2 >= limitMs;
}
