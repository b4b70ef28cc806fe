// Notices that certificate or key files changed (API-30), by looking every two seconds: files that are replaced by
// renaming, as every careful writer does, are lost on a watcher of the system. What a change means is the caller's.

import { statSync } from "node:fs";
import { REAL_TIMERS, type Timers } from "./timers.ts";

const LOOK_MS = 2_000;

export interface FileWatch {
  close(): void;
}

/** Calls `changed` after any of the files was written, replaced, removed or came back; never inside `watchFiles`. */
export function watchFiles(paths: readonly string[], changed: () => void, timers: Timers = REAL_TIMERS): FileWatch {
  let seen = paths.map(markOf).join("\n");
  let cancel = (): void => undefined;
  const look = (): void => {
    const now = paths.map(markOf).join("\n");
    cancel = timers.after(LOOK_MS, look);
    if (now === seen) return;
    seen = now;
    changed();
  };
  cancel = timers.after(LOOK_MS, look);
  return { close: () => cancel() };
}

/** Says whether it is the same file with the same content, as far as the file system knows. */
function markOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? "none" : `${found.ino} ${found.size} ${found.mtimeNs}`;
}
