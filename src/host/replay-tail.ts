// Recovery steps 2 to 4 (durability.md section 12): newest valid snapshot, then the tail replayed. What the engine
// decides now must be, byte for byte, what was recorded; a turn cut short at the very end is the one thing that may be
// missing.

import { sha256 } from "../base/canonical.ts";
import { crashPoint } from "../base/crash-point.ts";
import type { BotState, Identity } from "../engine/state.ts";
import { clientOrderIdOf, decodeEvent, decodeMark, effectBody } from "../journal/codec.ts";
import { JournalError } from "../journal/errors.ts";
import type { EffectToAppend, JournalReader, JournalRecord, PostingToAppend } from "../journal/port.ts";
import type { Engine, MachineState } from "./context.ts";
import { TURN_EVENTS_MAX } from "./loop.ts";
import { isOlderState, stateOfSnapshot } from "./snapshot-version.ts";

/** Events kept to be shown when the replay differs. */
const LAST_EVENTS = 20;

export interface Replayed<S extends MachineState = BotState> {
  readonly state: S;
  /**
   * Effects and postings of a turn that was cut short between its halves: never recorded, so nothing of it was sent.
   */
  readonly missing: { readonly effects: readonly EffectToAppend[]; readonly postings: readonly PostingToAppend[] };
  /** Effects of the last recorded turn: whether they were handed over is not known. */
  readonly lastTurn: readonly EffectToAppend[];
  /** The newest request for candles, whose answer may have been on its way. */
  readonly lastReload: EffectToAppend | null;
  readonly records: number;
  /** The last run did not end by a clean stop: it was killed, or it crashed. */
  readonly wasKilled: boolean;
}

export interface ReplayOptions<S extends MachineState = BotState> {
  readonly engine: Engine<S>;
  readonly identity: Identity;
  readonly warn: (text: string) => void;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Rebuilds the state. Errors: JOURNAL_DIFFERS with the first difference; those of the journal. */
export function replayTail<S extends MachineState = BotState>(
  journal: JournalReader,
  options: ReplayOptions<S>,
): Replayed<S> {
  const { engine, identity } = options;
  const snapshot = journal.newestSnapshot(options.warn);
  const state = snapshot === null ? engine.initial(identity) : stateOfSnapshot(journal, engine, snapshot);
  crashPoint("recover.after-snapshot");
  const from = snapshot?.position ?? 0;
  const replay = new Replay(engine, state, snapshot === null || !isOlderState(engine, snapshot));
  let wasKilled = journal.position > 0;
  for (const record of journal.records(from)) {
    replay.take(record);
    if (record.type !== "anchor") wasKilled = record.type !== "seal";
    if ((record.position & 1023) === 0) options.onProgress?.(record.position - from, journal.position - from);
  }
  options.onProgress?.(journal.position - from, journal.position - from);
  return {
    state,
    missing: replay.missing(journal),
    lastTurn: replay.lastTurn,
    lastReload: replay.lastReload,
    records: journal.position - from,
    wasKilled,
  };
}

/** Compares record after record with what the engine decides. */
export class Replay<S extends MachineState = BotState> {
  lastTurn: EffectToAppend[] = [];
  lastReload: EffectToAppend | null = null;
  private readonly engine: Engine<S>;
  private readonly state: S;
  private readonly marks: boolean;
  private expected: EffectToAppend[] = [];
  private matched = 0;
  private postings: PostingToAppend[] = [];
  private inEvents = false;
  private readonly last: JournalRecord[] = [];

  /** `marks`: whether recorded state hashes are of this engine's shape of the state. */
  constructor(engine: Engine<S>, state: S, marks = true) {
    this.engine = engine;
    this.state = state;
    this.marks = marks;
  }

  take(record: JournalRecord): void {
    switch (record.type) {
      case "event":
        this.event(record);
        return;
      case "effect":
        this.effect(record);
        return;
      case "mark":
        this.mark(record);
        return;
      case "anchor":
      case "seal":
        return;
    }
  }

