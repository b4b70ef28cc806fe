// What the console is told of the processes behind it and of the bots' journals (docs/spec/live.md section 6). Types
// only; messages.ts passes them on.

import type { FeedState, Ms } from "./messages.ts";

export interface ProcessCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
}

export interface Process {
  /** Name of the source; `live-server` for this server itself. */
  readonly id: string;
  readonly kind: "connector" | "engine" | "live-server";
  /** Where live-server reaches it; its own where a browser does. */
  readonly address: string;
  /** Whether it is heard. */
  readonly state: FeedState;
  /** What it last said of itself; null when it never spoke, or its release is too old to. */
  readonly told: {
    readonly release: string;
    readonly host: string;
    readonly pid: number;
    readonly uptimeMs: number;
    readonly ready: boolean;
    readonly checks: readonly ProcessCheck[];
  } | null;
  /** For how long it is heard, and ready, as it is now. */
  readonly unchangedMs: number;
}

export interface JournalFigures {
  readonly bot: string;
  /** Records. */
  readonly position: number;
  /** Newest event. */
  readonly sequence: number;
  /** 0: unknown. */
  readonly bytes: number;
  /** 99 of 100 of the newest commits took no longer, microseconds; 0 before the first. */
  readonly commitP99Us: number;
  readonly snapshotSequence: number;
  /** -1: none was taken in this run. */
  readonly snapshotAgeMs: Ms;
  /** What a commit outlives: kill, send, all. */
  readonly sync: string;
}

export interface System {
  readonly processes: readonly Process[];
  readonly journals: readonly JournalFigures[];
}
