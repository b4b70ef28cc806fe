// The journal of a run that will never be recovered: it counts, refuses what a journal refuses, and keeps nothing but
// the identities of fills. For backtests over more data than memory holds; anything that acts on a real exchange keeps
// one.

import { assert } from "../base/assert.ts";
import type { Side } from "../market/amounts.ts";
import type { EngineEvent } from "../trading/event.ts";
import { fillIdentity } from "../trading/ledger.ts";
import { genesisOf } from "./chain.ts";
import { FIRST_LINEAGE, JOURNAL_FORMAT } from "./open-options.ts";
import {
  type Compacted,
  type Journal,
  type JournalMeta,
  type JournalRecord,
  NOTHING_COMPACTED,
  type PostingToAppend,
  type Snapshot,
  type TurnEffects,
} from "./port.ts";

/** `chainHash` stays the genesis: there is no chain. */
export class ForgetfulJournal implements Journal {
  readonly meta: JournalMeta;
  readonly oldest = 0;
  position = 0;
  seq = 0;
  private atMs = 0;
  private readonly fills = new Set<string>();

  constructor(bot: string, tag: string) {
    const owner = { format: JOURNAL_FORMAT, journalId: `forgetful-${bot}`, bot, tag };
    this.meta = { ...owner, lineage: FIRST_LINEAGE, epoch: 1, genesis: genesisOf(owner) };
  }

  get chainHash(): string {
    return this.meta.genesis;
  }

  appendEvents(firstSeq: number, events: readonly EngineEvent[]): void {
    assert(firstSeq === this.seq + 1, () => `event ${firstSeq} follows event ${this.seq}`);
    for (const event of events) {
      assert(event.atMs >= this.atMs, () => `engine time goes back from ${this.atMs} to ${event.atMs}`);
      this.atMs = event.atMs;
    }
    this.seq += events.length;
    this.position += events.length;
  }

  appendEffects(turn: TurnEffects): void {
    this.position += turn.effects.length + (turn.mark === null ? 0 : 1);
    for (const { posting } of turn.postings) if (posting.cause === "fill") this.fills.add(posting.causeId);
  }

  hasFill(exchange: string, symbol: string, tradeId: string, side: Side): boolean {
    return this.fills.size > 0 && this.fills.has(fillIdentity(exchange, { symbol, tradeId, side }));
  }

  writeSnapshot(_snapshot: Snapshot): void {}

  newestSnapshot(): Snapshot | null {
    return null;
  }

  snapshots(): readonly Snapshot[] {
    return [];
  }

  records(): IterableIterator<JournalRecord> {
    return [][Symbol.iterator]();
  }

  postings(): IterableIterator<PostingToAppend> {
    return [][Symbol.iterator]();
  }

  kept(): readonly JournalRecord[] {
    return [];
  }

  configText(): null {
    return null;
  }

  placeOf(): null {
    return null;
  }

  verify(): number {
    return 0;
  }

  checkpoint(): void {}

  compact(): Compacted {
    return NOTHING_COMPACTED;
  }

  seal(_atMs: number): void {
    this.position += 1;
  }

  close(): void {}
}
