// Lines that say the same again and again are counted, not repeated (RISK-49). The same line at once after itself is
// counted; one that comes back between others is written a few times a minute, so that what changes to and fro is seen
// to do so, and counted beyond that. What was counted is told within a minute.

/** Where a timer is set; returns what cancels it. */
export type Later = (ms: number, act: () => void) => () => void;

/** The machine's timers; none keeps the process alive. */
export const LATER: Later = (ms, act) => {
  const timer = setTimeout(act, ms);
  timer.unref();
  return () => clearTimeout(timer);
};

export interface RepeatsOptions {
  /** Writes the line that was held back, with how often. */
  readonly tell: (line: string, times: number) => void;
  readonly later: Later;
}

interface Known {
  written: number;
  held: number;
  line: string;
  cancel: () => void;
}

const WINDOW_MS = 60_000;
const WRITTEN_MAX = 5;
/** Different lines remembered; the oldest gives way. */
const KNOWN_MAX = 500;

export class Repeats {
  private readonly options: RepeatsOptions;
  private readonly known = new Map<string, Known>();
  private last = "";

  constructor(options: RepeatsOptions) {
    this.options = options;
  }

  /** Whether a line is to be written now. `key`: the line without its time. */
  take(key: string, line: string): boolean {
    const again = key === this.last;
    this.last = key;
    const known = this.known.get(key);
    if (known === undefined) {
      this.remember(key, line);
      return true;
    }
    if (!again && known.written < WRITTEN_MAX) {
      known.written += 1;
      return true;
    }
    known.held += 1;
    known.line = line;
    return false;
  }

  /** Tells what is still held back. */
  close(): void {
    for (const [key, { cancel }] of this.known) {
      cancel();
      this.end(key);
    }
  }

  private remember(key: string, line: string): void {
    const oldest = this.known.size >= KNOWN_MAX ? this.known.entries().next() : null;
    if (oldest !== null && oldest.done !== true) {
      const [first, { cancel: forget }] = oldest.value;
      forget();
      this.end(first);
    }
    const cancel = this.options.later(WINDOW_MS, () => this.end(key));
    this.known.set(key, { written: 1, held: 0, line, cancel });
  }

  private end(key: string): void {
    const known = this.known.get(key);
    this.known.delete(key);
    if (known !== undefined && known.held > 0) this.options.tell(known.line, known.held);
  }
}
