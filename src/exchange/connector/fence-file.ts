// The highest run numbers seen, kept through the life of a connector (API-12): a restart must not let an engine place
// again that was told it is over. A whole file or the one before, never half of one.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { FenceMemory } from "./fence.ts";
import type { ConnectorLog } from "./observer.ts";

/** In `path`, whose folder is there. What cannot be read or written is said to `log`: a full disk stops no cancel. */
export function fenceFile(path: string, log: Pick<ConnectorLog, "error">): FenceMemory {
  return {
    read: () => {
      try {
        return existsSync(path) ? epochsOf(JSON.parse(readFileSync(path, "utf8"))) : new Map();
      } catch (error) {
        log.error("run numbers of bots are forgotten: their file cannot be read", { path, error: String(error) });
        return new Map();
      }
    },
    keep: (highest) => {
      try {
        write(path, JSON.stringify(Object.fromEntries(highest)));
      } catch (error) {
        log.error("run numbers of bots are not kept: a restart will forget them", { path, error: String(error) });
      }
    },
  };
}

function write(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function epochsOf(read: unknown): ReadonlyMap<string, number> {
  if (typeof read !== "object" || read === null) throw new Error("it holds no run numbers");
  return new Map(
    Object.entries(read).map(([bot, epoch]: [string, unknown]): [string, number] => {
      if (typeof epoch !== "number" || !Number.isSafeInteger(epoch)) throw new Error(`${bot} has no run number`);
      return [bot, epoch];
    }),
  );
}
