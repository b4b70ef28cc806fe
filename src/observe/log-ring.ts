// The last lines of a log, read back from what was written, so they are masked as the file is. Bounded; a subscriber
// that throws is not heard again.

const LINES_MAX = 1000;

export interface LogLine {
  /** Grows by one per line of this process. */
  readonly sequence: number;
  readonly atMs: number;
  readonly level: string;
  readonly process: string;
  /** What kind of line it is, for programs; "" where it has none. */
  readonly code: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

export class LogRing {
  private readonly kept: LogLine[] = [];
  private readonly listeners = new Set<(line: LogLine) => void>();
  private count = 0;

  /** The last 1,000 lines, oldest first. */
  lines(): readonly LogLine[] {
    return [...this.kept];
  }

  /** Lines that were kept and had to make room. */
  get dropped(): number {
    return this.count - this.kept.length;
  }

  /** Calls `listener` with every line from now on. Returns the function that ends it. */
  subscribe(listener: (line: LogLine) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** One line as it is written. */
  take(json: string): void {
    const line = parsed(json, this.count + 1);
    if (line === null) return;
    this.count += 1;
    this.kept.push(line);
    if (this.kept.length > LINES_MAX) this.kept.shift();
    for (const listener of this.listeners) {
      try {
        listener(line);
      } catch {
        // a listener's fault must not reach the code that logs
        this.listeners.delete(listener);
      }
    }
  }
}

/** A line of JSON as a line of the ring; null where it is none. */
export function parsed(json: string, sequence: number): LogLine | null {
  try {
    const { at, level, process, msg, code, ...rest } = JSON.parse(json) as Readonly<Record<string, unknown>>;
    const atMs = Date.parse(textOf(at));
    if (Number.isNaN(atMs)) return null;
    const fields = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, textOf(value)]));
    return {
      sequence,
      atMs,
      level: textOf(level),
      process: textOf(process),
      code: textOf(code),
      text: textOf(msg),
      fields,
    };
  } catch {
    return null;
  }
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
