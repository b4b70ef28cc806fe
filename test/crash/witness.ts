// Reads both sides as they grow, the exchange's record and the journal, and lets the checkers of the simulation judge
// them in the order in which things happened (DUR-71). Looks into no process.

import { closeSync, openSync, readSync } from "node:fs";
import { sha256 } from "../../src/base/canonical.ts";
import { strategyView } from "../../src/engine/view.ts";
import { productionEngine } from "../../src/host/engine.ts";
import { replayJournal } from "../../src/host/replay-journal.ts";
import type { JournalRecord, PostingToAppend } from "../../src/journal/port.ts";
import type { StoredReader } from "../../src/journal/store.ts";
import type { RecordEntry } from "../../src/sim/record.ts";
import { allCheckers } from "../simulation/checkers/all.ts";
import type { Checker, Evidence } from "../simulation/checkers/checker.ts";
import { type JournalReaderOf, JournalSide, Tape } from "../simulation/evidence.ts";
import type { Standing } from "./bot-process.ts";
import { starts } from "./starts.ts";
import type { Truth } from "./wire.ts";

export interface Violation {
  readonly checker: string;
  readonly text: string;
}

/** Both sides at one moment. */
export interface Sides {
  readonly truth: Truth;
  readonly standing: Standing;
}

/** Nobody tells the witness of alerts, nor how they stand; other processes' channels are tested elsewhere. */
const NOT_HERE: ReadonlySet<string> = new Set(["alerts"]);

/** A journal as it lies there: `checkPages` where the store is files of ours. */
export type WitnessReader = StoredReader & { checkPages?(): void };

export interface WitnessParts {
  /** Opens the journal beside its writer. */
  readonly open: () => WitnessReader;
  /** Path of the exchange's record. */
  readonly record: string;
  readonly bot: string;
  readonly tag: string;
  /** How far the clocks of the two sides may be apart; 0 where they have the same. */
  readonly clockErrorMs?: number;
  /** Checkers that do not fit this exchange. */
  readonly without?: readonly string[];
}

export class Witness {
  readonly violations: Violation[] = [];
  readonly tape: Tape;
  readonly journal: JournalSide;
  /** Of the newest run that began, and of the newest that recovered; 0: none. */
  runEpoch = 0;
  recoveredEpoch = 0;
  private readonly parts: WitnessParts;
  private readonly recordPath: string;
  private readonly records: JournalRecord[] = [];
  private readonly checkers: readonly Checker[];
  /** Instants of the settlements the journal knows of. */
  private readonly settled = new Set<number>();
  private postings: PostingToAppend[] = [];
  private entries = 0;
  /** Of whoever holds the journal now; above `runEpoch` while a start is under way. */
  private ownedEpoch = 0;
  private recordOffset = 0;
  private recordRest = "";
  private waiting: JournalRecord[] = [];
  private readingAgain = false;

  constructor(parts: WitnessParts) {
    this.parts = parts;
    this.recordPath = parts.record;
    this.tape = new Tape(parts.tag);
    this.journal = new JournalSide({ records: this.records }, { bot: parts.bot, tag: parts.tag, lineage: 1 });
    const evidence: Evidence = {
      tape: this.tape,
      journal: this.journal,
      durablePosition: () => Number.POSITIVE_INFINITY,
      report: (checker, text) => this.report(checker, text),
      nowMs: () => this.journal.shadow.nowMs,
      // kills are all there is here
      disturbedUntilMs: () => Number.POSITIVE_INFINITY,
      faultless: false,
    };
    const checkers = allCheckers(evidence, () => this.postings).filter(
      ({ name }) => !NOT_HERE.has(name) && parts.without?.includes(name) !== true,
    );
    this.checkers = [...checkers, starts(evidence)];
  }

  /** Reads what is new on both sides: the record first, so that whatever it knows the journal must know. */
  catchUp(): void {
    const entries = [...this.newEntries()];
    const reader = this.parts.open();
    try {
      const from = this.records.length + this.waiting.length;
      for (const record of reader.records(from)) this.waiting.push(record);
      this.ownedEpoch = reader.meta.epoch;
    } finally {
      reader.close();
    }
    for (const entry of entries) {
      this.entries += 1;
      this.feedJournal(entry.atUs + (this.parts.clockErrorMs ?? 0) * 1000);
      this.tape.take(entry);
      for (const checker of this.checkers) checker.onTape?.(entry);
    }
    this.feedJournal(Number.POSITIVE_INFINITY);
  }

  /** The journal lost its end: everything of it is read again, and what was judged is not judged again. */
  cut(): void {
    this.readingAgain = true;
    this.runEpoch = 0;
    this.recoveredEpoch = 0;
    this.records.length = 0;
    this.waiting = [];
    this.settled.clear();
    const reader = this.parts.open();
    for (const record of reader.records(0)) this.records.push(record);
    reader.close();
    this.journal.reset({
      ...this.reading,
      onCut: () => {
        for (const checker of this.checkers) checker.onCut?.();
      },
    });
    this.readingAgain = false;
  }

