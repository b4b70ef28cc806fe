// The hash chain of the journal (DUR-02): each record's hash covers the one before it, its canonical header and its
// body, so a changed, missing, swapped or inserted record is found (TEST-P31). Drafting and checking are the same for
// every store.

import { hash as digest } from "node:crypto";
import { assert } from "../base/assert.ts";
import { encodeCanonical } from "../base/canonical.ts";
import type { Effect } from "../trading/effect.ts";
import type { EngineEvent } from "../trading/event.ts";
import {
  ANCHOR_KIND,
  clientOrderIdOf,
  effectBody,
  eventBody,
  MARK_KIND,
  SEAL_KIND,
  stateMarkBody,
  versionOf,
} from "./codec.ts";
import { corrupt } from "./errors.ts";
import type { JournalMeta, JournalRecord, TurnEffects } from "./port.ts";

/** SHA-256 of UTF-8 text, 64 hex digits. One call instead of a hash object: half the time on a record. */
export const sha256Hex = (text: string): string => digest("sha256", text, "hex");

/** What the first record is chained to: who the journal belongs to. Lineage and epoch are not in it, they rise. */
export const genesisOf = (owner: Pick<JournalMeta, "format" | "journalId" | "bot" | "tag">): string =>
  sha256Hex(encodeCanonical({ format: owner.format, journalId: owner.journalId, bot: owner.bot, tag: owner.tag }));

/**
 * Whether half A holds a person's word: it is forced to the disk before anything is done about it, and before whoever
 * spoke is answered (DUR section 4). A kill switch that a power cut forgets is none.
 */
export const holdsCommand = (events: readonly EngineEvent[]): boolean => events.some(({ kind }) => kind === "command");

type Header = Omit<JournalRecord, "hash" | "body">;

/** SHA-256(previous hash ‖ canonical header ‖ body). The header is a canonical list, so no two read the same. */
export function recordHash(previous: string, header: Header, body: string): string {
  const kind = JSON.stringify(header.kind);
  const id = header.clientOrderId === null ? "null" : JSON.stringify(header.clientOrderId);
  return sha256Hex(
    `${previous}[${header.position},"${header.type}",${header.seq},${header.index},${header.epoch},${header.atMs},` +
      `${kind},${header.version},${id}]${body}`,
  );
}

/** Where a journal ends: all that the next record depends on. */
export interface Tail {
  readonly position: number;
  /** Of the newest event. */
  readonly seq: number;
  /** Engine time of the newest event. */
  readonly atMs: number;
  /** Cause and index of the newest effect; 0 and −1 when there is none. */
  readonly effectSeq: number;
  readonly effectIndex: number;
  readonly hash: string;
}

export const emptyTail = (genesis: string): Tail => ({
  position: 0,
  seq: 0,
  atMs: 0,
  effectSeq: 0,
  effectIndex: -1,
  hash: genesis,
});

/** Records ready to be written, and the tail after them. Nothing is changed until the store has committed them. */
export interface Draft {
  readonly records: readonly JournalRecord[];
  readonly tail: Tail;
}

/**
 * Half A of a turn. Seq without a gap and engine time never decreasing are the caller's duty: their breach is a bug.
 */
export function draftEvents(tail: Tail, epoch: number, first: number, events: readonly EngineEvent[]): Draft {
  assert(first === tail.seq + 1, () => `event ${first} follows event ${tail.seq}`);
  const records: JournalRecord[] = [];
  let { position, seq, atMs, hash } = tail;
  for (const event of events) {
    assert(event.atMs >= atMs, () => `engine time goes back from ${atMs} to ${event.atMs}`);
    position += 1;
    seq += 1;
    atMs = event.atMs;
    const { kind } = event;
    const type = "event";
    const version = versionOf(type, kind);
    const header: Header = { position, type, seq, index: 0, epoch, atMs, kind, version, clientOrderId: null };
    const body = eventBody(event);
    hash = recordHash(hash, header, body);
    records.push({ ...header, body, hash });
  }
  return { records, tail: { ...tail, position, seq, atMs, hash } };
}

/** Half B of a turn: effects in the order of their causes, then the mark. */
export function draftEffects(tail: Tail, epoch: number, turn: TurnEffects): Draft {
  const draft = new EffectDraft(tail, epoch);
  for (const item of turn.effects) draft.effect(item.seq, item.index, item.atMs, item.effect);
  if (turn.mark !== null) draft.mark(turn.mark.seq, turn.mark.atMs, turn.mark.stateHash);
  return draft.done();
}

/** The record of a clean end. */
export function draftSeal(tail: Tail, epoch: number, atMs: number): Draft {
  const draft = new EffectDraft(tail, epoch);
  draft.seal(atMs);
  return draft.done();
}

