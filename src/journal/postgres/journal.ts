// The journal on Postgres (DUR-62): same tables, chain and rules as the one on a disk, one statement for each half of a
// turn, waited for. Its writer holds a lease; a later writer's epoch fences it. What could not be committed in time is
// not relied upon, and nothing of it is sent.

import { crashPoint } from "../../base/crash-point.ts";
import type { EngineEvent } from "../../trading/event.ts";
import { type Draft, draftAnchor, draftEffects, draftEvents, draftSeal, holdsCommand, type Tail } from "../chain.ts";
import type { Archiving, Compactor } from "../compact.ts";
import { corrupt, fenced, JournalError } from "../errors.ts";
import { checkHead, checkMeta, type OpenOptions } from "../open-options.ts";
import { Pins } from "../pins.ts";
import type { Compacted, ConfigText, Journal, PostingToAppend, Retention, Snapshot, TurnEffects } from "../port.ts";
import { SNAPSHOTS_KEPT } from "../snapshot-check.ts";
import { metaSum, packState, recordCells } from "../sqlite-rows.ts";
import { cannotWrite, duplicatePlace, duplicatePosting, mayPass } from "../write-faults.ts";
import { archiveValues, chained, columns, type LastPosting } from "./columns.ts";
import { postgresCompactor } from "./compact.ts";
import type { Lease, PostgresDatabase } from "./database.ts";
import { takenKey, writingFailed } from "./failures.ts";
import type { Answer, Cell, Failure, HeadRow, Row, Statement } from "./protocol.ts";
import { PostgresReader } from "./reader.ts";
import { appendStatement, RAISE_HEAD, RAISE_META, SNAPSHOT } from "./statements.ts";

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
  readonly archiving?: Archiving;
}

export class PostgresJournal extends PostgresReader implements Journal {
  private readonly options: OpenOptions;
  private readonly lease: Lease;
  private tail: Tail;
  private lastPosting: LastPosting;
  private readonly pins: Pins;
  private readonly compactor: Compactor;
  private dead: JournalError | null = null;
  private bytes = 0;
  private closed = false;

  /** Use the store's `openJournal`. */
  constructor({ database, journal, lease, options }: Parts) {
    super({ database, journal, hasArchives: true });
    this.options = options;
    this.lease = lease;
    checkMeta(this.meta, options);
    this.tail = this.store.tail(this.meta.genesis);
    this.lastPosting = this.store.lastPosting(this.meta.genesis);
    this.pins = new Pins(this.store.lastPin());
    this.compactor = postgresCompactor({
      place: this.place,
      store: this.store,
      meta: () => this.meta,
      write: (statement) => this.writeAgain(statement),
      appendAnchor: (archiving) => this.appendAnchor(archiving),
    });
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
    this.append({ draft, postings: [], configs, synced: this.options.sync === "all" || holdsCommand(events) });
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
    const here = { position, atMs: this.tail.atMs };
    const pinned = this.pins.due(here);
    const cells = [position, version, seq, chainHash, stateHash, state, pinned ? 1 : 0];
    const mine = [this.place.journal, this.meta.epoch];
    crashPoint("snapshot.half-written");
    const values = [...mine, ...cells, syncOf(this.options.sync === "all"), SNAPSHOTS_KEPT - 1];
    this.writeAgain({ sql: SNAPSHOT, values });
    if (pinned) this.pins.pinned(here);
    this.bytes += state.length;
    crashPoint("snapshot.after-write");
  }

  /** The server moves its log by itself. */
  checkpoint(): void {
    if (this.dead !== null) throw this.dead;
    crashPoint("checkpoint.middle");
  }

