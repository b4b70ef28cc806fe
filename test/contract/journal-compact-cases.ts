// The part of the journal's contract that is about keeping it small (DUR-28, DUR-29): what every store does that keeps
// archives, be they files or rows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setCrashPoint } from "../../src/base/crash-point.ts";
import { ANCHOR_KIND } from "../../src/journal/codec.ts";
import type { Journal, JournalReader, Retention } from "../../src/journal/port.ts";
import { type VerifiedReader, verifyReader } from "../../src/journal/verify.ts";
import { type JournalPlace, type JournalStore, refusal } from "./journal.ts";
import * as bot from "./journal-turns.ts";

/** A place whose journal can be read beside its writer. */
export interface CompactedPlace extends JournalPlace {
  /** `archives`: with what was archived. */
  reader(archives: boolean): VerifiedReader;
}

export type CompactingStore = Pick<JournalStore, "name"> & { make(): CompactedPlace };

/** Everything older than the third snapshot may go. */
export const NOTHING_KEPT: Retention = { keepMs: 0, bytesMax: Number.MAX_SAFE_INTEGER };
export const LATER = bot.book(1_000_000_000).atMs;

export const RUN = {
  kind: "run-started",
  atMs: bot.book(1).atMs,
  epoch: 1,
  lineage: 1,
  host: "here",
  release: "1.0.0",
  coreHash: "c",
  configHash: "h",
  clockOffsetMs: 0,
} as const;

const STOP = { kind: "stop-requested", atMs: RUN.atMs, by: "ann" } as const;

/** Rounds of many events at once, a few turns and a snapshot. */
function live(journal: Journal, rounds: number, events = 250): void {
  for (let round = 0; round < rounds; round += 1) {
    const from = journal.seq + 1;
    journal.appendEvents(
      from,
      Array.from({ length: events }, (_, i) => bot.book(from + i)),
    );
    bot.turns(journal, 6);
    journal.writeSnapshot(bot.snapshotOf(journal));
  }
}

/** Slices until nothing is left to do, at most `count`; the most records one of them moved. */
function compactAll(journal: Journal, retention = NOTHING_KEPT, count = 1000): { slices: number; most: number } {
  let most = 0;
  for (let slices = 1; slices <= count; slices += 1) {
    const { done, archived, deleted } = journal.compact(retention, LATER);
    most = Math.max(most, archived, deleted);
    if (done) return { slices, most };
  }
  return { slices: count, most };
}

const contents = (reader: JournalReader) => [...reader.records(0)];

