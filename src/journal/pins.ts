// Which snapshots are kept beyond the newest ones: one now and then, so that a prefix of the journal can end there when
// it has grown old (DUR-28). Writes nothing.

import type { DatabaseSync } from "node:sqlite";
import { integer } from "./sqlite-rows.ts";

/** So far apart in engine time, or in records: what one archive holds. */
const PIN_MS = 6 * 3_600_000;
const PIN_RECORDS = 50_000;

interface Place {
  readonly position: number;
  readonly atMs: number;
}

export class Pins {
  private last: Place | null;

  constructor(db: DatabaseSync) {
    this.last = placeOf(db, "SELECT max(position) FROM snapshot WHERE pinned = 1") ?? placeOf(db, FIRST);
  }

  /** True when the snapshot taken here is to stay. */
  due(here: Place): boolean {
    this.last ??= here;
    const { position, atMs } = this.last;
    return here.position - position >= PIN_RECORDS || here.atMs - atMs >= PIN_MS;
  }

  pinned(here: Place): void {
    this.last = here;
  }
}

const FIRST = "SELECT min(position) FROM record";

function placeOf(db: DatabaseSync, which: string): Place | null {
  const row = db.prepare(`SELECT position, atMs FROM record WHERE position = (${which})`).get();
  if (row === undefined) return null;
  return { position: integer(row["position"], 1, "position"), atMs: integer(row["atMs"], 1, "atMs") };
}
