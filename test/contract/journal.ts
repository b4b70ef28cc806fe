// The contract of the journal port (TEST-10): what every store must do, whatever it is made of. A store that cannot do
// a case here gives the reason, which is printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BugError } from "../../src/base/assert.ts";
import { decodeEffect, decodeEvent } from "../../src/journal/codec.ts";
import { JournalError, type JournalErrorCode } from "../../src/journal/errors.ts";
import type { OpenOptions } from "../../src/journal/open-options.ts";
import type { Journal, JournalReader, JournalRecord, Snapshot } from "../../src/journal/port.ts";
import { runs } from "../arbitraries/values.ts";
import { tampering, tamperWith } from "./journal-tampering.ts";
import * as bot from "./journal-turns.ts";

/** A place that holds one journal, and what can happen to it. */
export interface JournalPlace {
  open(options: OpenOptions): Journal;
  /** The process is killed at this instant; what it left is opened from now on. */
  kill(): void;
  /** The lock fails to hold (somebody deleted its file): the writer lives on while another opens. */
  breakLock(): void;
  /** The end is lost, back to what was there at `mark()`. */
  mark(): void;
  loseEnd(): void;
  /** Rewrites the table of records behind the journal's back. No journal is open. */
  tamper(change: (records: readonly JournalRecord[]) => readonly JournalRecord[]): void;
  tamperSnapshots(change: (snapshots: readonly Snapshot[]) => readonly Snapshot[]): void;
  dispose(): void;
}

export interface JournalStore {
  readonly name: string;
  /** Where an opening takes its time, one random case in so many is tried; each unless given. */
  readonly oneIn?: number;
  make(): JournalPlace;
  /**
   * Makes a place whose disk is full after `fillUp`, and has room again after the function it returns; or why it
   * cannot.
   */
  fullDisk(): { readonly place: JournalPlace; readonly fillUp: (journal: Journal) => () => void } | string;
}