  /**
   * What the last turn decided and did not get to record. Postings without effects leave no record, so they are asked
   * for.
   */
  missing(journal: JournalReader): Replayed["missing"] {
    const effects = this.expected.slice(this.matched);
    const [first] = effects;
    const end = this.last.at(-1);
    if (first !== undefined && end !== undefined && isOfEarlierTurn(first, end)) {
      this.differ(
        end,
        `effect ${first.seq}.${first.index} (${first.effect.kind}) is decided now, but was not recorded`,
      );
    }
    const [oldest] = this.postings;
    if (!this.inEvents || oldest === undefined) return { effects, postings: [] };
    const recorded = new Set<number>();
    for (const { seq } of journal.postings(oldest.seq - 1)) recorded.add(seq);
    return { effects, postings: this.postings.filter(({ seq }) => !recorded.has(seq)) };
  }

  private event(record: JournalRecord): void {
    const before = this.last.at(-1);
    const [pending] = this.expected.slice(this.matched, this.matched + 1);
    if (!this.inEvents || (pending !== undefined && before?.atMs !== record.atMs)) this.beginTurn(record);
    this.last.push(record);
    if (this.last.length > LAST_EVENTS) this.last.shift();
    const event = decodeEvent(record);
    const stepped = this.engine.step(this.state, event);
    if (this.state.seq !== record.seq) this.differ(record, `event ${this.state.seq} was expected here`);
    for (const [index, effect] of stepped.effects.entries()) {
      this.expected.push({ seq: record.seq, index, atMs: record.atMs, effect });
    }
    for (const posting of stepped.postings) this.postings.push({ seq: record.seq, posting });
    crashPoint("recover.replay-middle");
  }

  /** The turn before is complete: its halves follow each other, so everything it decided must have been compared. */
  private beginTurn(record: JournalRecord): void {
    const [left] = this.expected.slice(this.matched);
    if (left !== undefined) {
      this.differ(
        record,
        `effect ${left.seq}.${left.index} (${left.effect.kind}) is decided now, but was not recorded`,
      );
    }
    this.expected = [];
    this.matched = 0;
    this.postings = [];
    this.lastTurn = [];
    this.inEvents = true;
  }

  private effect(record: JournalRecord): void {
    this.inEvents = false;
    const now = this.expected[this.matched];
    if (now === undefined) {
      this.differ(record, `effect ${record.seq}.${record.index} (${record.kind}) was recorded, but is not decided now`);
    }
    const same =
      now.seq === record.seq &&
      now.index === record.index &&
      now.effect.kind === record.kind &&
      clientOrderIdOf(now.effect) === record.clientOrderId &&
      effectBody(now.effect) === record.body;
    if (!same) this.differ(record, difference(record, now));
    this.matched += 1;
    this.lastTurn.push(now);
    if (record.kind === "reload-candles") this.lastReload = now;
  }

  private mark(record: JournalRecord): void {
    this.inEvents = false;
    if (!this.marks) return;
    const recorded = decodeMark(record);
    const now = sha256(this.engine.encode(this.state));
    if (recorded !== now) this.differ(record, `state hash at event ${record.seq}: recorded ${recorded}, now ${now}`);
  }

  private differ(record: JournalRecord, what: string): never {
    const events = this.last.map((event) => `  ${event.seq} ${event.kind} ${event.body}`).join("\n");
    throw new JournalError(
      "JOURNAL_DIFFERS",
      `JOURNAL_DIFFERS at position ${record.position}: ${what}. This code decides otherwise than the code that wrote the ` +
        `journal: run that release once and stop it cleanly, then start this one. Nothing was sent.\n` +
        `The last ${this.last.length} events:\n${events}`,
      { position: record.position, goodTo: record.position - 1 },
    );
  }
}

/** All events of one turn carry one engine time, and a turn is short: anything older was decided by a complete turn. */
const isOfEarlierTurn = (effect: EffectToAppend, end: JournalRecord): boolean =>
  effect.atMs !== end.atMs || end.seq - effect.seq >= TURN_EVENTS_MAX;

function difference(record: JournalRecord, now: EffectToAppend): string {
  const recorded = `${record.seq}.${record.index} ${record.kind} ${record.clientOrderId ?? ""} ${record.body}`;
  const decided = `${now.seq}.${now.index} ${now.effect.kind} ${clientOrderIdOf(now.effect) ?? ""} ${effectBody(now.effect)}`;
  return `the effects differ\n  recorded ${recorded}\n  now      ${decided}\n`;
}
