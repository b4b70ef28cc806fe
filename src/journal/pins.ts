// Which snapshots are kept beyond the newest ones: one now and then, so that a prefix of the journal can end there when
// it has grown old (DUR-28). Writes nothing.

import type { Place } from "./record-store.ts";

/** So far apart in engine time, or in records: what one archive holds. */
const PIN_MS = 6 * 3_600_000;
const PIN_RECORDS = 50_000;

export class Pins {
  private last: Place | null;

  /** `last`: where the newest pinned one was taken, or the oldest record. */
  constructor(last: Place | null) {
    this.last = last;
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
