// When the journal is kept small (DUR-28, DUR-29): after a snapshot, a slice between two turns now and then, so that it
// never holds a turn up for long. What it cannot do is told and tried again at the next snapshot; the bot trades on.

import { JournalError } from "../journal/errors.ts";
import type { Journal, Retention } from "../journal/port.ts";
import type { OwnAlert } from "./context.ts";

/** Rest between two slices, ms of the machine: at most a fifth of the time is spent on it. */
const REST_MS = 100;

export interface CompactionParts {
  readonly journal: Journal;
  readonly retention: Retention;
  readonly machineMs: () => number;
  readonly alert: (alert: OwnAlert) => void;
}

export class Compaction {
  private readonly parts: CompactionParts;
  /** At first too: a slice may have been begun before a kill. */
  private due = true;
  private notBeforeMs = 0;

  constructor(parts: CompactionParts) {
    this.parts = parts;
  }

  /** A snapshot was taken: a prefix may end at an older one now. */
  snapshotTaken(): void {
    this.due = true;
  }

  /** A turn is over and the next has not begun. `nowMs`: engine time. */
  betweenTurns(nowMs: number): void {
    const { journal, retention, machineMs } = this.parts;
    if (!this.due || machineMs() < this.notBeforeMs) return;
    try {
      this.due = !journal.compact(retention, nowMs).done;
    } catch (error) {
      this.due = false;
      this.failed(error);
    }
    this.notBeforeMs = machineMs() + REST_MS;
  }

  private failed(error: unknown): void {
    const code = error instanceof JournalError ? error.code : "UNEXPECTED";
    const severity = code === "JOURNAL_CORRUPT" ? "critical" : "warning";
    const text = `old records could not be archived: ${error instanceof Error ? error.message : String(error)}`;
    this.parts.alert({ code: "journal-not-compacted", severity, text, facts: { code } });
  }
}
