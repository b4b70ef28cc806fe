// A file of nothing that keeps room on the disk: deleted when the disk is full, so that the stop can still be recorded
// and own orders cancelled (DUR-61).

import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";

export const RESERVE_BYTES = 64 * 1024 * 1024;
const SLICE = Buffer.alloc(1024 * 1024);

/** Makes the file, really written and not sparse. False when there is no room for it: then there is none at all. */
export function makeReserve(path: string, bytes: number): boolean {
  if (sizeOf(path) === bytes) return true;
  rmSync(path, { force: true });
  if (bytes === 0) return true;
  try {
    const file = openSync(path, "w", 0o600);
    try {
      for (let left = bytes; left > 0; ) left -= writeSync(file, SLICE, 0, Math.min(left, SLICE.length));
    } finally {
      closeSync(file);
    }
    return true;
  } catch {
    rmSync(path, { force: true }); // half a reserve would only take the last room away
    return false;
  }
}

/** Gives the room back. True when there was some. */
export function releaseReserve(path: string): boolean {
  const had = sizeOf(path) > 0;
  rmSync(path, { force: true });
  return had;
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;
