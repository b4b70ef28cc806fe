// What a process knows about its own health: every check is measured when asked, or carries the age of its evidence
// (OPS-23). Nothing here is ever set once and believed.

import { setTimeout as wait } from "node:timers/promises";

export interface Verdict {
  readonly ok: boolean;
  /** For a person: what is so, or what is awaited and from whom. */
  readonly text: string;
}

export interface CheckResult extends Verdict {
  readonly name: string;
  /** How old the evidence is; 0 where it was measured just now, null where there is none yet. */
  readonly ageMs: number | null;
  /** Evidence older than this fails; null where it is measured when asked. */
  readonly limitMs: number | null;
}

export interface ProbeOptions {
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Looks at the dependency; what it throws fails the check with its message. */
  readonly run: (signal: AbortSignal) => Promise<Verdict>;
}

interface Check {
  read(): CheckResult;
}

export class Liveness {
  private readonly checks = new Map<string, Check>();
  private readonly nowMs: () => number;
  private readonly ending = new AbortController();
  private readonly probes: Promise<void>[] = [];

  /** `nowMs`: monotonic milliseconds. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.nowMs = nowMs;
  }

  /** Measured at the moment somebody asks. */
  reading(name: string, read: () => Verdict): void {
    this.checks.set(name, {
      read: () => {
        try {
          return { name, ...read(), ageMs: 0, limitMs: null };
        } catch (error) {
          return { name, ok: false, text: textOf(error), ageMs: 0, limitMs: null };
        }
      },
    });
  }

  /** Fails unless the returned function was called within `limitMs`. */
  beat(name: string, limitMs: number): (text?: string) => void {
    let atMs: number | null = null;
    let last = "";
    this.checks.set(name, {
      read: () => {
        const ageMs = atMs === null ? null : Math.floor(this.nowMs() - atMs);
        const ok = ageMs !== null && ageMs <= limitMs;
        const text = ok ? last : ageMs === null ? "nothing heard yet" : `nothing heard for ${ageMs} ms`;
        return { name, ok, text, ageMs, limitMs };
      },
    });
    return (text = "") => {
      atMs = this.nowMs();
      last = text;
    };
  }

  /** Looks again and again; a look that hangs fails by its time-out, and an old one by its age. */
  probe(name: string, { everyMs, timeoutMs, run }: ProbeOptions): void {
    const limitMs = everyMs + 2 * timeoutMs;
    let atMs: number | null = null;
    let last: Verdict = { ok: false, text: "not looked yet" };
    this.checks.set(name, {
      read: () => {
        const ageMs = atMs === null ? null : Math.floor(this.nowMs() - atMs);
        if (ageMs === null || ageMs <= limitMs) return { name, ...last, ageMs, limitMs };
        return { name, ok: false, text: `not looked for ${ageMs} ms`, ageMs, limitMs };
      },
    });
    const look = async (): Promise<void> => {
      const { signal } = this.ending;
      while (!signal.aborted) {
        last = await oneLook(run, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]), timeoutMs);
        atMs = this.nowMs();
        await wait(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    };
    this.probes.push(look());
  }

  /** The check is over: what it was about is no part of this process any more. */
  remove(name: string): void {
    this.checks.delete(name);
  }

  results(): readonly CheckResult[] {
    return [...this.checks.values()].map((check) => check.read());
  }

  /** Ends every look, and waits for those under way. */
  async close(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.probes);
  }
}

/** A look's word, its error, or its silence. */
async function oneLook(run: ProbeOptions["run"], signal: AbortSignal, timeoutMs: number): Promise<Verdict> {
  const silent = new Promise<Verdict>((resolve) => {
    const say = (): void => resolve({ ok: false, text: `no answer within ${timeoutMs} ms` });
    if (signal.aborted) say();
    else signal.addEventListener("abort", say, { once: true });
  });
  try {
    return await Promise.race([run(signal), silent]);
  } catch (error) {
    return { ok: false, text: textOf(error) };
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
