// The journal in memory: the same chain, rules and errors as the one on a disk, for backtests, simulation and tests.
// What outlives a killed process is the `MemoryDisk`.

import { crashPoint } from "../base/crash-point.ts";
import type { Side } from "../market/amounts.ts";
import type { EngineEvent } from "../trading/event.ts";
import { fillIdentity } from "../trading/ledger.ts";
import {
  ChainChecker,
  type Draft,
  draftEffects,
  draftEvents,
  draftSeal,
  emptyTail,
  genesisOf,
  holdsCommand,
  type Tail,
} from "./chain.ts";
import { corrupt, fenced, JournalError } from "./errors.ts";
import { MemoryDisk, type MemoryWrite } from "./memory-disk.ts";
import { checkHead, checkMeta, FIRST_LINEAGE, JOURNAL_FORMAT, lockHeld, type OpenOptions } from "./open-options.ts";
import {
  type Compacted,
  type ConfigText,
  type Journal,
  type JournalMeta,
  type JournalRecord,
  NOTHING_COMPACTED,
  type PostingToAppend,
  type Snapshot,
  type TurnEffects,
} from "./port.ts";
import { postingLines } from "./posting-lines.ts";
import { firstValid, noBase, SNAPSHOTS_KEPT } from "./snapshot-check.ts";
import { cannotWrite, duplicatePlace, duplicatePosting, mayPass } from "./write-faults.ts";

export { MemoryDisk } from "./memory-disk.ts";

const QUIET: OpenOptions = {
  bot: "bot",
  tag: "memory",
  sync: "kill",
  holder: { host: "memory", pid: 0, sinceMs: 0 },
  warn: () => {},
};

/** Opens the journal on `disk`, or makes it. Errors: as the port, and LOCK_HELD, JOURNAL_BEHIND, JOURNAL_FOREIGN. */
export function openMemoryJournal(disk = new MemoryDisk(), options: Partial<OpenOptions> = {}): MemoryJournal {
  return new MemoryJournal(disk, { ...QUIET, ...options });
}

export class MemoryJournal implements Journal {
  readonly meta: JournalMeta;
  readonly oldest = 0;
  private readonly disk: MemoryDisk;
  private readonly options: OpenOptions;
  private tail: Tail;
  private dead: JournalError | null = null;

  /** Use {@link openMemoryJournal}. */
  constructor(disk: MemoryDisk, options: OpenOptions) {
    if (disk.holder !== null) throw lockHeld(options.bot, disk.holder);
    const found = disk.meta ?? newMeta(options);
    checkMeta(found, options);
    this.disk = disk;
    this.options = options;
    this.meta = found;
    this.tail = tailOf(disk.records, found.genesis);
    this.checkStart();
    this.strike("open");
    this.meta = { ...found, epoch: found.epoch + 1 };
    disk.meta = this.meta;
    disk.holder = options.holder;
    disk.head = { position: this.tail.position, hash: this.tail.hash };
    disk.synced = this.tail.position;
  }

  get position(): number {
    return this.tail.position;
  }

  get seq(): number {
    return this.tail.seq;
  }

  get chainHash(): string {
    return this.tail.hash;
  }

  appendEvents(firstSeq: number, events: readonly EngineEvent[], configs: readonly ConfigText[] = []): void {
    const draft = draftEvents(this.tail, this.meta.epoch, firstSeq, events);
    this.strike("events");
    for (const { hash, text } of configs) this.disk.configs.set(hash, text);
    const { sync } = this.options;
    this.commit(draft, sync === "all" || (sync === "send" && holdsCommand(events)));
  }

  appendEffects(turn: TurnEffects): void {
    const draft = draftEffects(this.tail, this.meta.epoch, turn);
    const { position } = draft.tail;
    if (position === this.tail.position && turn.postings.length === 0) return;
    this.strike("effects");
    this.refuseSecondPlace(draft);
    this.book(turn.postings, position);
    this.commit(draft, this.options.sync === "all" || (this.options.sync === "send" && turn.sends));
    if (turn.sends) this.disk.head = { position, hash: draft.tail.hash };
  }

  hasFill(exchange: string, symbol: string, tradeId: string, side: Side): boolean {
    return this.disk.lines.has(`fill|${fillIdentity(exchange, { symbol, tradeId, side })}|0`);
  }

  writeSnapshot(snapshot: Snapshot): void {
    crashPoint("snapshot.before-write");
    this.strike("snapshot");
    crashPoint("snapshot.half-written");
    this.disk.snapshots = [...this.disk.snapshots, snapshot].slice(-SNAPSHOTS_KEPT);
    crashPoint("snapshot.after-write");
  }

  newestSnapshot(warn: (text: string) => void): Snapshot | null {
    const valid = firstValid(this.snapshots(), (position) => this.hashAt(position), warn);
    const first = this.disk.records[0]?.position ?? 1;
    if (valid === null && first !== 1) throw noBase(first);
    return valid;
  }

  snapshots(): readonly Snapshot[] {
    return [...this.disk.snapshots].reverse();
  }

  *records(after: number): IterableIterator<JournalRecord> {
    const { records } = this.disk;
    for (let i = Math.max(0, after - (records[0]?.position ?? 1) + 1); i < records.length; i += 1) {
      const record = records[i];
      if (record !== undefined) yield record;
    }
  }