/** The error of `work`, whose code and exit code are the table's. */
export function refusal(work: () => unknown): JournalError {
  try {
    work();
  } catch (error) {
    if (error instanceof JournalError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

function refuses(code: JournalErrorCode, work: () => unknown): JournalError {
  const error = refusal(work);
  assert.equal(error.code, code, error.message);
  return error;
}

/** All that a reader can see of it. */
function contents(journal: JournalReader) {
  const { position, seq, chainHash } = journal;
  return { position, seq, chainHash, records: [...journal.records(0)], postings: [...journal.postings(0)] };
}

export function journalContract(store: JournalStore): void {
  const it = (name: string, work: (place: JournalPlace) => void): void => {
    test(`${name} [${store.name}]`, () => {
      const place = store.make();
      try {
        work(place);
      } finally {
        place.dispose();
      }
    });
  };

  it("TEST-10 DUR-02 positions and event numbers have no gap, and what went in comes out", (place) => {
    const journal = place.open(bot.options());
    assert.deepEqual([journal.position, journal.seq, journal.chainHash], [0, 0, journal.meta.genesis]);
    bot.turns(journal, 30);
    const records = [...journal.records(0)];
    assert.deepEqual(
      records.map(({ position }) => position),
      records.map((_, i) => i + 1),
    );
    const events = records.filter(({ type }) => type === "event");
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, i) => i + 1),
    );
    assert.deepEqual(decodeEvent(events[0] ?? assert.fail()), bot.book(1));
    const effect = records.find(({ type }) => type === "effect") ?? assert.fail();
    assert.deepEqual(decodeEffect(effect), bot.place(1));
    assert.deepEqual(journal.placeOf(bot.idOf(1)), effect);
    assert.equal(journal.placeOf("unheard-of"), null);
    assert.equal(journal.verify(0), records.length);
    assert.equal(journal.verify(10), records.length - 10);
    assert.deepEqual([...journal.records(records.length - 2)], records.slice(-2));
    journal.close();
  });

  it("TEST-10 DUR-03 texts of configurations are kept by their hash, with the event that names them", (place) => {
    const journal = place.open(bot.options());
    journal.appendEvents(1, [bot.book(1)], [{ hash: "h1", text: "grid: 1" }]);
    journal.appendEvents(2, [bot.book(2)], [{ hash: "h1", text: "grid: 1" }]);
    assert.equal(journal.configText("h1"), "grid: 1");
    assert.equal(journal.configText("h2"), null);
    journal.close();
  });

  it("TEST-10 a skipped event number, or engine time that goes back, is a bug and writes nothing", (place) => {
    const journal = place.open(bot.options());
    bot.turn(journal);
    const before = contents(journal);
    assert.throws(() => journal.appendEvents(3, [bot.book(3)]), BugError);
    assert.throws(() => journal.appendEvents(2, [bot.book(2), bot.book(1)]), BugError);
    assert.throws(() => journal.appendEffects(bot.placing(2)), BugError);
    assert.throws(() => journal.appendEffects(bot.placing(1)), BugError, "an effect already recorded");
    assert.deepEqual(contents(journal), before);
    journal.close();
  });

  it("DUR-12 a turn without anything writes nothing", (place) => {
    const journal = place.open(bot.options());
    bot.turn(journal);
    const { position, chainHash } = journal;
    journal.appendEvents(2, []);
    journal.appendEffects(bot.NOTHING);
    assert.deepEqual([journal.position, journal.chainHash], [position, chainHash]);
    journal.close();
  });

  it("TEST-10 DUR-10 a client order id is placed once; the second half of the turn is refused whole", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 3);
    journal.appendEvents(4, [bot.book(4)]);
    const before = contents(journal);
    const again = { seq: 4, index: 1, atMs: bot.book(4).atMs, effect: bot.place(2) };
    const both = { ...bot.placing(4), effects: [...bot.placing(4).effects, again] };
    refuses("DUPLICATE", () => journal.appendEffects(both));
    assert.deepEqual(contents(journal), before);
    journal.appendEffects(bot.placing(4));
    assert.equal(journal.verify(0), 8);
    journal.close();
  });

  it("TEST-10 DUR-06 a fill is booked once, without time limit; both copies in one turn are refused too", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 5);
    assert.equal(journal.hasFill("sim", bot.SYMBOL, "trade-5", "buy"), true);
    const strange = [
      journal.hasFill("sim", bot.SYMBOL, "trade-5", "sell"),
      journal.hasFill("sim", bot.SYMBOL, "trade-6", "buy"),
      journal.hasFill("sim", "ETH/USDT", "trade-5", "buy"),
      journal.hasFill("okx", bot.SYMBOL, "trade-5", "buy"),
    ];
    assert.deepEqual(strange, [false, false, false, false]);
    journal.appendEvents(
      6,
      [bot.fill(5)].map((event) => ({ ...event, atMs: bot.book(6).atMs })),
    );
    const before = contents(journal);
    refuses("DUPLICATE", () => journal.appendEffects({ ...bot.NOTHING, postings: bot.postingsOf(6, bot.fill(5)) }));
    const twice = [...bot.postingsOf(6, bot.fill(6)), ...bot.postingsOf(7, bot.fill(6))];
    refuses("DUPLICATE", () => journal.appendEffects({ ...bot.NOTHING, postings: twice }));
    assert.deepEqual(contents(journal), before);
    assert.equal(journal.hasFill("sim", bot.SYMBOL, "trade-6", "buy"), false);
    place.kill();
    const next = place.open(bot.options());
    assert.equal(next.hasFill("sim", bot.SYMBOL, "trade-5", "buy"), true);
    assert.deepEqual([...next.postings(4)], bot.postingsOf(5, bot.fill(5)));
    assert.deepEqual([...next.postings(5)], []);
    next.close();
  });

  it("TEST-10 DUR-06 postings are read from any event on, in the order of their events", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 60);
    const all = [...journal.postings(0)];
    assert.equal(all.length, 4 * 12);
    for (let seq = 0; seq <= 61; seq += 1) {
      const expected = all.filter((posting) => posting.seq > seq);
      assert.deepEqual([...journal.postings(seq)], expected);
    }
    journal.close();
  });

  it("TEST-10 after a kill the journal opens with every committed record, under the next epoch", (place) => {
    const journal = place.open(bot.options());
    assert.equal(journal.meta.epoch, 1);
    bot.turns(journal, 23);
    const before = contents(journal);
    place.kill();
    const next = place.open(bot.options());
    assert.equal(next.meta.epoch, 2);
    assert.deepEqual(contents(next), before);
    bot.turns(next, 3);
    assert.equal(next.verify(0), next.position);
    const epochs = [...next.records(before.position)].map(({ epoch }) => epoch);
    assert.deepEqual(new Set(epochs), new Set([2]));
    next.close();
  });

  it("DUR-58 DUR-42 a clean end is recorded, and the journal goes on after it in the same lineage", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 2);
    journal.seal(bot.book(9).atMs);
    journal.close();
    const next = place.open(bot.options());
    assert.deepEqual([[...next.records(0)].at(-1)?.type, next.seq, next.meta.lineage], ["seal", 2, 1]);
    bot.turn(next);
    assert.equal(next.verify(0), next.position);
    next.close();
  });

  it("TEST-10 DUR-54 DUR-57 a second copy is refused and told who holds the journal; closing frees it", (place) => {
    const holder = { host: "alpha", pid: 4711, sinceMs: 1_700_000_000_000 };
    const journal = place.open(bot.options({ holder }));
    bot.turn(journal);
    const error = refuses("LOCK_HELD", () => place.open(bot.options()));
    assert.equal(error.exitCode, 8);
    assert.match(error.message, /grid-1.*4711.*alpha.*2023-11-14T22:13:20Z/);
    refuses("LOCK_HELD", () => place.open(bot.options()));
    bot.turn(journal);
    assert.equal(journal.verify(0), 4);
    journal.close();
    const next = place.open(bot.options());
    assert.equal(next.position, 4);
    next.close();
  });

  it("TEST-10 DUR-55 DUR-53 a writer whose epoch is not the newest is fenced, and writes nothing ever again", (place) => {
    const stale = place.open(bot.options());
    bot.turn(stale);
    place.breakLock();
    const fresh = place.open(bot.options());
    bot.turn(fresh);
    const before = contents(fresh);
    for (const work of [
      () => stale.appendEvents(2, [bot.book(2)]),
      () => stale.appendEffects({ ...bot.placing(1), effects: [], mark: { seq: 1, atMs: 1, stateHash: "" } }),
      () => stale.writeSnapshot(bot.snapshotOf(stale)),
      () => stale.seal(bot.book(2).atMs),
    ]) {
      assert.equal(refuses("FENCED", work).exitCode, 8);
    }
    assert.deepEqual(contents(fresh), before);
    assert.deepEqual([stale.position, stale.seq], [2, 1]);
    fresh.close();
    stale.close();
  });

  it("DUR-19 DUR-20 the last three snapshots are kept, and the newest valid one is chosen", (place) => {
    const journal = place.open(bot.options());
    const taken: Snapshot[] = [];
    for (let i = 0; i < 5; i += 1) {
      bot.turns(journal, 4);
      taken.unshift(bot.snapshotOf(journal));
      journal.writeSnapshot(bot.snapshotOf(journal));
    }
    assert.deepEqual(journal.snapshots(), taken.slice(0, 3));
    assert.deepEqual(journal.newestSnapshot(assert.fail), taken[0]);
    place.kill();
    const next = place.open(bot.options());
    assert.deepEqual(next.newestSnapshot(assert.fail), taken[0]);
    next.close();
  });

  for (const [what, damage] of Object.entries<(snapshot: Snapshot) => Snapshot>({
    "a changed state": (s) => ({ ...s, state: s.state.replace("7", "8") }),
    "a state that is not canonical": (s) => ({ ...s, ...restated(`${s.state} `) }),
    "a state that is not JSON": (s) => ({ ...s, ...restated("{") }),
    "another state hash": (s) => ({ ...s, stateHash: "0".repeat(64) }),
    "the chain of another journal": (s) => ({ ...s, chainHash: "0".repeat(64) }),
    "a position nobody reached": (s) => ({ ...s, position: 10_000 }),
  })) {
    it(`DUR-20 a snapshot with ${what} is skipped with a warning, and the one before it taken`, (place) => {
      const journal = place.open(bot.options());
      bot.turns(journal, 4);
      const older = bot.snapshotOf(journal);
      journal.writeSnapshot(older);
      bot.turns(journal, 4);
      journal.writeSnapshot(bot.snapshotOf(journal));
      journal.close();
      place.tamperSnapshots(([newest, ...rest]) => (newest === undefined ? [] : [damage(newest), ...rest]));
      const warnings: string[] = [];
      const next = place.open(bot.options({ warn: (text) => warnings.push(text) }));
      assert.match(warnings.join(), /snapshot at position \d+ is skipped/);
      assert.deepEqual(
        next.newestSnapshot(() => {}),
        older,
      );
      next.close();
    });
  }

  it("DUR-20 without a valid snapshot the beginning is replayed; where that is gone, JOURNAL_NO_BASE", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 6);
    journal.writeSnapshot(bot.snapshotOf(journal));
    bot.turns(journal, 2);
    journal.close();
    place.tamper((records) => records.filter(({ position }) => position > 5));
    const from = place.open(bot.options());
    assert.equal(from.newestSnapshot(assert.fail)?.position, 11);
    from.close();
    place.tamperSnapshots((all) => all.map((snapshot) => ({ ...snapshot, stateHash: "" })));
    assert.equal(refuses("JOURNAL_NO_BASE", () => place.open(bot.options())).exitCode, 6);
  });

  it("DUR-24 DUR-27 a journal that lost its end is behind what head saw, says by how much, and is not opened", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 4);
    place.mark();
    bot.turns(journal, 3);
    const { position } = journal;
    journal.close();
    place.loseEnd();
    const error = refuses("JOURNAL_BEHIND", () => place.open(bot.options()));
    assert.equal(error.exitCode, 6);
    assert.match(error.message, new RegExp(`by ${position - 8} records.*ends at position 8.*1 to 8 are good.*salvage`));
    assert.deepEqual(error.facts.goodTo, 8);
  });

  it("DUR-24 a copy of another day, continued, is not taken for the journal", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 4);
    journal.close();
    place.tamper((records) => records.slice(0, -1));
    refuses("JOURNAL_BEHIND", () => place.open(bot.options()));
  });

  it("DUR-01 the journal of another bot is refused", (place) => {
    const journal = place.open(bot.options());
    bot.turn(journal);
    journal.close();
    const error = refuses("JOURNAL_FOREIGN", () => place.open(bot.options({ bot: "grid-2" })));
    assert.match(error.message, /grid-1.*grid-2/);
    refuses("JOURNAL_FOREIGN", () => place.open(bot.options({ tag: "other0" })));
  });

  it("DUR-23 DUR-26 DUR-27 a changed record stops the start, naming the position and what is good", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 8);
    journal.close();
    place.tamper((all) => all.map((r) => (r.position === 7 ? { ...r, body: r.body.replace("5", "6") } : r)));
    const error = refuses("JOURNAL_CORRUPT", () => place.open(bot.options()));
    assert.equal(error.exitCode, 6);
    assert.match(error.message, /at position 7.*records 1 to 6 are good.*exchange.*verify.*salvage/);
    assert.deepEqual([error.facts.goodTo, error.facts.position], [6, 7]);
  });

  it("DUR-26 at the start the chain is checked from the newest snapshot on, the whole when asked for", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 6);
    journal.writeSnapshot(bot.snapshotOf(journal));
    bot.turns(journal, 2);
    journal.close();
    place.tamper((all) => all.map((r) => (r.position === 3 ? { ...r, atMs: r.atMs + 1 } : r)));
    const next = place.open(bot.options());
    assert.match(refuses("JOURNAL_CORRUPT", () => next.verify(0)).message, /position 3/);
    next.close();
  });

  it("TEST-P31 DUR-23 any changed, removed, swapped or inserted record is found; shortening is found with head", (place) => {
    const journal = place.open(bot.options());
    bot.turns(journal, 12);
    journal.close();
    let original: readonly JournalRecord[] = [];
    place.tamper((records) => {
      original = records;
      return records;
    });
    const property = fc.property(tampering(original.length), fc.nat(), (kind, pick) => {
      const changed = tamperWith(original, kind, pick);
      place.tamper(() => changed.records);
      const error = refusal(() => place.open(bot.options()));
      assert.ok(error.code === "JOURNAL_CORRUPT" || error.code === "JOURNAL_BEHIND", error.message);
      assert.equal(error.exitCode, 6);
      if (error.code === "JOURNAL_CORRUPT") assert.ok((error.facts.goodTo ?? -1) <= changed.from, error.message);
    });
    const { numRuns, seed } = runs(31);
    fc.assert(property, { seed, numRuns: Math.ceil(numRuns / (store.oneIn ?? 1)) });
    place.tamper(() => original);
    place.open(bot.options()).close();
  });

  test(`TEST-10 DUR-61 DUR-10 on a full disk a half of a turn is refused whole, and goes through once there is room [${store.name}]`, (t) => {
    const full = store.fullDisk();
    if (typeof full === "string") return t.skip(full);
    const { place, fillUp } = full;
    try {
      const journal = place.open(bot.options());
      bot.turns(journal, 4);
      const makeRoom = fillUp(journal);
      const before = contents(journal);
      const error = refuses("CANNOT_WRITE", () => journal.appendEvents(journal.seq + 1, [bot.book(journal.seq + 1)]));
      assert.deepEqual([error.exitCode, error.facts.disk], [13, "full"]);
      assert.deepEqual(contents(journal), before);
      makeRoom();
      bot.turns(journal, 2);
      assert.equal(journal.verify(0), journal.position);
      place.kill();
      const next = place.open(bot.options());
      assert.equal(next.position, journal.position);
      next.close();
    } finally {
      place.dispose();
    }
  });
}

function restated(state: string): { readonly state: string; readonly stateHash: string } {
  return { state, stateHash: bot.hashOf(state) };
}
