// The processes live-server reads, and itself, with what each last said of itself, and the journals of the bots. Ages
// are told by receipt on this machine's own clock.

import type { FeedState } from "./messages.ts";
import type { ProcessReport } from "./picture-writer.ts";
import type { JournalFigures, Process, System } from "./system-messages.ts";

interface Known extends ProcessReport {
  /** When it last spoke of itself, monotonic ms. */
  readonly toldAtMs: number;
  /** It was away since it spoke: what it said is no longer so. */
  readonly outdated: boolean;
}

/** What is so of a process that is back, until it says how far it is. */
const BACK = { name: "process", ok: false, text: "recovering: it has not said yet how far it is" } as const;

interface Standing {
  readonly text: string;
  readonly sinceMs: number;
}

export class SystemBoard {
  private readonly monotonicMs: () => number;
  private readonly known = new Map<string, Known>();
  private readonly standings = new Map<string, Standing>();
  private readonly journalsOf = new Map<string, readonly JournalFigures[]>();

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  /** `told` null keeps what it said before. */
  process(report: ProcessReport): void {
    const before = this.known.get(report.id);
    const told = report.told ?? before?.told ?? null;
    const toldAtMs = report.told === null ? (before?.toldAtMs ?? 0) : this.monotonicMs();
    const outdated = report.told === null && (before?.outdated ?? false);
    this.known.set(report.id, { ...report, told, toldAtMs, outdated });
  }

  journals(source: string, list: readonly JournalFigures[]): void {
    this.journalsOf.set(source, list);
  }

  /** True when a process is heard otherwise than at the last call: worth telling at once. */
  changed(stateOf: (source: string) => FeedState): boolean {
    let news = false;
    for (const process of this.known.values()) {
      const state = stateOf(process.id);
      if (state === "DOWN") this.known.set(process.id, { ...process, outdated: true });
      const text = `${state} ${process.told?.ready}`;
      if (this.standings.get(process.id)?.text === text) continue;
      this.standings.set(process.id, { text, sinceMs: this.monotonicMs() });
      news = true;
    }
    return news;
  }

  /** Everything with its ages of this moment. */
  read(stateOf: (source: string) => FeedState): System {
    this.changed(stateOf);
    const now = this.monotonicMs();
    const processes = [...this.known.values()].map(({ id, kind, address, told, toldAtMs, outdated }): Process => {
      const uptimeMs = told === null ? 0 : Math.round(told.uptimeMs + now - toldAtMs);
      const unchangedMs = Math.round(now - (this.standings.get(id)?.sinceMs ?? now));
      const said = told && { ...told, uptimeMs, ...(outdated ? { ready: false, checks: [BACK] } : {}) };
      return { id, kind, address, state: stateOf(id), told: said, unchangedMs };
    });
    const journals = [...this.journalsOf.values()].flat().sort((a, b) => (a.bot < b.bot ? -1 : 1));
    return { processes, journals };
  }
}
