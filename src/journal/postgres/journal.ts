// The journal on Postgres (DUR-62): same tables, chain and rules as the one on a disk, one statement for each half of a
// turn, waited for. Its writer holds a lease; a later writer's epoch fences it. What could not be committed in time is
// not relied upon, and nothing of it is sent.

import { crashPoint } from "../../base/crash-point.ts";
import type { EngineEvent } from "../../trading/event.ts";
import { type Draft, draftEffects, draftEvents, draftSeal, type Tail } from "../chain.ts";
import { corrupt, fenced, JournalError } from "../errors.ts";
import { checkHead, checkMeta, type OpenOptions } from "../open-options.ts";
import {
  type Compacted,
  type ConfigText,
  type Journal,
  NOTHING_COMPACTED,
  type PostingToAppend,
  type Snapshot,
  type TurnEffects,
} from "../port.ts";
import { postingLines } from "../posting-lines.ts";
import { SNAPSHOTS_KEPT } from "../snapshot-check.ts";
import { metaSum, packState, postingCells, postingHash, recordCells } from "../sqlite-rows.ts";
import { cannotWrite, duplicatePlace, duplicatePosting, mayPass } from "../write-faults.ts";
import type { Lease, PostgresDatabase } from "./database.ts";
import { takenKey, writingFailed } from "./failures.ts";
import type { Answer, Cell, Failure, HeadRow } from "./protocol.ts";
import { PostgresReader } from "./reader.ts";
import { appendStatement, FORGET_SNAPSHOTS, RAISE_HEAD, RAISE_META, SNAPSHOT } from "./statements.ts";

/** A row without its body, about. */
const ROW_BYTES = 160;

/** A journal whose lease is held. */
export interface Parts {
  readonly database: PostgresDatabase;
  readonly journal: number;
  readonly lease: Lease;
  readonly options: OpenOptions;
}

/** What one append brings. */
interface Appending {
  readonly draft: Draft;
  readonly postings: readonly PostingToAppend[];
  readonly configs: readonly ConfigText[];
  /** On the disk, and on that of a synchronous standby, before it returns. */
  readonly synced: boolean;
}

type Column = (string | number | null)[];

export class PostgresJournal extends PostgresReader implements Journal {
  private readonly options: OpenOptions;
  private readonly lease: Lease;
  private tail: Tail;
  private lastPosting: { readonly id: number; readonly hash: string };
  private dead: JournalError | null = null;
  private bytes = 0;
  private closed = false;

  /** Use the store's `openJournal`. */
  constructor({ database, journal, lease, options }: Parts) {
    super(database, journal);
    this.options = options;
    this.lease = lease;
    checkMeta(this.meta, options);
    this.tail = this.readTail();
    this.lastPosting = this.readLastPosting();
    // the chain first: what `head` misses is said of records known to be good
    this.verify(this.newestSnapshot(options.warn)?.position ?? 0);
    this.checkStart();
    this.raiseEpoch();
  }

  override get position(): number {
    return this.tail.position;
  }

  override get seq(): number {
    return this.tail.seq;
  }

  override get chainHash(): string {
    return this.tail.hash;
  }

  /** Of records, postings and snapshots this opening has written, about (OPS-16). */
  get bytesWritten(): number {
    return this.bytes;
  }

  /** False from the moment on at which another process may have taken over (DUR-56): then nothing may be sent. */
  holds(): boolean {
    return this.lease.holds();
  }

  appendEvents(firstSeq: number, events: readonly EngineEvent[], configs: readonly ConfigText[] = []): void {
    const draft = draftEvents(this.tail, this.meta.epoch, firstSeq, events);
    if (draft.records.length === 0 && configs.length === 0) return;
    this.append({ draft, postings: [], configs, synced: this.options.sync === "all" });
  }

  appendEffects(turn: TurnEffects): void {
    const draft = draftEffects(this.tail, this.meta.epoch, turn);
    if (draft.records.length === 0 && turn.postings.length === 0) return;
    // what only the server's memory has is lost with its process, so `kill` is no weaker here than `send`
    const synced = this.options.sync === "all" || turn.sends;
    this.append({ draft, postings: turn.postings, configs: [], synced });
  }