  compact(retention: Retention, nowMs: number): Compacted {
    this.refuseWithoutLease();
    return this.compactor.slice(retention, nowMs);
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

  private appendAnchor(archiving: Archiving): void {
    const draft = draftAnchor(this.tail, this.meta.epoch, archiving.body);
    this.append({ draft, postings: [], configs: [], synced: true, archiving });
  }

  private append({ draft, postings, configs, synced, archiving }: Appending): void {
    this.refuseWithoutLease();
    const posted = chained(postings, this.lastPosting, draft.tail.position);
    const before = this.headAt(this.tail, this.lastPosting);
    const after = this.headAt(draft.tail, posted.last);
    const { sql, name } = appendStatement({
      records: draft.records.length > 0,
      postings: postings.length > 0,
      configs: configs.length > 0,
      archive: archiving !== undefined,
    });
    const from = [this.place.journal, before.epoch, before.position, before.posting];
    const to = [after.position, after.hash, after.posting, after.postingHash, syncOf(synced)];
    const lists = [
      ...columns(draft.records.map(recordCells)),
      ...columns(posted.rows),
      ...columns(configs.map(({ hash, text }) => [hash, text])),
      ...(archiving === undefined ? [] : archiveValues({ ...archiving.row, anchor: after.position }, archiving.kept)),
    ];
    const statement = { sql, name, values: [...from, ...to, ...lists] };
    const answer = this.place.database.ask({
      kind: "append",
      journal: this.place.journal,
      before,
      after,
      synced,
      statement,
    });
    if (answer.kind !== "appended") throw this.notAppended(answer, { draft, postings });
    this.tail = draft.tail;
    this.lastPosting = posted.last;
    this.bytes += postings.length * ROW_BYTES;
    for (const { body } of draft.records) this.bytes += ROW_BYTES + body.length;
  }

  private headAt(tail: Tail, posting: LastPosting): HeadRow {
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
    return cannotWrite("lost", `${this.place.database.where} (${said}: what was not synced is gone)`);
  }

  /**
   * What may be done twice, and is done again where the answer was lost. The first row of its answer, which says
   * whether the epoch is still ours.
   */
  private writeAgain(statement: Statement): Row {
    this.refuseWithoutLease();
    const { database } = this.place;
    try {
      const [row = []] = database.write([statement], { goodTo: this.tail.position, twice: true })[0] ?? [];
      if (row[0] === 1) return row;
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      const { disk } = error.facts;
      // whether it was done does not matter: what is relied upon stands elsewhere
      throw disk !== undefined && (mayPass(disk) || disk === "lost") ? error : this.final(error);
    }
    throw this.final(this.movedTo(this.head()));
  }

  private refuseWithoutLease(): void {
    if (this.dead !== null) throw this.dead;
    if (this.lease.holds()) return;
    if (!this.lease.isGone())
      throw this.final(cannotWrite("lost", `${this.place.database.where} (the lease was not renewed)`));
    const why = "another process has the lease of this bot's journal, which could not be renewed in time";
    throw this.final(new JournalError("FENCED", `FENCED: ${why}. This copy stops and sends nothing.`));
  }

  /** After a failure that cannot pass, everything is refused with it (DUR-16). */
  private final(error: JournalError): JournalError {
    this.dead ??= error;
    return this.dead;
  }

  private get asking() {
    return { where: this.place.database.where, goodTo: this.tail.position };
  }

  private checkStart(): void {
    const head = this.head();
    if (head === null) throw corrupt(1, "the row that says where the journal ends is missing");
    if (head.epoch !== this.meta.epoch) {
      // asleep past its lease since it read that, and another took over
      if (this.store.meta().epoch === head.epoch) throw fenced(this.meta.epoch, head.epoch);
      throw corrupt(1, `its epoch is ${this.meta.epoch} here and ${head.epoch} there`);
    }
    checkHead(head, this.tail.position, (at) => (at === 0 ? this.meta.genesis : this.store.hashAt(at)));
    if (head.position < this.tail.position) throw corrupt(head.position + 1, "it was written by somebody else");
    if (head.posting !== this.lastPosting.id || head.postingHash !== this.lastPosting.hash) {
      throw corrupt(this.tail.position + 1, `${head.posting} postings were written, ${this.lastPosting.id} are there`);
    }
  }

  private raiseEpoch(): void {
    const next = { ...this.meta, epoch: this.meta.epoch + 1 };
    const { lineage, epoch } = next;
    const [raised] = this.place.database.write([
      { sql: RAISE_HEAD, values: [this.place.journal, epoch, this.meta.epoch] },
      { sql: RAISE_META, values: [this.place.journal, lineage, epoch, metaSum(next), this.meta.epoch] },
    ]);
    // here too: two must not write with one epoch
    if (raised?.[0] === undefined) throw this.movedTo(this.head());
    this.meta = next;
  }
}

const syncOf = (synced: boolean): Cell => (synced ? "on" : "off");
