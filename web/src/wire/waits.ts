// How long to wait before the next try: 0.5, 1, 2, 4, 8, then 15 s for ever, each ± 20 % so that many pages do not come
// back in one instant (UI-10).

const LADDER_MS = [500, 1000, 2000, 4000, 8000, 15_000];
const SPREAD = 0.2;

/** The wait before try `tries` (0 = the first after a loss); `dice` is in [0, 1). */
export function waitMs(tries: number, dice: number): number {
  const base = LADDER_MS[Math.min(tries, LADDER_MS.length - 1)] ?? 15_000;
  return Math.round(base * (1 - SPREAD + 2 * SPREAD * dice));
}
