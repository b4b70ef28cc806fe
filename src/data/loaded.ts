// What every loader gives back, and the options they share.

import type { FastDepth } from "../market/depth.ts";
import type { Instrument } from "../market/instrument.ts";
import { type Tape, TapeBuilder } from "../market/tape.ts";
import type { BookFigures } from "./book-sync.ts";
import type { ClockFigures } from "./clock-check.ts";
import type { Finding } from "./finding.ts";
import type { RuleOptions } from "./rules.ts";
import type { SourceFacts } from "./source.ts";
import type { TradeFigures } from "./trade-check.ts";

export type DataKind = "frames" | "candles" | "trades" | "funding";

/** Rows written so far, and packed bytes done over all sources. */
export interface LoadProgress {
  readonly rows: number;
  readonly lines: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface LoadOptions extends RuleOptions {
  /** Takes the tape piece by piece as it grows, so that memory stays flat; the result's tape is then empty. */
  readonly onPiece?: (piece: Tape) => void;
  readonly pieceRows?: number;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Candle columns, when the file's header is not ours or is absent: names in the file's order. */
  readonly columns?: readonly string[];
  /** Sorts a trade file by id; only when asked (BT-11). */
  readonly sort?: boolean;
  /** Zone of a funding file's dates, `UTC` or `±hh:mm`; UTC when absent. */
  readonly timeZone?: string;
  readonly fundingIntervalMs?: number;
  readonly missingFunding?: "refuse" | "skip" | "carry";
}

export interface Loaded {
  readonly kind: DataKind;
  readonly instrument: Instrument;
  /** All rows; empty when `onPiece` took them. */
  readonly tape: Tape;
  readonly rows: number;
  readonly sources: readonly SourceFacts[];
  readonly findings: readonly Finding[];
  readonly clock: ClockFigures | null;
  /** Counts and sums a person or a test compares by; names are stable. */
  readonly figures: Readonly<Record<string, number | string>>;
  readonly trades: TradeFigures | null;
  readonly bookFigures: BookFigures | null;
  /** Book after all rows; null where the data hold none. */
  readonly book: FastDepth | null;
}

const PIECE_ROWS = 1 << 16;

/** The builder of one load: hands pieces on, or keeps all rows. */
export class TapeOut {
  readonly builder: TapeBuilder;
  private readonly onPiece: ((piece: Tape) => void) | undefined;
  private readonly pieceRows: number;
  private handed = 0;

  constructor(options: Pick<LoadOptions, "onPiece" | "pieceRows">) {
    this.onPiece = options.onPiece;
    this.pieceRows = options.pieceRows ?? PIECE_ROWS;
    this.builder = new TapeBuilder(this.pieceRows);
  }

  get rows(): number {
    return this.handed + this.builder.rows;
  }

  /** Called where a frame is complete: a piece never ends inside one. */
  flush(): void {
    if (this.onPiece === undefined || this.builder.rows < this.pieceRows) return;
    this.handed += this.builder.rows;
    this.onPiece(this.builder.take());
  }

  /** The tape of the result. */
  finish(): Tape {
    if (this.onPiece !== undefined && this.builder.rows > 0) {
      this.handed += this.builder.rows;
      this.onPiece(this.builder.take());
    }
    return this.builder.finish();
  }
}
