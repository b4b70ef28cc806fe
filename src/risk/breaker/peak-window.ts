// The highest value of a window of time, in buckets of one second and a monotone queue (RISK-19): never more entries
// than the window has seconds, and usually a handful. Windows longer than an hour use longer buckets.

import { floorDiv } from "../../base/integer.ts";
import { type Money, money } from "../../market/amounts.ts";

/** Entries a window may hold at most, whatever its length. */
export const PEAK_BUCKETS_MAX = 3_600;

/** [bucket number, highest value of the bucket]; values fall from first to last. */
export type PeakWindow = [bucket: number, value: Money][];

/** Length of a bucket: a second, more for windows longer than an hour. */
export const bucketMsOf = (windowMs: number): number =>
  1_000 * Math.max(1, Math.ceil(windowMs / 1_000 / PEAK_BUCKETS_MAX));

/** Takes a value in and forgets what left the window; the peak is the first entry's. */
export function addToPeak(
  window: PeakWindow,
  value: Money,
  at: { readonly nowMs: number; readonly windowMs: number },
): void {
  const bucketMs = bucketMsOf(at.windowMs);
  const bucket = floorDiv(at.nowMs, bucketMs);
  for (let last = window.at(-1); last !== undefined && last[1] <= value; last = window.at(-1)) window.pop();
  const last = window.at(-1);
  // a higher value of the same bucket stands for it
  if (last === undefined || last[0] !== bucket) window.push([bucket, value]);
  const oldest = bucket - floorDiv(at.windowMs, bucketMs);
  let gone = 0;
  for (const [entry] of window) {
    if (entry > oldest) break;
    gone += 1;
  }
  window.splice(0, gone);
}

/** Null of an empty window. */
export const peakOf = (window: PeakWindow): Money | null => window[0]?.[1] ?? null;

/** Fall from the peak in units of the money; 0 of an empty window. */
export const fallFrom = (window: PeakWindow, value: Money): Money => {
  const peak = peakOf(window);
  return peak === null || peak <= value ? money(0n) : money(peak - value);
};
