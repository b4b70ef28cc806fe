// Builds the book from a REST snapshot and its diffs by the exchange's rules (BT-02, BT-11), and writes what is valid
// to the tape: drop, straddle, chain. Binance documents them under "How to manage a local order book correctly".

import { FastDepth } from "../market/depth.ts";
import { RowFlag, RowKind, type TapeBuilder } from "../market/tape.ts";
import type { Findings } from "./finding.ts";
import type { FrameReader } from "./frame.ts";
import type { QuoteCheck } from "./quote-check.ts";

/** Which sync rule holds: USDⓈ-M diffs carry `pu`, spot diffs do not. */
export type Market = "spot" | "usdm";

export interface BookFigures {
  readonly buffered: number;
  readonly dropped: number;
  readonly applied: number;
  readonly snapshots: number;
  readonly levelUpdates: number;
  readonly removals: number;
  /** Removals of levels that were not there: normal, since a snapshot holds only the best levels. */
  readonly absentRemovals: number;
  readonly valid: boolean;
}

/** A diff kept until its snapshot comes: a copy of what the reader held. */
interface Kept {
  readonly exchangeUs: number;
  readonly firstId: number;
  readonly id: number;
  readonly line: number;
  readonly file: number;
  readonly fileName: string;
  readonly bids: number;
  readonly price: Float64Array;
  readonly quantity: Float64Array;
  /** The chain broke before it, and whether that was already told. */
  readonly broken: boolean;
  told: boolean;
}

// Diffs and levels kept while waiting; beyond it the oldest diffs are forgotten, since a snapshot is only seconds late.
const KEPT_DIFFS_MAX = 20_000;
const KEPT_LEVELS_MAX = 1_000_000;

type State = "waiting" | "straddling" | "valid";

export class BookSync {
  readonly book = new FastDepth();
  readonly figures = {
    buffered: 0,
    dropped: 0,
    applied: 0,
    snapshots: 0,
    levelUpdates: 0,
    removals: 0,
    absentRemovals: 0,
  };
  private readonly market: Market;
  private readonly tape: TapeBuilder;
  private readonly findings: Findings;
  private readonly quotes: QuoteCheck;
  private state: State = "waiting";
  private everValid = false;
  /** `u` of the newest diff seen, applied or not; 0 before the first. */
  private newestId = 0;
  private snapshotId = 0;
  private lowest = 0;
  private highest = 0;
  private beyond = false;
  private firstDiff: { readonly file: string; readonly line: number } | null = null;
  private kept: Kept[] = [];
  private keptLevels = 0;

  constructor(market: Market, tape: TapeBuilder, findings: Findings, quotes: QuoteCheck) {
    this.market = market;
    this.tape = tape;
    this.findings = findings;
    this.quotes = quotes;
  }

  /** A depth diff, in the reader; `localUs` is the tape's local time. */
  onDiff(frame: FrameReader, localUs: number, line: number): void {
    this.firstDiff ??= { file: this.findings.file, line };
    this.figures.levelUpdates += frame.levels.count;
    for (let i = 0; i < frame.levels.count; i += 1) if (frame.levels.quantity[i] === 0) this.figures.removals += 1;
    if (this.newestId > 0 && frame.id <= this.newestId) {
      this.findings.add(frame.id === this.newestId ? "duplicateFrame" : "staleFrame", line);
      return;
    }
    const broken = this.newestId > 0 && !this.follows(frame);
    this.newestId = frame.id;
    const kept: Kept = {
      exchangeUs: frame.eventMs * 1000,
      firstId: frame.firstId,
      id: frame.id,
      line,
      file: this.tape.sourceFile,
      fileName: this.findings.file,
      bids: frame.levels.bids,
      price: frame.levels.price.subarray(0, frame.levels.count),
      quantity: frame.levels.quantity.subarray(0, frame.levels.count),
      broken,
      told: broken && this.everValid,
    };
    if (kept.told) this.findings.add("sequenceBreak", line);
    if (this.state === "waiting" || !this.advance(kept, localUs)) this.keep(kept);
  }

  /** A REST snapshot, in the reader. */
  onSnapshot(frame: FrameReader, localUs: number, line: number): void {
    this.figures.snapshots += 1;
    if (this.state === "valid" && frame.id < this.newestId) {
      this.findings.add("staleFrame", line);
      return;
    }
    this.load(frame, localUs, line);
    this.state = "straddling";
    const kept = this.kept;
    this.figures.buffered += kept.length;
    this.kept = [];
    this.keptLevels = 0;
    for (const diff of kept) {
      // read anew each turn: a diff that breaks the chain loses the book for those after it
      if (!this.hasBook() || !this.advance(diff, localUs)) this.keep(diff);
    }
  }

  finish(): BookFigures {
    if (this.firstDiff !== null && this.figures.snapshots === 0) {
      const { file, line } = this.firstDiff;
      this.findings.add("syncImpossible", line);
      this.findings.setPlace("syncImpossible", file, line);
      this.findings.describe("syncImpossible", "the data hold no snapshot");
    }
    return { ...this.figures, valid: this.state !== "waiting" };
  }