  writeSnapshot(snapshot: Snapshot): void {
    crashPoint("snapshot.before-write");
    this.refuseWithoutLease();
    const state = packState(snapshot.state);
    const { position, version, seq, chainHash, stateHash } = snapshot;
    const sync = syncOf(this.options.sync === "all");
    const values = [this.journal, this.meta.epoch, position, version, seq, chainHash, stateHash, state, sync];
    crashPoint("snapshot.half-written");
    const [written] = this.write([
      { sql: SNAPSHOT, values },
      { sql: FORGET_SNAPSHOTS, values: [this.journal, SNAPSHOTS_KEPT] },
    ]);
    if (written?.[0]?.[0] !== 1) throw this.final(this.takenOver());
    this.bytes += state.length;
    crashPoint("snapshot.after-write");
  }

  /** The server moves its log by itself. */
  checkpoint(): void {
    if (this.dead !== null) throw this.dead;
    crashPoint("checkpoint.middle");
  }

  /** The server's tables grow with its disk; nothing is archived yet. */
  compact(): Compacted {
    return NOTHING_COMPACTED;
  }

  seal(atMs: number): void {
    const draft = draftSeal(this.tail, this.meta.epoch, atMs);
    this.append({ draft, postings: [], configs: [], synced: true });
  }

  override close(): void {
    if (this.closed) return;
    this.closed = true;
    this.lease.release();
    this.dead ??= new JournalError("FENCED", "FENCED: the journal is closed");
  }

  private append({ draft, postings, configs, synced }: Appending): void {
    this.refuseWithoutLease();
    const posted = chained(postings, this.lastPosting, draft.tail.position);
    const before = this.headAt(this.tail, this.lastPosting);
    const after = this.headAt(draft.tail, posted.last);
    const { sql, name } = appendStatement({
      records: draft.records.length > 0,
      postings: postings.length > 0,
      configs: configs.length > 0,
    });
    const from = [this.journal, before.epoch, before.position, before.posting];
    const to = [after.position, after.hash, after.posting, after.postingHash, syncOf(synced)];
    const lists = [
      ...columns(draft.records.map(recordCells)),
      ...columns(posted.rows),
      ...columns(configs.map(({ hash, text }) => [hash, text])),
    ];
    const statement = { sql, name, values: [...from, ...to, ...lists] };
    const answer = this.database.ask({ kind: "append", journal: this.journal, before, after, statement });
    if (answer.kind !== "appended") throw this.notAppended(answer, { draft, postings });
    this.tail = draft.tail;
    this.lastPosting = posted.last;
    this.bytes += postings.length * ROW_BYTES;
    for (const { body } of draft.records) this.bytes += ROW_BYTES + body.length;
  }

  private headAt(tail: Tail, posting: { readonly id: number; readonly hash: string }): HeadRow {
    const { position, hash } = tail;
    return { epoch: this.meta.epoch, position, hash, posting: posting.id, postingHash: posting.hash };
  }

  private notAppended(answer: Answer, tried: Pick<Appending, "draft" | "postings">): JournalError {
    if (answer.kind === "moved") return this.final(this.movedTo(answer.head));
    if (answer.kind !== "failed") throw new Error(`an answer of ${answer.kind} to an append`);
    const error = this.refusedBy(answer.failure, tried);
    const { disk } = error.facts;
    return error.code === "DUPLICATE" || (disk !== undefined && mayPass(disk)) ? error : this.final(error);
  }

