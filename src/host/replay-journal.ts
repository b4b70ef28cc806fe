// `opensqt replay` (DUR-68): the whole journal, or a part of it, decided again. Every effect, posting and mark must be
// byte for byte what was recorded. Reads only; the bot that writes the journal may be running.

import { sha256 } from "../base/canonical.ts";
import type { BotState, Identity } from "../engine/state.ts";
import { postingText } from "../journal/codec.ts";
import { JournalError } from "../journal/errors.ts";
import type { JournalReader, JournalRecord, PostingToAppend } from "../journal/port.ts";
import type { Posting } from "../trading/ledger.ts";
import type { Engine, MachineState, Stepped } from "./context.ts";
import { Replay } from "./replay-tail.ts";
import { isOlderState, stateOfSnapshot } from "./snapshot-version.ts";

export interface ReplayJournalOptions<S extends MachineState = BotState> {
  readonly engine: Engine<S>;
  /** First event to compare; the newest snapshot before it is the base. 1: from the beginning. */
  readonly fromSeq: number;
  /** Last event to compare. */
  readonly toSeq: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ReplayReport<S extends MachineState = BotState> {
  /** Event after which comparing began; 0 is the beginning. */
  readonly baseSeq: number;
  readonly events: number;
  readonly effects: number;
  readonly postings: number;
  readonly marks: number;
  readonly lastSeq: number;
  readonly stateHash: string;
  readonly state: S;
}

export interface Base<S extends MachineState = BotState> {
  readonly state: S;
  /** Of the snapshot; 0 is the beginning. */
  readonly position: number;
  /** It was read from an older shape of the state: marks after it cannot be compared. */
  readonly isOlder: boolean;
}

/**
 * The state before event `seq`: from the newest snapshot that is older, else from nothing. Where the beginning is
 * archived and the archives are not read, 1 means as early as can be. Errors: JOURNAL_NO_BASE for another event there.
 */
export function baseFor<S extends MachineState = BotState>(
  reader: JournalReader,
  engine: Engine<S>,
  seq: number,
): Base<S> {
  const { oldest } = reader;
  const snapshots = reader.snapshots().filter(({ position }) => position >= oldest);
  const wanted = seq === 1 && oldest > 0 ? snapshots.at(-1) : snapshots.find((snapshot) => snapshot.seq < seq);
  if (wanted !== undefined) {
    const { position } = wanted;
    return { state: stateOfSnapshot(reader, engine, wanted), position, isOlder: isOlderState(engine, wanted) };
  }
  if (oldest === 0) return { state: engine.initial(identityOf(reader)), position: 0, isOlder: false };
  throw new JournalError(
    "JOURNAL_NO_BASE",
    `JOURNAL_NO_BASE: event ${seq} was archived, and the journal begins after it, at position ${oldest + 1}. Put its ` +
      "archives back into the folder `archive` beside it.",
  );
}

/** Newest event that is in the archives alone; 0 when none is, or when the reader reads archives. */
export function archivedSeq(reader: JournalReader): number {
  const { oldest } = reader;
  if (oldest === 0) return 0;
  return reader.snapshots().findLast(({ position }) => position >= oldest)?.seq ?? 0;
}

export const identityOf = (reader: JournalReader): Identity => ({
  bot: reader.meta.bot,
  tag: reader.meta.tag,
  lineage: reader.meta.lineage,
});

/** Replays and compares. Errors: JOURNAL_DIFFERS at the first difference, with both versions and the last events. */
export function replayJournal<S extends MachineState = BotState>(
  reader: JournalReader,
  options: ReplayJournalOptions<S>,
): ReplayReport<S> {
  const { state, position, isOlder } = baseFor(reader, options.engine, options.fromSeq);
  const baseSeq = state.seq;
  const postings = new PostingComparison((afterSeq) => reader.postings(afterSeq), baseSeq);
  const replay = new Replay(withPostings(options.engine, postings), state, !isOlder);
  const counts = { event: 0, effect: 0, mark: 0, anchor: 0, seal: 0 };
  const total = reader.position - position;
  for (const record of reader.records(position)) {
    if (record.seq > options.toSeq) break;
    replay.take(record);
    postings.passed(record);
    counts[record.type] += 1;
    if ((record.position & 1023) === 0) options.onProgress?.(record.position - position, total);
  }
  options.onProgress?.(total, total);
  postings.end(state.seq);
  return {
    baseSeq,
    events: counts.event,
    effects: counts.effect,
    marks: counts.mark,
    postings: postings.compared,
    lastSeq: state.seq,
    stateHash: sha256(options.engine.encode(state)),
    state,
  };
}

function withPostings<S extends MachineState>(engine: Engine<S>, comparison: PostingComparison): Engine<S> {
  return {
    ...engine,
    step(state, event): Stepped {
      const stepped = engine.step(state, event);
      for (const posting of stepped.postings) comparison.take(state.seq, posting);
      return stepped;
    },
  };
}

/** A line of the ledger that is decided, and the time of its turn once that is known. */
interface Decided {
  readonly seq: number;
  readonly text: string;
  atMs: number | null;
}

/**
 * Postings in lockstep with those recorded. Of the turn that was cut short none is recorded yet; whatever was written
 * after the effects of a turn says that it was not. A live bot writes on meanwhile: at the end is looked again.
 */
class PostingComparison {
  compared = 0;
  private readonly open: (afterSeq: number) => Iterator<PostingToAppend>;
  private recorded: Iterator<PostingToAppend>;
  private lastSeq: number;
  /** Decided, and not found among those recorded yet. */
  private readonly waiting: Decided[] = [];

  constructor(open: (afterSeq: number) => Iterator<PostingToAppend>, baseSeq: number) {
    this.open = open;
    this.lastSeq = baseSeq;
    this.recorded = open(baseSeq);
  }

  take(seq: number, posting: Posting): void {
    this.waiting.push({ seq, text: postingText(posting), atMs: null });
    this.compare();
  }

  /** This record was replayed. */
  passed({ type, atMs }: JournalRecord): void {
    const [first] = this.waiting;
    if (first === undefined) return;
    first.atMs ??= atMs;
    if (type === "event" && atMs === first.atMs) return;
    this.compare();
    const [missing] = this.waiting;
    if (missing === undefined) return;
    differ(`a posting of event ${missing.seq} is decided now, but was not recorded\n  now      ${missing.text}`);
  }

  /** Everything up to this event was replayed. */
  end(seq: number): void {
    this.compare();
    const next = this.waiting.length === 0 ? this.next() : null;
    if (next === null || next.seq > seq) return;
    differ(
      `a posting of event ${next.seq} was recorded, but is not decided now\n  recorded ${postingText(next.posting)}`,
    );
  }

  private compare(): void {
    for (let now = this.waiting[0]; now !== undefined; now = this.waiting[0]) {
      const next = this.next();
      if (next === null) return;
      const recorded = postingText(next.posting);
      if (next.seq !== now.seq || recorded !== now.text) {
        const { seq, text } = now;
        differ(`a posting of event ${seq} differs\n  recorded ${next.seq} ${recorded}\n  now      ${seq} ${text}`);
      }
      this.lastSeq = next.seq;
      this.compared += 1;
      this.waiting.shift();
    }
  }

  private next(): PostingToAppend | null {
    const next = this.recorded.next();
    if (next.done !== true) return next.value;
    this.recorded = this.open(this.lastSeq);
    const later = this.recorded.next();
    return later.done === true ? null : later.value;
  }
}

function differ(what: string): never {
  throw new JournalError("JOURNAL_DIFFERS", `JOURNAL_DIFFERS: ${what}`);
}
