// Who closes what (OPS-55): everything that lives on is given here with its close, and all of it is closed in the
// reverse order, awaited, within one budget. What has not ended by then is named and left to the end of the process.

import type { Log } from "../../observe/log.ts";

type Close = () => void | Promise<void>;

const CLOSE_MS_MAX = 5_000;

export class Owners {
  private readonly open: { readonly name: string; readonly close: Close }[] = [];
  private readonly log: Log;
  private readonly closeMsMax: number;
  private closing: Promise<number> | null = null;

  constructor(log: Log, closeMsMax = CLOSE_MS_MAX) {
    this.log = log;
    this.closeMsMax = closeMsMax;
  }

  /** `close` is called once, after those of everything that was added later. */
  add(name: string, close: Close): void {
    this.open.push({ name, close });
  }

  /** How many did not end in time or threw. Calling again waits for the same end. */
  close(): Promise<number> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<number> {
    const untilMs = performance.now() + this.closeMsMax;
    let bad = 0;
    for (const owner of this.open.reverse()) {
      const left = Math.max(0, untilMs - performance.now());
      const problem = await within(owner.close, left);
      if (problem === null) continue;
      bad += 1;
      this.log.warn(`${owner.name} ${problem}`, { code: "close-late", owner: owner.name });
    }
    return bad;
  }
}

/** Null when it ended; else what was wrong. */
async function within(close: Close, ms: number): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("did not end in time"), ms);
  });
  try {
    return await Promise.race([Promise.resolve(close()).then(() => null), late]);
  } catch (error) {
    return `could not be closed: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}