  private hasBook(): boolean {
    return this.state !== "waiting";
  }

  private follows(frame: FrameReader): boolean {
    if (this.market === "usdm" && frame.previousId >= 0) return frame.previousId === this.newestId;
    return frame.firstId === this.newestId + 1;
  }

  /** Applies or drops a diff while a snapshot is loaded; false when it loses the book and waits for the next one. */
  private advance(diff: Kept, localUs: number): boolean {
    if (this.state === "straddling") {
      const next = this.market === "usdm" ? this.snapshotId : this.snapshotId + 1;
      if (diff.id < next) {
        this.figures.dropped += 1;
        return true;
      }
      if (diff.firstId > next) {
        this.tellAt("syncImpossible", diff);
        this.lose(diff, localUs);
        return false;
      }
      this.state = "valid";
      this.everValid = true;
    } else if (diff.broken) {
      if (!diff.told) this.tellAt("sequenceBreak", diff);
      diff.told = true;
      this.lose(diff, localUs);
      return false;
    }
    this.apply(diff, localUs);
    return true;
  }

  private lose(diff: Kept, localUs: number): void {
    this.state = "waiting";
    this.inFileOf(diff, () =>
      this.tape.push(RowKind.bookInvalid, RowFlag.frameEnd, localUs, diff.exchangeUs, 0, 0, diff.id, diff.line),
    );
  }

  private tellAt(name: "syncImpossible" | "sequenceBreak", diff: Kept): void {
    const first = this.findings.count(name) === 0;
    this.findings.add(name, diff.line);
    if (first) this.findings.setPlace(name, diff.fileName, diff.line);
  }

  /** Diffs kept across a file's end are rows of the file they came from. */
  private inFileOf(diff: Kept, write: () => void): void {
    const current = this.tape.sourceFile;
    this.tape.sourceFile = diff.file;
    write();
    this.tape.sourceFile = current;
  }

  private apply(diff: Kept, localUs: number): void {
    const current = this.tape.sourceFile;
    this.tape.sourceFile = diff.file;
    this.figures.applied += 1;
    const { price, quantity, exchangeUs, id, line, bids } = diff;
    const count = price.length;
    const { tape, book } = this;
    for (let i = 0; i < count; i += 1) {
      const at = price[i] ?? 0;
      const lots = quantity[i] ?? 0;
      const bid = i < bids;
      const before = book.set(bid ? "buy" : "sell", at, lots);
      if (lots === 0 && before === 0) this.figures.absentRemovals += 1;
      const flags = i === count - 1 ? RowFlag.frameEnd : 0;
      tape.push(bid ? RowKind.bidLevel : RowKind.askLevel, flags, localUs, exchangeUs, at, lots, id, line);
    }
    if (count === 0) tape.push(RowKind.diffEmpty, RowFlag.frameEnd, localUs, exchangeUs, 0, 0, id, line);
    tape.sourceFile = current;
    this.judge(id, line);
  }

  private judge(id: number, line: number): void {
    const bid = this.book.best("buy");
    const ask = this.book.best("sell");
    if (bid >= ask && bid > 0 && ask > 0) this.findings.add("crossedBook", line);
    else this.quotes.onBook(id, this.book, line);
    const beyond = bid < this.lowest || ask > this.highest || ask === 0;
    if (beyond && !this.beyond) this.findings.add("beyondSnapshot", line);
    this.beyond = beyond;
  }

  private load(frame: FrameReader, localUs: number, line: number): void {
    const { levels, id } = frame;
    const exchangeUs = frame.eventMs * 1000;
    const { tape, book } = this;
    book.clear();
    tape.push(RowKind.snapshotStart, levels.count === 0 ? RowFlag.frameEnd : 0, localUs, exchangeUs, 0, 0, id, line);
    this.lowest = 0;
    this.highest = 0;
    for (let i = 0; i < levels.count; i += 1) {
      const at = levels.price[i] ?? 0;
      const lots = levels.quantity[i] ?? 0;
      const bid = i < levels.bids;
      book.set(bid ? "buy" : "sell", at, lots);
      if (bid && (this.lowest === 0 || at < this.lowest)) this.lowest = at;
      if (!bid && at > this.highest) this.highest = at;
      const flags = i === levels.count - 1 ? RowFlag.frameEnd : 0;
      tape.push(bid ? RowKind.bidLevel : RowKind.askLevel, flags, localUs, exchangeUs, at, lots, id, line);
    }
    this.snapshotId = id;
    this.beyond = false;
  }

  private keep(diff: Kept): void {
    this.kept.push({ ...diff, price: diff.price.slice(), quantity: diff.quantity.slice() });
    this.keptLevels += diff.price.length;
    while (this.keptLevels > KEPT_LEVELS_MAX || this.kept.length > KEPT_DIFFS_MAX) {
      this.keptLevels -= this.kept.shift()?.price.length ?? 0;
    }
  }
}
