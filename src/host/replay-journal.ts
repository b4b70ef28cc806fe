// `opensqt replay` (DUR-68): the whole journal, or a part of it, decided again. Every effect, posting and mark must be
// byte for byte what was recorded. Reads only; the bot that writes the journal may be running.

import { sha256 } from "../base/canonical.ts";
import type { BotState, Identity } from "../engine/state.ts";
import { postingText } from "../journal/codec.ts";
import { JournalError } from "../journal/errors.ts";
import type { JournalReader, PostingToAppend } from "../journal/port.ts";
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
  const postings = new PostingComparison(reader.postings(baseSeq));
  const replay = new Replay(withPostings(options.engine, postings), state, !isOlder);
  const counts = { event: 0, effect: 0, mark: 0, anchor: 0, seal: 0 };
  const total = reader.position - position;
  for (const record of reader.records(position)) {
    if (record.seq > options.toSeq) break;
    replay.take(record);
    counts[record.type] += 1;
    if ((record.position & 1023) === 0) options.onProgress?.(record.position - position, total);
  }
  options.onProgress?.(total, total);
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

/**
 * Postings in lockstep with those recorded; the turn that was cut short has none recorded yet, so running out is no
 * error.
 */
class PostingComparison {
  compared = 0;
  private readonly recorded: Iterator<PostingToAppend>;

  constructor(recorded: Iterator<PostingToAppend>) {
    this.recorded = recorded;
  }

  take(seq: number, posting: Posting): void {
    const next = this.recorded.next();
    if (next.done === true) return;
    const { seq: recordedSeq, posting: recorded } = next.value;
    if (recordedSeq !== seq || postingText(recorded) !== postingText(posting)) {
      throw new JournalError(
        "JOURNAL_DIFFERS",
        `JOURNAL_DIFFERS: a posting of event ${seq} differs\n  recorded ${recordedSeq} ${postingText(recorded)}\n` +
          `  now      ${seq} ${postingText(posting)}`,
      );
    }
    this.compared += 1;
  }
}
