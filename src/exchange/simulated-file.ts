// The memory of a simulated exchange that shares its process with a bot: written before any reply leaves, so that after
// a kill it still knows what it accepted, as a real exchange would. A whole file or the one before, never half of one.

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { decodeCanonical, encodeCanonical } from "../base/canonical.ts";
import type { SimulatedExchange } from "../sim/exchange.ts";
import type { RecordEntry } from "../sim/record.ts";
import type { SavedExchange } from "../sim/saved-exchange.ts";

/** The file cannot be read as a saved exchange. */
export class SavedExchangeError extends Error {
  override readonly name = "SavedExchangeError";
  readonly code = "SAVED_EXCHANGE_UNREADABLE";
}

/** What the file holds: the exchange, and the machine's time (Unix ms) when it was kept, where the keeper told it. */
export interface KeptExchange extends SavedExchange {
  readonly keptAtMs?: number;
}

/** `keptAtMs`: the machine's own time now, by which a later process knows how long nobody ran the exchange. */
export function writeExchange(path: string, exchange: SimulatedExchange, keptAtMs?: number): void {
  const temporary = `${path}.tmp`;
  const saved = exchange.save();
  writeFileSync(temporary, encodeCanonical(keptAtMs === undefined ? saved : { ...saved, keptAtMs }));
  renameSync(temporary, path);
}

/** Null where there is no file. Throws {@link SavedExchangeError} on one that cannot be read. */
export function readExchange(path: string): KeptExchange | null {
  if (!existsSync(path)) return null;
  try {
    const saved: unknown = decodeCanonical(readFileSync(path, "utf8"));
    if (typeof saved === "object" && saved !== null && "version" in saved && saved.version === 1) {
      return saved as KeptExchange;
    }
  } catch (cause) {
    throw new SavedExchangeError(`${path} is not a saved exchange; move it away to start afresh`, { cause });
  }
  throw new SavedExchangeError(`${path} is no exchange saved by this version; move it away to start afresh`);
}

/** Appends each entry of the exchange's record to a file, one JSON line each: what the crash test believes. */
export function recordTo(path: string): (entry: RecordEntry) => void {
  return (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`);
}
