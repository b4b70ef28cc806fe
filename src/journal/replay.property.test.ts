// What a replay reads: the same story from any snapshot, and however it was cut into turns (TEST-P12, the storage
// side).

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../test/arbitraries/values.ts";
import { book, NOTHING, options, place, snapshotOf } from "../../test/contract/journal-turns.ts";
import { decodeEffect, decodeEvent } from "./codec.ts";
import { openMemoryJournal } from "./memory.ts";
import type { Journal } from "./port.ts";

const EVENTS = 40;

/** Events 1 to 40, every third of them placing an order, in turns of these sizes; a snapshot after the turns named. */
function write(journal: Journal, sizes: readonly number[], snapshots: ReadonlySet<number>): void {
  let turn = 0;
  while (journal.seq < EVENTS) {
    const first = journal.seq + 1;
    const last = Math.min(EVENTS, journal.seq + (sizes[turn % sizes.length] ?? 1));
    const seqs = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    journal.appendEvents(first, seqs.map(book));
    const effects = seqs.filter((seq) => seq % 3 === 0).map((seq) => ({ seq, index: 0, atMs: 1, effect: place(seq) }));
    journal.appendEffects({ ...NOTHING, effects, sends: effects.length > 0 });
    if (snapshots.has(turn)) journal.writeSnapshot(snapshotOf(journal));
    turn += 1;
  }
}

/** Events and effects in the order replay meets them: each event, and what it caused. */
function story(journal: Journal, after: number): string[] {
  const lines = [...journal.records(after)].map((record) => {
    const what = record.type === "event" ? decodeEvent(record) : decodeEffect(record);
    const order = `${record.seq}/${record.type === "event" ? 0 : 1}/${record.index}`;
    return { order, text: `${order} ${JSON.stringify(what)}`, seq: record.seq, rank: record.type === "event" ? 0 : 1 };
  });
  return lines.toSorted((a, b) => a.seq - b.seq || a.rank - b.rank).map(({ text }) => text);
}

test("TEST-P12 DUR-18 any cut into turns reads as the same story, from the beginning and from any snapshot", () => {
  const whole = openMemoryJournal(undefined, options());
  write(whole, [1], new Set());
  const expected = story(whole, 0);
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
  const snapshots = fc.uniqueArray(fc.nat(20), { maxLength: 5 });
  const property = fc.property(sizes, snapshots, (cut, at) => {
    const journal = openMemoryJournal(undefined, options());
    write(journal, cut, new Set(at));
    assert.deepEqual(story(journal, 0), expected);
    for (const snapshot of journal.snapshots()) {
      assert.deepEqual(
        story(journal, snapshot.position),
        expected.filter((line) => Number.parseInt(line, 10) > snapshot.seq),
      );
    }
  });
  fc.assert(property, runs(12));
});