  *postings(afterSeq: number): IterableIterator<PostingToAppend> {
    const { postings } = this.disk;
    const from = postings.findLastIndex(({ seq }) => seq <= afterSeq) + 1;
    for (const { seq, posting } of postings.slice(from)) yield { seq, posting };
  }

  kept(): readonly JournalRecord[] {
    return [];
  }

  configText(hash: string): string | null {
    return this.disk.configs.get(hash) ?? null;
  }

  placeOf(clientOrderId: string): JournalRecord | null {
    const position = this.disk.places.get(clientOrderId);
    return position === undefined ? null : (this.recordAt(position) ?? null);
  }

  verify(after: number): number {
    const hash = after === 0 ? this.meta.genesis : this.hashAt(after);
    if (hash === null) throw corrupt(after, "the record to begin at is missing");
    const checker = new ChainChecker({ position: after, hash });
    for (const record of this.records(after)) checker.check(record);
    return checker.checked;
  }

  checkpoint(): void {
    crashPoint("checkpoint.middle");
  }

  /** What lies in memory is gone with the process: it is never compacted. */
  compact(): Compacted {
    return NOTHING_COMPACTED;
  }

  seal(atMs: number): void {
    const draft = draftSeal(this.tail, this.meta.epoch, atMs);
    this.strike("seal");
    this.commit(draft, true);
    this.disk.head = { position: this.tail.position, hash: this.tail.hash };
  }

  close(): void {
    if (this.dead === null && this.disk.meta?.epoch === this.meta.epoch) this.disk.holder = null;
    this.dead ??= new JournalError("FENCED", "FENCED: the journal is closed");
  }

  private commit(draft: Draft, sync: boolean): void {
    for (const record of draft.records) {
      this.disk.records.push(record);
      if (record.kind === "place" && record.clientOrderId !== null) {
        this.disk.places.set(record.clientOrderId, record.position);
      }
    }
    this.tail = draft.tail;
    if (sync) this.disk.synced = draft.tail.position;
  }

  /** Nothing is written past this when the disk fails, another writer took over, or an earlier failure was final. */
  private strike(write: MemoryWrite): void {
    if (this.dead !== null) throw this.dead;
    const epoch = this.disk.meta?.epoch ?? 0;
    if (epoch !== this.meta.epoch) {
      this.dead = fenced(this.meta.epoch, epoch);
      throw this.dead;
    }
    const fault = this.disk.fault(write);
    if (fault === null) return;
    const error = cannotWrite(fault, "the journal in memory");
    if (!mayPass(fault)) this.dead = error;
    throw error;
  }

  private refuseSecondPlace(draft: Draft): void {
    const batch = new Set<string>();
    for (const { kind, type, clientOrderId } of draft.records) {
      if (type !== "effect" || kind !== "place" || clientOrderId === null) continue;
      if (this.disk.places.has(clientOrderId) || batch.has(clientOrderId)) throw duplicatePlace(clientOrderId);
      batch.add(clientOrderId);
    }
  }

  /** All of them or none: a known one is refused before the first is written. */
  private book(postings: readonly PostingToAppend[], position: number): void {
    const numbers = postingLines(postings);
    const rows = postings.map(({ seq, posting }, i) => {
      const line = `${posting.cause}|${posting.causeId}|${numbers[i]}`;
      return { seq, posting, position, line };
    });
    const lines = new Set<string>();
    for (const { line, posting } of rows) {
      if (this.disk.lines.has(line) || lines.has(line)) throw duplicatePosting(posting.cause, posting.causeId);
      lines.add(line);
    }
    for (const row of rows) {
      this.disk.lines.add(row.line);
      this.disk.postings.push(row);
    }
  }

  /** The chain first: what `head` misses is said of records known to be good. */
  private checkStart(): void {
    this.verify(this.newestSnapshot(this.options.warn)?.position ?? 0);
    const { head } = this.disk;
    const hashAt = (position: number): string | null => (position === 0 ? this.meta.genesis : this.hashAt(position));
    if (head !== null) checkHead(head, this.tail.position, hashAt);
  }

  private recordAt(position: number): JournalRecord | undefined {
    return this.disk.records[position - (this.disk.records[0]?.position ?? 1)];
  }

  private hashAt(position: number): string | null {
    return this.recordAt(position)?.hash ?? null;
  }
}

function newMeta(options: OpenOptions): JournalMeta {
  const owner = { format: JOURNAL_FORMAT, journalId: `memory-${options.bot}`, bot: options.bot, tag: options.tag };
  return { ...owner, lineage: FIRST_LINEAGE, epoch: 0, genesis: genesisOf(owner) };
}

function tailOf(records: readonly JournalRecord[], genesis: string): Tail {
  const last = records.at(-1);
  if (last === undefined) return emptyTail(genesis);
  const event = records.findLast((record) => record.type === "event");
  const effect = records.findLast((record) => record.type === "effect");
  return {
    position: last.position,
    hash: last.hash,
    seq: event?.seq ?? 0,
    atMs: event?.atMs ?? 0,
    effectSeq: effect?.seq ?? 0,
    effectIndex: effect?.index ?? -1,
  };
}
