// The one error of this folder: data that cannot be read, understood or written. What can be read but looks wrong is a
// finding (finding.ts), never an error.

export type DataErrorCode =
  | "missing"
  | "directory"
  | "empty"
  | "cannotRead"
  | "cannotWrite"
  | "notGzip"
  | "damaged"
  | "lineTooLong"
  | "unknownFormat"
  | "mixedFormats"
  | "badHeader"
  | "badOption"
  | "unknownInstrument"
  | "wrongSymbol"
  | "foreignFile"
  | "newerVersion"
  | "noCommonSettlement"
  | "refused";

export interface DataErrorParts {
  readonly file: string;
  /** 1-based; 0 when no line is to blame. */
  readonly line?: number;
  /** What happened. */
  readonly what: string;
  readonly expected: string;
  /** What the reader of the message should do. */
  readonly advice: string;
  readonly cause?: unknown;
}

/** `code` for programs; the message for people: place, what happened, what was expected, what to do. */
export class DataError extends Error {
  override readonly name = "DataError";
  readonly code: DataErrorCode;
  readonly file: string;
  readonly line: number;
  readonly expected: string;
  readonly advice: string;
  /** Of the design's table: 2 usage, 13 cannot write, 3 for data that are refused. */
  readonly exitCode: number;

  constructor(code: DataErrorCode, parts: DataErrorParts) {
    const line = parts.line ?? 0;
    const place = line > 0 ? `${parts.file}:${line}` : parts.file;
    super(`${place}: ${parts.what}; expected ${parts.expected}. ${parts.advice}.`, { cause: parts.cause });
    this.code = code;
    this.file = parts.file;
    this.line = line;
    this.expected = parts.expected;
    this.advice = parts.advice;
    this.exitCode = code === "badOption" ? 2 : code === "cannotWrite" ? 13 : 3;
  }

  /** A failed read or write of the operating system, as one of ours; any other error passes through unchanged. */
  static fromSystem(cause: unknown, file: string, doing: "read" | "write"): unknown {
    if (!(cause instanceof Error) || !("code" in cause) || cause instanceof DataError) return cause;
    const code = String(cause.code);
    const parts = { file, cause };
    if (doing === "read" && code === "ENOENT") {
      return new DataError("missing", {
        ...parts,
        what: "no such file",
        expected: "a data file",
        advice: "Check the path",
      });
    }
    if (doing === "read" && code === "EISDIR") {
      return new DataError("directory", {
        ...parts,
        what: "this is a folder",
        expected: "a data file",
        advice: "Name the files in it",
      });
    }
    if (doing === "read") {
      return new DataError("cannotRead", {
        ...parts,
        what: `cannot be read (${code})`,
        expected: "a readable file",
        advice: "Check its permissions and the disk",
      });
    }
    const full = code === "ENOSPC" || code === "EDQUOT";
    return new DataError("cannotWrite", {
      ...parts,
      what: full ? "the disk is full" : `cannot be written (${code})`,
      expected: "room and permission to write there",
      advice: full
        ? "Free some space; nothing half-written was left"
        : "Check the folder; nothing was left half-written",
    });
  }
}
