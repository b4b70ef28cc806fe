// The chain of records: what is covered by a hash, what a draft holds, and what a checker refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BOT, book, place, TAG } from "../../test/contract/journal-turns.ts";
import { BugError } from "../base/assert.ts";
import type { EngineEvent } from "../trading/event.ts";
import {
  ChainChecker,
  draftAnchor,
  draftEffects,
  draftEvents,
  draftSeal,
  emptyTail,
  genesisOf,
  holdsCommand,
  recordHash,
  sha256Hex,
  type Tail,
} from "./chain.ts";
import { JournalError } from "./errors.ts";
import type { JournalRecord, TurnEffects } from "./port.ts";

const OWNER = { format: 1, journalId: "j-1", bot: BOT, tag: TAG };
const START = emptyTail(genesisOf(OWNER));
const AT_MS = 1_700_000_000_000;
const ID = "o000000000000000000000aa";

const is = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof JournalError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

const isBug = (message: RegExp) => (error: unknown) => error instanceof BugError && message.test(error.message);

test("DUR-02 the first record is chained to who owns the journal, each part of it", () => {
  const text = `{"bot":"${BOT}","format":1,"journalId":"j-1","tag":"${TAG}"}`;
  assert.equal(genesisOf(OWNER), sha256Hex(text));
  assert.equal(sha256Hex("").slice(0, 8), "e3b0c442");
});

test("DUR-02 a hash covers the hash before it, every column of the record, and the body", () => {
  const header = {
    position: 7,
    type: "effect",
    seq: 3,
    index: 2,
    epoch: 4,
    atMs: 5,
    kind: "place",
    version: 1,
  } as const;
  const hash = recordHash("ab", { ...header, clientOrderId: ID }, '{"x":1}');
  assert.equal(hash, sha256Hex(`ab[7,"effect",3,2,4,5,"place",1,"${ID}"]{"x":1}`));
  const none = recordHash("ab", { ...header, kind: 'a"b', clientOrderId: null }, "{}");
  assert.equal(none, sha256Hex('ab[7,"effect",3,2,4,5,"a\\"b",1,null]{}'));
});

test("DUR-11 one word of a person among other events is enough to force a batch to the disk", () => {
  const order = { name: "kill", flatten: true } as const;
  const command: EngineEvent = { kind: "command", atMs: AT_MS, command: order, by: "ann", reason: "news" };
  assert.deepEqual([[book(1), command], [command], [book(1)], []].map(holdsCommand), [true, true, false, false]);
});

/** A journal after events 1 and 2. */
const two = draftEvents(START, 3, 1, [book(1), book(2)]);

test("DUR-02 events are numbered and placed without a gap, and never go back in time", () => {
  assert.deepEqual(
    two.records.map(({ body: _body, hash: _hash, ...header }) => header),
    [1, 2].map((seq) => {
      const what = { type: "event", kind: "book", version: 1, clientOrderId: null };
      return { ...what, position: seq, seq, index: 0, epoch: 3, atMs: AT_MS + seq };
    }),
  );
  const hash = two.records[1]?.hash ?? "";
  assert.deepEqual(two.tail, { position: 2, seq: 2, atMs: AT_MS + 2, effectSeq: 0, effectIndex: -1, hash });
  assert.equal(draftEvents(two.tail, 3, 3, [book(2)]).tail.seq, 3, "two events of one instant");
  assert.throws(() => draftEvents(two.tail, 3, 4, [book(4)]), isBug(/^event 4 follows event 2$/));
  assert.throws(
    () => draftEvents(two.tail, 3, 3, [book(1)]),
    isBug(/^engine time goes back from 1700000000002 to 1700000000001$/),
  );
});

const effects = (tail: Tail, ...at: readonly (readonly [seq: number, index: number])[]) => {
  const list = at.map(([seq, index]) => ({ seq, index, atMs: AT_MS + seq, effect: place(seq) }));
  const turn: TurnEffects = { effects: list, postings: [], mark: null, sends: true };
  return draftEffects(tail, 3, turn);
};

test("DUR-02 effects follow their causes in order, each place once, and none of an event to come", () => {
  const draft = effects(two.tail, [1, 0], [1, 1], [2, 0]);
  assert.deepEqual(
    draft.records.map(({ position, type, seq, index, atMs, kind, version }) => {
      return [position, type, seq, index, atMs - AT_MS, kind, version];
    }),
    [
      [3, "effect", 1, 0, 1, "place", 1],
      [4, "effect", 1, 1, 1, "place", 1],
      [5, "effect", 2, 0, 2, "place", 1],
    ],
  );
  assert.match(draft.records[0]?.clientOrderId ?? "", /^o[0-9a-z]{23}$/);
  const { tail } = draft;
  assert.deepEqual([tail.position, tail.seq, tail.effectSeq, tail.effectIndex], [5, 2, 2, 0]);
  assert.equal(effects(tail, [2, 1]).tail.effectIndex, 1);
  for (const [seq, index] of [
    [2, 0],
    [1, 2],
    [3, 0],
  ] as const) {
    assert.throws(() => effects(tail, [seq, index]), isBug(new RegExp(`^effect ${seq}/${index} after 2/0$`)));
  }
});

