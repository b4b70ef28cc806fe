// The highest run numbers seen, kept through the life of a connector (API-12): a restart must not let an engine place
// again that was told it is over. In two files, each whole or the one before: when one cannot be read the other stands
// in. Where neither can, every run is doubtful, and it is said so until both are removed.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import type { FenceMemory, KnownRuns } from "./fence.ts";
import type { ConnectorLog } from "./observer.ts";

/**
 * In `path`, whose folder is there, and in `path.copy`. What cannot be read or written is said to `log`: a full disk
 * stops no cancel. A `path` that is not there was removed, or never was: the copy says nothing then.
 */
export function fenceFile(path: string, log: Pick<ConnectorLog, "error">): FenceMemory {
  return {
    read: () => {
      const known = existsSync(path) ? readKnown(path, log) : NOTHING_KNOWN;
      if (known.lost) {
        const todo =
          "a bot may place after its next restart; once no old engine runs, stop the connector and remove it";
        log.error("numbers of bots' runs were lost: none may place until it was started again", { path, todo });
      }
      return { ...known, where: path };
    },
    keep: ({ highest, lost }) => {
      try {
        const runs = Object.fromEntries(highest);
        const text = JSON.stringify(lost ? { ...runs, [LOST]: 1 } : runs);
        // the copy first: what `path` says was said there before, so either has every number that was let pass
        write(copyOf(path), text);
        write(path, text);
      } catch (error) {
        log.error("run numbers of bots are not kept: a restart will forget them", { path, error: String(error) });
      }
    },
  };
}

const copyOf = (path: string): string => `${path}.copy`;
const NOTHING_KNOWN: KnownRuns = { highest: new Map(), lost: false };

/** No bot is named so. */
const LOST = "";

function readKnown(path: string, log: Pick<ConnectorLog, "error">): KnownRuns {
  try {
    return readWhole(path);
  } catch (error) {
    const purpose = "it keeps an engine whose bot runs elsewhere by now from placing orders";
    log.error("the file of bots' run numbers cannot be read", { path, purpose, error: String(error) });
  }
  try {
    const known = readWhole(copyOf(path));
    log.error("the copy of bots' run numbers stands in: nothing is lost", { path: copyOf(path) });
    return known;
  } catch {
    return { highest: new Map(), lost: true };
  }
}

/** Errors: what is there cannot be read, or is no such file. */
function readWhole(path: string): KnownRuns {
  const highest = new Map(epochsOf(JSON.parse(readFileSync(path, "utf8"))));
  return { highest, lost: highest.delete(LOST) };
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