  private refusedBy(failure: Failure, { draft, postings }: Pick<Appending, "draft" | "postings">): JournalError {
    const taken = takenKey(failure);
    if (taken === null) return writingFailed(failure, this.asking);
    if (taken === "posting_once") {
      const known = postings.find(({ posting }) => failure.text.includes(posting.causeId)) ?? postings[0];
      return duplicatePosting(known?.posting.cause ?? "posting", known?.posting.causeId ?? "");
    }
    if (taken === "place") {
      const ids = draft.records.map(({ clientOrderId }) => clientOrderId ?? "").filter((id) => id !== "");
      return duplicatePlace(ids.find((id) => failure.text.includes(id)) ?? ids.join(", "));
    }
    return corrupt(this.tail.position + 1, "there is a record already where the next one goes");
  }

  private movedTo(head: HeadRow | null): JournalError {
    const { epoch } = this.meta;
    if (head !== null && head.epoch !== epoch) return fenced(epoch, head.epoch);
    const said = `it stands at position ${head?.position ?? 0}, and was told of ${this.tail.position}`;
    return cannotWrite("lost", `${this.database.where} (${said}: what was not synced is gone)`);
  }

  private takenOver(): JournalError {
    return this.movedTo(this.head());
  }

  private write(statements: Parameters<PostgresDatabase["write"]>[0]): ReturnType<PostgresDatabase["write"]> {
    try {
      return this.database.write(statements, this.tail.position);
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      const { disk } = error.facts;
      throw disk !== undefined && mayPass(disk) ? error : this.final(error);
    }
  }

  private refuseWithoutLease(): void {
    if (this.dead !== null) throw this.dead;
    if (this.lease.holds()) return;
    if (!this.lease.isGone())
      throw this.final(cannotWrite("lost", `${this.database.where} (the lease was not renewed)`));
    const why = "another process has the lease of this bot's journal, which could not be renewed in time";
    throw this.final(new JournalError("FENCED", `FENCED: ${why}. This copy stops and sends nothing.`));
  }

  /** After a failure that cannot pass, everything is refused with it (DUR-16). */
  private final(error: JournalError): JournalError {
    this.dead ??= error;
    return this.dead;
  }

  private get asking() {
    return { where: this.database.where, goodTo: this.tail.position };
  }

  private checkStart(): void {
    const head = this.head();
    if (head === null) throw corrupt(1, "the row that says where the journal ends is missing");
    if (head.epoch !== this.meta.epoch)
      throw corrupt(1, `its epoch is ${this.meta.epoch} here and ${head.epoch} there`);
    checkHead(head, this.tail.position, (position) => this.hashAt(position));
    if (head.position < this.tail.position) throw corrupt(head.position + 1, "it was written by somebody else");
    if (head.posting !== this.lastPosting.id || head.postingHash !== this.lastPosting.hash) {
      throw corrupt(this.tail.position + 1, `${head.posting} postings were written, ${this.lastPosting.id} are there`);
    }
  }

  private raiseEpoch(): void {
    const next = { ...this.meta, epoch: this.meta.epoch + 1 };
    const { lineage, epoch } = next;
    this.database.write([
      { sql: RAISE_HEAD, values: [this.journal, epoch, this.meta.epoch] },
      { sql: RAISE_META, values: [this.journal, lineage, epoch, metaSum(next)] },
    ]);
    this.meta = next;
  }
}

const syncOf = (synced: boolean): Cell => (synced ? "on" : "off");

/** Rows of postings with their numbers and chain, and where it ends. */
function chained(
  postings: readonly PostingToAppend[],
  after: { readonly id: number; readonly hash: string },
  position: number,
): { readonly rows: readonly (readonly unknown[])[]; readonly last: { readonly id: number; readonly hash: string } } {
  const lines = postingLines(postings);
  let { id, hash } = after;
  const rows = postings.map(({ seq, posting }, i) => {
    const line = lines[i] ?? 0;
    id += 1;
    hash = postingHash(hash, { id, seq, position, line, posting });
    return postingCells({ id, seq, position, line, posting, hash });
  });
  return { rows, last: { id, hash } };
}

/** Rows turned into one list a column. */
function columns(rows: readonly (readonly unknown[])[]): Column[] {
  const [first] = rows;
  if (first === undefined) return [];
  return first.map((_, column) => rows.map((row) => row[column] as string | number | null));
}