test("DUR-14 DUR-58 a mark, a seal and an anchor say of which event they are, and nothing of an order", () => {
  const nothing: TurnEffects = { effects: [], postings: [], mark: null, sends: false };
  const mark = { seq: 2, atMs: AT_MS + 2, stateHash: "5a" };
  const said = [
    draftEffects(two.tail, 4, { ...nothing, mark }),
    draftSeal(two.tail, 4, AT_MS + 9),
    draftAnchor(two.tail, 4, '{"to":1}'),
  ].map(({ records, tail }) => {
    assert.deepEqual([records.length, tail], [1, { ...two.tail, position: 3, hash: records[0]?.hash }]);
    return records[0];
  });
  const place = { position: 3, seq: 2, index: 0, epoch: 4, version: 1, clientOrderId: null };
  assert.deepEqual(
    said.map((record) => ({ ...record, hash: undefined })),
    [
      { type: "mark", kind: "state", atMs: AT_MS + 2, body: '{"stateHash":"5a"}' },
      { type: "seal", kind: "clean-end", atMs: AT_MS + 9, body: "{}" },
      { type: "anchor", kind: "compacted", atMs: AT_MS + 2, body: '{"to":1}' },
    ].map((each) => ({ ...place, ...each, hash: undefined })),
  );
  assert.deepEqual(draftEffects(two.tail, 4, nothing), { records: [], tail: two.tail });
  const late = { ...nothing, mark: { ...mark, seq: 3 } };
  assert.throws(() => draftEffects(two.tail, 4, late), isBug(/^mark of event 3, the newest is 2$/));
});

type Header = Omit<JournalRecord, "hash" | "body" | "position">;

/** Records that continue the chain after `from`, whatever they say. */
function chained(from: { readonly position: number; readonly hash: string }, headers: readonly Partial<Header>[]) {
  let { position, hash } = from;
  return headers.map((each): JournalRecord => {
    position += 1;
    const blank = { seq: 1, index: 0, epoch: 1, atMs: AT_MS, kind: "book", version: 1, clientOrderId: null };
    const header: Omit<JournalRecord, "hash" | "body"> = { type: "event", ...blank, ...each, position };
    hash = recordHash(hash, header, "{}");
    return { ...header, body: "{}", hash };
  });
}

const GENESIS = { position: 0, hash: genesisOf(OWNER) };
const MIDDLE = { position: 40, hash: sha256Hex("the record at 40") };

test("DUR-02 DUR-23 a checker goes on record by record and knows how far it is", () => {
  const records = chained(GENESIS, [
    {},
    { type: "effect", kind: "place" },
    { seq: 2, epoch: 2 },
    { type: "mark", seq: 2, epoch: 2 },
  ]);
  const checker = new ChainChecker(GENESIS);
  for (const record of records) checker.check(record);
  assert.deepEqual([checker.goodTo, checker.checked, checker.hash], [4, 4, records[3]?.hash]);
  const later = new ChainChecker(MIDDLE);
  assert.deepEqual([later.goodTo, later.checked, later.hash], [40, 0, MIDDLE.hash]);
});

/** From where, records of a right chain, and what is wrong with the last of them. */
const WRONG: readonly (readonly [string, typeof GENESIS, readonly Partial<Header>[], RegExp])[] = [
  [
    "the first event is not event 1",
    GENESIS,
    [{ seq: 2 }],
    /at position 1: event 2 follows event 0; no record is good/,
  ],
  ["an event is skipped", GENESIS, [{}, { seq: 3 }], /at position 2: event 3 follows event 1; record 1 is good/],
  ["an event comes twice", GENESIS, [{}, {}], /event 1 follows event 1/],
  ["an effect comes before its event", GENESIS, [{ type: "effect" }], /effect of event 1, but the newest event is 0/],
  ["the epoch goes back", GENESIS, [{ epoch: 5 }, { seq: 2, epoch: 4 }], /at position 2: epoch 4 follows epoch 5/],
  [
    "an event is skipped after an archive",
    MIDDLE,
    [{ seq: 9 }, { seq: 11 }],
    /at position 42: event 11 follows event 9/,
  ],
];

for (const [what, from, headers, message] of WRONG) {
  test(`DUR-23 a chain whose hashes are right is refused where ${what}`, () => {
    const records = chained(from, headers);
    const checker = new ChainChecker(from);
    for (const record of records.slice(0, -1)) checker.check(record);
    const last = records.at(-1) ?? assert.fail();
    assert.throws(() => checker.check(last), is("JOURNAL_CORRUPT", message));
    assert.equal(checker.goodTo, last.position - 1, "what was good before is good still");
  });
}

test("DUR-23 after an archive any event may come first, and an effect of one that was archived", () => {
  const checker = new ChainChecker(MIDDLE);
  for (const record of chained(MIDDLE, [{ type: "effect", seq: 8 }, { seq: 9 }, { seq: 10 }])) checker.check(record);
  assert.equal(checker.goodTo, 43);
});

test("DUR-23 missing records are counted, and a record that was changed is not the one that was written", () => {
  const records = chained(GENESIS, [{}, { seq: 2 }, { seq: 3 }]);
  const [first, second, third] = records;
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  const missing = (record: JournalRecord, message: RegExp): void =>
    assert.throws(() => new ChainChecker(GENESIS).check(record), is("JOURNAL_CORRUPT", message));
  missing(second, /^JOURNAL_CORRUPT at position 1: the record is missing; no record is good/);
  missing(third, /^JOURNAL_CORRUPT at position 1: 2 records are missing/);
  missing({ ...first, body: '{"x":1}' }, /at position 1: the record is not the one that was written \(its hash/);
});
