// Found by trying: an archive that could not even be begun, the disk being full, was left half-made with its descriptor
// open, and compaction begins anew at each snapshot: what was left of the room was gone, and in time the descriptors.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LATER, NOTHING_KEPT } from "../contract/journal-compact-cases.ts";
import { fillDisk, mountSmallDisk, open } from "../contract/journal-sqlite.ts";
import * as bot from "../contract/journal-turns.ts";

/** Descriptors of this process; 0 where the system does not tell. */
const descriptors = (): number => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);

for (const slices of [0, 1, 2]) {
  test(`DUR-28 DUR-61 a disk that is full after ${slices} slices of an archive costs nothing but time`, (t) => {
    const disk = mountSmallDisk(16 * 1024 * 1024);
    if (typeof disk === "string") {
      t.skip(disk);
      return;
    }
    t.after(disk.unmount);
    const dir = join(disk.dir, "bot");
    const journal = open(dir);
    for (let i = 1; i <= 500; i += 1) {
      bot.turn(journal);
      if (i % 100 === 0) {
        journal.writeSnapshot(bot.snapshotOf(journal));
        journal.checkpoint();
      }
    }
    for (let n = 0; n < slices; n += 1) journal.compact(NOTHING_KEPT, LATER);
    const makeRoom = fillDisk(disk.dir);
    const before = descriptors();
    for (let n = 0; n < 6; n += 1) {
      try {
        journal.compact(NOTHING_KEPT, LATER);
      } catch {
        const left = readdirSync(join(dir, "archive")).filter((name) => name.endsWith(".part"));
        assert.deepEqual(left, [], "nothing half-made takes room");
      }
    }
    assert.ok(descriptors() <= before + 1, `${before} descriptors became ${descriptors()}`);
    makeRoom();
    bot.turns(journal, 3);
    while (!journal.compact(NOTHING_KEPT, LATER).done);
    const { position, oldest } = journal;
    assert.ok(oldest > 0, "it is archived in the end");
    journal.close();
    const again = open(dir);
    assert.equal(again.verify(0), position - oldest);
    again.close();
  });
}