  /** Both sides agree and nothing is under way: null, or what differs. */
  difference(truth: Truth, standing: Standing): string | null {
    const { tape, journal, entries } = this;
    if (journal.shadow.seq !== standing.seq || entries !== truth.recorded) return "events are still coming";
    if (this.ownedEpoch > standing.epoch) return `the start of epoch ${this.ownedEpoch} is under way`;
    if (standing.unsettled > 0) return `${standing.unsettled} orders or answers are under way`;
    if (standing.position !== truth.position) return `position ${standing.position}, exchange ${truth.position}`;
    if (standing.fills !== tape.fills.size) return `${standing.fills} fills, exchange ${tape.fills.size}`;
    // told a moment after it was settled: as much under way as an answer is
    const untold = tape.funding.length - this.settled.size;
    if (untold > 0) return `${untold} of ${tape.funding.length} settlements are not booked`;
    const ours = [...standing.open].sort().join(" ");
    const theirs = [...truth.open].sort().join(" ");
    return ours === theirs ? null : `open orders\n  ${ours}\n  exchange\n  ${theirs}`;
  }

  /** The last word of all checkers. `whole`: the journal is also replayed from its first record. */
  judge({ truth, standing }: Sides, { whole, started }: { readonly whole: boolean; readonly started: number }): void {
    const reader = this.parts.open();
    try {
      this.postings = [...reader.postings(0)].filter((posting) => posting.seq <= standing.seq);
      if (standing.epoch > started) {
        this.report("starts", `${started} processes were started, the epoch is ${standing.epoch}`);
      }
      const ending = {
        exchangePosition: truth.position,
        cashChange: truth.cashChange,
        cashByHand: 0n,
        latched: this.latched(standing),
        verify: () => this.verify(reader, standing, whole),
      };
      for (const checker of this.checkers) checker.atEnd?.(ending);
    } catch (error) {
      this.report("journal", error instanceof Error ? error.message : String(error));
    } finally {
      reader.close();
    }
  }

  /** Why the bot may stand still, or null when it should be quoting. */
  private latched({ phase, blocks }: Standing): string | null {
    if (phase !== "running" || blocks.length > 0) return `${phase} ${blocks.join(" ")}`;
    const view = strategyView(this.journal.shadow);
    if (view === null || view.phase !== "running") return `grid ${view?.phase ?? "not configured"}`;
    // a slot with an order out is no reason to have none
    const waiting = view.ladder.filter(({ clientOrderId, note }) => clientOrderId === null && note !== "");
    const notes = waiting.map(({ note }) => note);
    return view.gates.length + notes.length === 0 ? null : [...view.gates, ...notes].join(" ");
  }

  private verify(reader: WitnessReader, { seq, stateHash, epoch }: Standing, whole: boolean): string | null {
    reader.verify(0);
    reader.checkPages?.();
    if (reader.meta.epoch !== epoch) return `the journal is of epoch ${reader.meta.epoch}, the process of ${epoch}`;
    const replayed = sha256(productionEngine.encode(this.journal.shadow));
    if (replayed !== stateHash) return `at event ${seq} the replayed state is ${replayed}, the live one ${stateHash}`;
    if (!whole) return null;
    const again = replayJournal(reader, { engine: productionEngine, fromSeq: 1, toSeq: seq });
    return again.stateHash === stateHash
      ? null
      : `the whole replay ends at ${again.stateHash}, the live state is ${stateHash}`;
  }

  private readonly reading: JournalReaderOf = {
    onEvent: (record, event) => {
      if (event.kind === "run-started") this.runEpoch = event.epoch;
      else if (event.kind === "recovered") this.recoveredEpoch = record.epoch;
      else if (event.kind === "funding-settled") this.settled.add(event.settledAtMs);
      for (const checker of this.checkers) checker.onEvent?.(record, event);
    },
    onEffect: (record, effect) => {
      for (const checker of this.checkers) checker.onEffect?.(record, effect);
    },
    onCut: () => {},
  };

  /** What was recorded up to that time: a decision is recorded before the exchange can hear of it. */
  private feedJournal(untilUs: number): void {
    const later = this.waiting.findIndex((record) => record.atMs * 1000 > untilUs);
    const due = this.waiting.splice(0, later < 0 ? this.waiting.length : later);
    this.records.push(...due);
    this.journal.catchUp(this.reading);
  }

  private *newEntries(): IterableIterator<RecordEntry> {
    const file = openSync(this.recordPath, "a+");
    const chunk = Buffer.alloc(1 << 20);
    for (;;) {
      const size = readSync(file, chunk, 0, chunk.length, this.recordOffset);
      if (size === 0) break;
      this.recordOffset += size;
      this.recordRest += chunk.toString("utf8", 0, size);
    }
    closeSync(file);
    const lines = this.recordRest.split("\n");
    this.recordRest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as RecordEntry;
  }

  private report(checker: string, text: string): void {
    if (!this.readingAgain) this.violations.push({ checker, text });
  }
}