/** The record that says where a compaction ended (kept.ts). */
export function draftAnchor(tail: Tail, epoch: number, body: string): Draft {
  const draft = new EffectDraft(tail, epoch);
  draft.anchor(body);
  return draft.done();
}

class EffectDraft {
  private readonly records: JournalRecord[] = [];
  private readonly from: Tail;
  private readonly epoch: number;
  private position: number;
  private hash: string;
  private effectSeq: number;
  private effectIndex: number;

  constructor(tail: Tail, epoch: number) {
    this.from = tail;
    this.epoch = epoch;
    this.position = tail.position;
    this.hash = tail.hash;
    this.effectSeq = tail.effectSeq;
    this.effectIndex = tail.effectIndex;
  }

  // tidy-ok: four plain facts of one effect, once per effect in the hot path
  effect(seq: number, index: number, atMs: number, effect: Effect): void {
    const after = seq > this.effectSeq || (seq === this.effectSeq && index > this.effectIndex);
    assert(after && seq <= this.from.seq, () => `effect ${seq}/${index} after ${this.effectSeq}/${this.effectIndex}`);
    this.effectSeq = seq;
    this.effectIndex = index;
    const clientOrderId = clientOrderIdOf(effect);
    this.push({ type: "effect", seq, index, atMs, kind: effect.kind, clientOrderId }, effectBody(effect));
  }

  mark(seq: number, atMs: number, stateHash: string): void {
    assert(seq <= this.from.seq, () => `mark of event ${seq}, the newest is ${this.from.seq}`);
    const place = { seq, index: 0, atMs, clientOrderId: null };
    this.push({ type: "mark", ...place, kind: MARK_KIND }, stateMarkBody(stateHash));
  }

  seal(atMs: number): void {
    const place = { seq: this.from.seq, index: 0, atMs, clientOrderId: null };
    this.push({ type: "seal", ...place, kind: SEAL_KIND }, "{}");
  }

  anchor(body: string): void {
    const place = { seq: this.from.seq, index: 0, atMs: this.from.atMs, clientOrderId: null };
    this.push({ type: "anchor", ...place, kind: ANCHOR_KIND }, body);
  }

  done(): Draft {
    const { position, hash, effectSeq, effectIndex } = this;
    return { records: this.records, tail: { ...this.from, position, hash, effectSeq, effectIndex } };
  }

  private push(rest: Omit<Header, "position" | "epoch" | "version">, body: string): void {
    this.position += 1;
    const version = versionOf(rest.type, rest.kind);
    const header: Header = { position: this.position, epoch: this.epoch, ...rest, version };
    this.hash = recordHash(this.hash, header, body);
    this.records.push({ ...header, body, hash: this.hash });
  }
}

/** Where checking starts: after record `position` with this hash, or at genesis (position 0). */
export interface CheckFrom {
  readonly position: number;
  readonly hash: string;
}

/** Follows the chain record by record and refuses the first that does not continue it. */
export class ChainChecker {
  private position: number;
  private last: string;
  private epoch = 0;
  private seq: number | null;
  /** Records checked so far. */
  checked = 0;

  constructor(from: CheckFrom) {
    this.position = from.position;
    this.last = from.hash;
    this.seq = from.position === 0 ? 0 : null;
  }

  get goodTo(): number {
    return this.position;
  }

  /** Hash of the last good record. */
  get hash(): string {
    return this.last;
  }

  /** Errors: JOURNAL_CORRUPT naming the first bad position. */
  check(record: JournalRecord): void {
    const expected = this.position + 1;
    if (record.position !== expected) {
      const missing = record.position - expected;
      throw corrupt(expected, `${missing === 1 ? "the record is" : `${missing} records are`} missing`);
    }
    if (recordHash(this.last, record, record.body) !== record.hash) {
      throw corrupt(expected, "the record is not the one that was written (its hash does not continue the chain)");
    }
    if (record.epoch < this.epoch) throw corrupt(expected, `epoch ${record.epoch} follows epoch ${this.epoch}`);
    this.checkSeq(record, expected);
    this.position = expected;
    this.last = record.hash;
    this.epoch = record.epoch;
    this.checked += 1;
  }

  private checkSeq(record: JournalRecord, position: number): void {
    if (record.type === "event") {
      if (this.seq !== null && record.seq !== this.seq + 1) {
        throw corrupt(position, `event ${record.seq} follows event ${this.seq}`);
      }
      this.seq = record.seq;
    } else if (this.seq !== null && record.seq > this.seq) {
      throw corrupt(position, `${record.type} of event ${record.seq}, but the newest event is ${this.seq}`);
    }
  }
}