export function compactionContract(store: CompactingStore): void {
  const it = (name: string, work: (place: CompactedPlace) => void): void => {
    test(`${name} [${store.name}]`, () => {
      const place = store.make();
      try {
        work(place);
      } finally {
        place.dispose();
      }
    });
  };

  it("DUR-28 DUR-29 a prefix that ends at a snapshot goes to an archive in slices, and an anchor says so", (place) => {
    const journal = place.open(bot.options());
    journal.appendEvents(1, [RUN, STOP]);
    live(journal, 7);
    const before = contents(journal);
    const postings = [...journal.postings(0)];
    const end = journal.snapshots()[2] ?? assert.fail();
    const slow = place.reader(false).records(0);
    const read = [slow.next().value ?? assert.fail()];
    const { most } = compactAll(journal);
    assert.ok(most <= 1000, `${most} records in one slice`);
    for (const record of slow) read.push(record);
    assert.deepEqual(read.slice(0, before.length), before, "a reader that was half through goes on as if nothing left");

    assert.equal(journal.oldest, end.position);
    const anchor = contents(journal).at(-1) ?? assert.fail();
    assert.deepEqual([anchor.type, anchor.kind, anchor.position], ["anchor", ANCHOR_KIND, before.length + 1]);
    assert.match(anchor.body, new RegExp(`"hashAfter":"${end.chainHash}"`));
    assert.deepEqual(contents(journal).slice(0, -1), before.slice(end.position));
    assert.deepEqual([...journal.postings(0)], postings, "postings stay");
    assert.equal(journal.hasFill("sim", bot.SYMBOL, postings[0]?.posting.causeId.split("|")[2] ?? "", "buy"), true);
    assert.deepEqual(
      journal.kept().map(({ kind }) => kind),
      ["run-started", "stop-requested"],
    );
    assert.equal(journal.verify(0), journal.position - end.position);
    assert.equal(journal.newestSnapshot(assert.fail)?.position, before.length);

    bot.turns(journal, 3);
    const tail = [journal.position, journal.seq, journal.chainHash];
    journal.close();
    const next = place.open(bot.options({ warn: assert.fail }));
    assert.deepEqual([next.position, next.seq, next.chainHash], tail);
    assert.equal(next.compact(NOTHING_KEPT, LATER).done, true);
    next.close();

    const whole = place.reader(true);
    assert.equal(whole.oldest, 0);
    assert.deepEqual(contents(whole).slice(0, before.length), before, "with its archive it is whole");
    assert.equal(whole.verify(0), whole.position);
    const placed = before.find(({ kind }) => kind === "place") ?? assert.fail();
    assert.deepEqual(whole.placeOf(placed.clientOrderId ?? ""), placed);
    assert.equal(verifyReader(whole, null).damage, null);
  });

  it("DUR-28 what is younger than the retention stays; a journal over its size gives the oldest", (place) => {
    const journal = place.open(bot.options());
    live(journal, 5);
    const [, , third] = journal.snapshots();
    const atMs = bot.book(third?.seq ?? 0).atMs;
    const young = { keepMs: 1000, bytesMax: Number.MAX_SAFE_INTEGER };
    assert.deepEqual(journal.compact(young, atMs + 999), { done: true, archived: 0, deleted: 0 });
    assert.equal(journal.compact({ ...young, bytesMax: 64 * 1024 }, atMs).archived, 500);
    journal.close();
  });

  it("DUR-19 DUR-28 beside the newest three a snapshot in six hours stays until its prefix is archived", (place) => {
    const journal = place.open(bot.options());
    const hours = (n: number): number => bot.book(0).atMs + n * 3_600_000;
    for (let hour = 0; hour < 30; hour += 1) {
      journal.appendEvents(journal.seq + 1, [{ ...bot.book(1), atMs: hours(hour) }]);
      journal.writeSnapshot(bot.snapshotOf(journal));
    }
    const stays = () => journal.snapshots().map(({ position }) => position);
    assert.deepEqual(stays(), [30, 29, 28, 25, 19, 13, 7]);
    const day = { keepMs: 12 * 3_600_000, bytesMax: Number.MAX_SAFE_INTEGER };
    for (let n = 0; n < 100 && !journal.compact(day, hours(30)).done; n += 1);
    assert.deepEqual([journal.oldest, stays()], [19, [30, 29, 28, 25, 19]]);
    journal.close();
    const next = place.open(bot.options());
    next.appendEvents(next.seq + 1, [{ ...bot.book(1), atMs: hours(30) }]);
    next.writeSnapshot(bot.snapshotOf(next));
    assert.deepEqual(next.snapshots().length, 5, "the next is due six hours after the last that stays");
    next.close();
  });

  it("DUR-29 DUR-49 killed after any slice, or at its crash points, a compaction is gone on with", (place) => {
    let journal = place.open(bot.options());
    journal.appendEvents(1, [RUN, STOP]);
    live(journal, 5, 40);
    const before = contents(journal);
    const kept = ["run-started", "stop-requested"];
    for (let slices = 1, done = false; !done; slices += 1) {
      done = compactAll(journal, NOTHING_KEPT, slices).slices < slices;
      place.kill();
      journal = place.open(bot.options({ warn: assert.fail }));
      assert.equal(journal.verify(0), journal.position - journal.oldest);
      assert.deepEqual(contents(place.reader(true)).slice(0, before.length), before, `killed after ${slices} slices`);
      assert.ok(slices < 20);
    }
    assert.deepEqual(
      journal.kept().map(({ kind }) => kind),
      kept,
    );
    for (const point of ["compact.after-archive", "compact.after-delete"] as const) {
      live(journal, 3, 5);
      const now = contents(place.reader(true));
      setCrashPoint((name) => {
        if (name === point) throw new Error(`at ${point}`);
      });
      assert.throws(() => compactAll(journal), new RegExp(point));
      setCrashPoint(null);
      place.kill();
      journal = place.open(bot.options({ warn: assert.fail }));
      compactAll(journal);
      assert.deepEqual(contents(place.reader(true)).slice(0, now.length), now, point);
      assert.equal(verifyReader(place.reader(true), null).damage, null);
    }
    journal.close();
  });

  it("DUR-55 DUR-28 a writer that was fenced out archives and deletes nothing", (place) => {
    const old = place.open(bot.options());
    live(old, 5);
    assert.equal(old.compact(NOTHING_KEPT, LATER).archived, 500, "it has begun");
    place.breakLock();
    const next = place.open(bot.options());
    const before = contents(next);
    assert.equal(refusal(() => compactAll(old)).exitCode, 8);
    assert.deepEqual([next.oldest, contents(next)], [0, before]);
    compactAll(next);
    assert.equal(place.reader(true).verify(0), next.position);
    assert.equal(refusal(() => compactAll(old)).exitCode, 8);
    next.close();
  });

  it("DUR-28 a damaged record is never archived: compacting says where it is and leaves everything", (place) => {
    const journal = place.open(bot.options());
    live(journal, 5, 5);
    journal.close();
    place.tamper((records) => records.map((each) => (each.position === 7 ? { ...each, body: "{}" } : each)));
    const again = place.open(bot.options());
    const error = refusal(() => compactAll(again));
    assert.deepEqual([error.code, error.facts.position, again.oldest], ["JOURNAL_CORRUPT", 7, 0]);
    bot.turn(again);
    again.close();
  });
}
