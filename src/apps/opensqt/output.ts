// How commands speak: results on stdout, everything else on stderr; `--json` prints one document and nothing more.

import { EXIT_CODES } from "./exit-codes.ts";

/** One document of `--json` (OPS-11). Bigints become decimal text. `ok: false` with data: a check that failed. */
export function printJson(data: unknown, ok = true): void {
  process.stdout.write(`${JSON.stringify({ v: 1, ok, data }, bigintAsText, 2)}\n`);
}

/** The document of a command that came to nothing. */
export function printJsonError(error: {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}): void {
  process.stdout.write(`${JSON.stringify({ v: 1, ok: false, error }, null, 2)}\n`);
}

const bigintAsText = (_key: string, value: unknown): unknown => {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Map ? Object.fromEntries(value) : value;
};

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** An error a command ends with, by its exit code and one clear message. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;
  /** What to do about it, where the message does not say; "" otherwise. */
  readonly hint: string;

  constructor(exitCode: number, message: string, hint = "") {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export const usageError = (message: string): CommandError => new CommandError(EXIT_CODES.usage, message);

/** UTC to the millisecond, for people. */
export const timeText = (atMs: number): string => new Date(atMs).toISOString().replace("T", " ").replace("Z", " UTC");

/** Columns of the terminal: what `COLUMNS` says where there is none. */
export function terminalWidth(): number {
  const named = Number.parseInt(process.env["COLUMNS"] ?? "", 10);
  return process.stdout.columns ?? (Number.isSafeInteger(named) && named > 20 ? named : 100);
}

/** Colour only on a terminal whose owner did not refuse it. */
export const wantsColor = (): boolean => process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "";
