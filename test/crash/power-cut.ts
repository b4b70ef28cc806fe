// A power cut, played: everything since the last commit that was forced to the disk is gone (DUR-17). Under `sync:
// send` that is the commit of the newest place, of a person's command, or of the newest anchor of a compaction; the
// write-ahead log, which a start begins anew, is cut back to where it ended then.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOURNAL_FILE, openJournalReader } from "../../src/journal/reader.ts";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Cuts the journal in `folder`, whose process is dead. Returns how many records were lost. */
export function cutPower(folder: string): number {
  const log = join(folder, `${JOURNAL_FILE}-wal`);
  const ends = commitEnds(readFileSync(log));
  const whole = lookAt(folder, null);
  // the earliest end of a commit at which all that was forced is still there
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lookAt(folder, ends[middle] ?? 0).forced >= whole.forced) high = middle;
    else low = middle + 1;
  }
  truncateSync(log, ends[low] ?? 0);
  rmSync(join(folder, `${JOURNAL_FILE}-shm`), { force: true });
  return whole.position - lookAt(folder, null).position;
}

/** Lengths of the log after each commit since it began anew, shortest first; the first is the empty log. */
function commitEnds(log: Buffer): number[] {
  const ends = [0];
  if (log.length < HEADER_BYTES) return ends;
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  for (let at = HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    // frames of an earlier log lie behind its end, with another salt
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    if (log.readUInt32BE(at + 4) !== 0) ends.push(at + frameBytes);
  }
  return ends;
}

interface Seen {
  readonly position: number;
  /** Of the newest record whose commit was synced. */
  readonly forced: number;
}

/** The journal with its log cut to `bytes`, seen in a copy. */
function lookAt(folder: string, bytes: number | null): Seen {
  const copy = mkdtempSync(join(tmpdir(), "opensqt-cut-"));
  try {
    const log = join(copy, `${JOURNAL_FILE}-wal`);
    copyFileSync(join(folder, JOURNAL_FILE), join(copy, JOURNAL_FILE));
    copyFileSync(join(folder, `${JOURNAL_FILE}-wal`), log);
    if (bytes !== null) truncateSync(log, bytes);
    const reader = openJournalReader(copy);
    let forced = 0;
    for (const { kind, type, position } of reader.records(0)) {
      if (kind === "place" || type === "anchor" || (type === "event" && kind === "command")) forced = position;
    }
    const { position } = reader;
    reader.close();
    return { position, forced };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
