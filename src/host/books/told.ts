// What happened to a bot, event by event, with what it caused: the same shape from a turn of the live loop and from the
// journal, so that books after a restart are the books before it. Bodies are decoded only when somebody looks.

import { decodeEffect, decodeEvent } from "../../journal/codec.ts";
import type { JournalReader, JournalRecord, PostingToAppend } from "../../journal/port.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent } from "../../trading/event.ts";
import type { Posting } from "../../trading/ledger.ts";
import type { TurnDone } from "../loop.ts";

/** An effect with its place among those of its event. */
export interface ToldEffect {
  readonly index: number;
  readonly kind: string;
  readonly effect: () => Effect;
}

/** One event and what it caused. */
export interface Told {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: string;
  readonly event: () => EngineEvent;
  readonly effects: readonly ToldEffect[];
  readonly postings: readonly Posting[];
}

const NONE: readonly never[] = [];

/** A turn that is on the disk. */
export function* toldOfTurn({ firstSeq, events, effects, postings }: TurnDone): Generator<Told> {
  let nextEffect = 0;
  let nextPosting = 0;
  for (const [i, event] of events.entries()) {
    const seq = firstSeq + i;
    let told: ToldEffect[] | null = null;
    for (let each = effects[nextEffect]; each?.seq === seq; each = effects[nextEffect]) {
      const { effect, index } = each;
      told ??= [];
      told.push({ index, kind: effect.kind, effect: () => effect });
      nextEffect += 1;
    }
    let booked: Posting[] | null = null;
    for (let each = postings[nextPosting]; each?.seq === seq; each = postings[nextPosting]) {
      booked ??= [];
      booked.push(each.posting);
      nextPosting += 1;
    }
    const parts = { effects: told ?? NONE, postings: booked ?? NONE };
    yield { seq, atMs: event.atMs, kind: event.kind, event: () => event, ...parts };
  }
}

/** Events of one turn at most: effects of an event come no later than so many events after it. */
const TURN_EVENTS = 256;

/** Events after `afterSeq` up to `toSeq`, in order. Errors: those of the journal. */
export function* toldOfJournal(journal: JournalReader, toSeq: number, afterSeq = 0): Generator<Told> {
  const postings = journal.postings(afterSeq);
  let posting = postings.next();
  let waiting: JournalRecord[] = [];
  let effects = new Map<number, JournalRecord[]>();
  const flush = function* (keep: number): Generator<Told> {
    const upTo = waiting.length - keep;
    for (let i = 0; i < upTo; i += 1) {
      const record = waiting[i];
      if (record === undefined) continue;
      const booked: Posting[] = [];
      while (posting.done !== true && posting.value.seq <= record.seq) {
        booked.push((posting.value satisfies PostingToAppend).posting);
        posting = postings.next();
      }
      yield toldOf(record, effects.get(record.seq) ?? [], booked);
      effects.delete(record.seq);
    }
    waiting = waiting.slice(upTo);
    if (waiting.length === 0) effects = new Map();
  };
  for (const record of journal.records(0)) {
    if (record.seq <= afterSeq) continue;
    if (record.type === "event") {
      if (record.seq > toSeq) break;
      if (waiting.length >= 4 * TURN_EVENTS) yield* flush(TURN_EVENTS);
      waiting.push(record);
    } else if (record.type === "effect") {
      const known = effects.get(record.seq);
      if (known === undefined) effects.set(record.seq, [record]);
      else known.push(record);
    }
  }
  yield* flush(0);
}

function toldOf(record: JournalRecord, effects: readonly JournalRecord[], postings: readonly Posting[]): Told {
  let event: EngineEvent | null = null;
  return {
    seq: record.seq,
    atMs: record.atMs,
    kind: record.kind,
    event: () => {
      event ??= decodeEvent(record);
      return event;
    },
    effects: effects.map((each) => ({ index: each.index, kind: each.kind, effect: () => decodeEffect(each) })),
    postings,
  };
}
