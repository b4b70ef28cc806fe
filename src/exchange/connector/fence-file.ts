// The highest run numbers seen, kept through the life of a connector (API-12): a restart must not let an engine place
// again that was told it is over. A whole file or the one before, never half; one that cannot be read makes every
// run doubtful, and says so until it is removed.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { FenceMemory, KnownRuns } from "./fence.ts";
import type { ConnectorLog } from "./observer.ts";

/** In `path`, whose folder is there. What cannot be read or written is said to `log`: a full disk stops no cancel. */
export function fenceFile(path: string, log: Pick<ConnectorLog, "error">): FenceMemory {
  return {
    read: () => {
      const known = readKnown(path, log);
      if (known.lost) {
        const todo =
          "a bot may place after its next restart; once no old engine runs, stop the connector and remove it";
        log.error("numbers of bots' runs were lost: none may place until it was started again", { path, todo });
      }
      return known;
    },
    keep: ({ highest, lost }) => {
      try {
        const runs = Object.fromEntries(highest);
        write(path, JSON.stringify(lost ? { ...runs, [LOST]: 1 } : runs));
      } catch (error) {
        log.error("run numbers of bots are not kept: a restart will forget them", { path, error: String(error) });
      }
    },
  };
}

/** No bot is named so. */
const LOST = "";

function readKnown(path: string, log: Pick<ConnectorLog, "error">): KnownRuns {
  try {
    const highest = new Map(existsSync(path) ? epochsOf(JSON.parse(readFileSync(path, "utf8"))) : []);
    return { highest, lost: highest.delete(LOST) };
  } catch (error) {
    log.error("the file of bots' run numbers cannot be read", { path, error: String(error) });
    return { highest: new Map(), lost: true };
  }
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
