// The lines of the ledger in a replay (DUR-68): each is decided again and compared, and one that is gone is missed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { JournalError } from "../journal/errors.ts";
import { openMemoryJournal } from "../journal/memory.ts";
import type { MemoryDisk } from "../journal/memory-disk.ts";
import { World } from "./bench.fixture.ts";
import { productionEngine } from "./engine.ts";
import { replayJournal } from "./replay-journal.ts";

/** A bot whose two orders were filled, killed; what a replay says of its journal when the disk was changed. */
function replayed(change: (disk: MemoryDisk) => void): string {
  const world = new World();
  const bot = world.running();
  for (const order of world.village.open()) {
    world.village.fill(order, 10);
    world.run(100);
  }
  assert.equal(bot.host.state.ledger.position, 0);
  world.village.book(300_000);
  world.run(100);
  world.kill();
  change(world.disk);
  const reader = openMemoryJournal(world.disk, { bot: "probe", tag: "probe0" });
  try {
    const { postings } = replayJournal(reader, {
      engine: productionEngine,
      fromSeq: 1,
      toSeq: Number.MAX_SAFE_INTEGER,
    });
    return `${postings} the same`;
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return error.message.split("\n")[0] ?? "";
  }
}

test("DUR-68 every line of the ledger is compared, from the first to the last", () => {
  let count = 0;
  const said = replayed((disk) => {
    count = disk.postings.length;
  });
  assert.ok(count > 4);
  assert.equal(said, `${count} the same`);
});

test("DUR-68 DUR-23 a line that is gone from the end is missed, as one in the middle is", () => {
  for (const lost of [3, 6, 99]) {
    const end = replayed((disk) => disk.postings.splice(-lost));
    assert.match(end, /^JOURNAL_DIFFERS: a posting of event \d+ is decided now, but was not recorded/, `${lost} lost`);
  }
  const part = replayed((disk) => disk.postings.splice(-1));
  assert.match(part, /^JOURNAL_DIFFERS/);
  const middle = replayed((disk) => disk.postings.splice(1, 1));
  assert.match(middle, /^JOURNAL_DIFFERS: a posting of event \d+ differs/);
});

test("DUR-68 DUR-23 a line that nothing decided is found", () => {
  const said = replayed((disk) => disk.postings.push(disk.postings.at(-1) ?? assert.fail()));
  assert.match(said, /^JOURNAL_DIFFERS: a posting of event \d+ was recorded, but is not decided now/);
});
