// When a snapshot may be built upon (DUR-20), the same for every store.

import { decodeCanonical, encodeCanonical } from "../base/canonical.ts";
import { sha256Hex } from "./chain.ts";
import { JournalError, WAYS_OUT } from "./errors.ts";
import type { Snapshot } from "./port.ts";

/** Snapshots kept (DUR-19). */
export const SNAPSHOTS_KEPT = 3;

/**
 * Why the snapshot is not valid, or null. `hashAt` is the chain hash of the record at its position, null where there is
 * none.
 */
export function snapshotProblem(snapshot: Snapshot, hashAt: string | null): string | null {
  if (sha256Hex(snapshot.state) !== snapshot.stateHash) return "its state does not have the hash it was stored with";
  if (hashAt === null) return "the record it was taken at is not in the journal";
  if (hashAt !== snapshot.chainHash) return "it was taken from another journal than this one";
  try {
    if (encodeCanonical(decodeCanonical(snapshot.state)) === snapshot.state) return null;
    return "its state does not encode to the same bytes again";
  } catch {
    return "its state cannot be decoded";
  }
}

/** Newest first; null when none is valid. */
export function firstValid(
  snapshots: readonly Snapshot[],
  hashAt: (position: number) => string | null,
  warn: (text: string) => void,
): Snapshot | null {
  for (const snapshot of snapshots) {
    const problem = snapshotProblem(snapshot, hashAt(snapshot.position));
    if (problem === null) return snapshot;
    warn(`snapshot at position ${snapshot.position} is skipped: ${problem}`);
  }
  return null;
}

/** DUR-20: neither a snapshot nor the beginning. */
export function noBase(firstPosition: number): JournalError {
  return new JournalError(
    "JOURNAL_NO_BASE",
    `JOURNAL_NO_BASE: no snapshot is valid and the journal begins at position ${firstPosition}, so there is nothing to ` +
      `replay from. ${WAYS_OUT}`,
  );
}
