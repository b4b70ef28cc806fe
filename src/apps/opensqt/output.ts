// How commands speak: results on stdout, everything else on stderr; `--json` prints one document and nothing more.

/** One document of `--json` (OPS-11). Bigints become decimal text. */
export function printJson(data: unknown): void {
  process.stdout.write(`${JSON.stringify({ v: 1, ok: true, data }, bigintAsText, 2)}\n`);
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

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** UTC to the millisecond, for people. */
export const timeText = (atMs: number): string => new Date(atMs).toISOString().replace("T", " ").replace("Z", " UTC");
